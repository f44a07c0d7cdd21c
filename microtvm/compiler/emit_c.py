# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A program as C files: layers, constants with calls and descriptor, and the model's header."""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Mapping
from typing import Any

import jinja2

from microtvm.compiler.c_values import C_TYPES, c_array
from microtvm.compiler.lower import Parameter
from microtvm.compiler.names import c_string, member_names
from microtvm.compiler.program import Function, Layer, PlacedTensor, Program

_SOURCES = "codegen/host/src"
_HEADERS = "codegen/host/include"


def emit_c(program: Program) -> tuple[Mapping[str, str], int]:
    """Renders the C files.

    Returns:
        Text by path in the Model Library Format, and the checksum that the descriptor carries: the
        CRC-32 of the files as they are with the checksum 0.
    """
    files = _render(program, checksum=0)
    checksum = zlib.crc32("".join(files[path] for path in sorted(files)).encode())
    return _render(program, checksum), checksum


@functools.cache
def _environment() -> jinja2.Environment:
    """One for all models: the templates take longer to compile than to fill in."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("microtvm.compiler", "templates"),
        autoescape=False,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def _render(program: Program, checksum: int) -> dict[str, str]:
    environment = _environment()
    values = _values(program, checksum)
    module = program.options.module_name
    paths = {
        "model.c.jinja": f"{_SOURCES}/{module}_lib0.c",
        "layers.c.jinja": f"{_SOURCES}/{module}_lib1.c",
        "model.h.jinja": f"{_HEADERS}/tvmgen_{module}.h",
    }
    return {
        path: environment.get_template(template).render(values) for template, path in paths.items()
    }


def _values(program: Program, checksum: int) -> dict[str, Any]:
    inputs, outputs = _interface(program)
    return {
        "module": program.options.module_name,
        "checksum": checksum,
        "pools": program.pools,
        "workspace_pools": program.workspace_pools,
        "has_own_io": program.options.memory.io == "workspace",
        "is_dual_issue": program.options.target.is_dual_issue,
        "places_constants": any(constant.pool for constant in program.constants),
        "headers": [_include(header) for header in program.headers],
        "functions": [
            {
                "signature": _signature(program, function),
                "unused": _unused(function),
                "body": function.body,
            }
            for function in program.functions
        ],
        "constants": [
            {
                "name": constant.name,
                "mark": f" MICROTVM_CONSTANT_POOL({constant.pool})" if constant.pool else "",
                "type": C_TYPES[str(constant.data.dtype)],
                "count": constant.data.size,
                "text": c_array(constant.data),
            }
            for constant in program.constants
        ],
        "layers": [
            {"index": layer.index, "call": _call(program, layer)} for layer in program.layers
        ],
        "tensors": [_descriptor(program, index) for index in program.described],
        "inputs": inputs,
        "outputs": outputs,
    }


def _include(header: str) -> str:
    return f'"{header}"' if "/" in header else f"<{header}>"


def _signature(program: Program, function: Function) -> str:
    last = len(function.parameters) - 1 - (function.parameters[-1].name == "scratch")
    parts = []
    for position, parameter in enumerate(function.parameters):
        # Everything before the output is only read.
        qualifier = "const " if position < last else ""
        parts.append(f"{qualifier}{C_TYPES[parameter.dtype]} *{parameter.name}")
    return f"{program.symbol(function.name)}({', '.join(parts)})"


def _unused(function: Function) -> list[str]:
    """Parameters that the body does not read, as where a clamp leaves one value."""
    names = [parameter.name for parameter in function.parameters]
    return [name for name in names if not re.search(rf"\b{name}\b", function.body)]


def _call(program: Program, layer: Layer) -> str | None:
    if layer.function is None:
        return None
    function = next(entry for entry in program.functions if entry.name == layer.function)
    arguments = [_address(program, index) for index in layer.inputs]
    arguments += list(layer.constants)
    arguments.append(_address(program, layer.output))
    if layer.scratch is not None:
        arguments.append(f"pools[{layer.scratch_pool}] + {layer.scratch}")
    last = len(function.parameters) - 1 - (layer.scratch is not None)
    casts = [
        _cast(parameter, argument, read_only=position < last)
        for position, (parameter, argument) in enumerate(
            zip(function.parameters, arguments, strict=True)
        )
    ]
    return f"{program.symbol(layer.function)}({', '.join(casts)})"


def _cast(parameter: Parameter, argument: str, *, read_only: bool) -> str:
    if (
        not argument.startswith(("pools", "inputs", "outputs", "(uint8_t *)"))
        or parameter.name == "scratch"
    ):
        return argument
    qualifier = "const " if read_only else ""
    return f"({qualifier}{C_TYPES[parameter.dtype]} *)({argument})"


def _address(program: Program, index: int) -> str:
    """Where a layer finds a tensor: the caller's memory, a pool or flash."""
    placed = program.tensors[index]
    part = placed.tensor.part
    if part is not None and part.whole in (*program.inputs, *program.outputs):
        return f"(uint8_t *){_address(program, part.whole)} + {part.offset}"
    if index in program.inputs:
        return f"inputs[{program.inputs.index(index)}]"
    if index in program.outputs:
        return f"outputs[{program.outputs.index(index)}]"
    if placed.constant is not None:
        return placed.constant
    return _callers(program, placed) or _place(placed)


def _callers(program: Program, placed: PlacedTensor) -> str | None:
    """Of a tensor that is an input or output of the caller in another shape, or part of it."""
    if program.pools[placed.pool].kind != "io" or placed.offset is None:
        return None
    for name, indices in (("inputs", program.inputs), ("outputs", program.outputs)):
        for position, index in enumerate(indices):
            tensor = program.tensors[index]
            start = placed.offset - (tensor.offset or 0)
            if 0 <= start < tensor.tensor.size_bytes:
                address = f"{name}[{position}]"
                return f"(uint8_t *){address} + {start}" if start else address
    return None


def _place(placed: PlacedTensor) -> str:
    return f"pools[{placed.pool}] + {placed.offset}"


def _descriptor(program: Program, index: int) -> dict[str, Any]:
    placed = program.tensors[index]
    return {
        "name": c_string(placed.tensor.name),
        "pool": placed.pool,
        "offset": placed.offset,
        "size": placed.tensor.size_bytes,
        "alive_from": placed.alive_from,
        "alive_to": placed.alive_to,
        "dtype": f"MICROTVM_DTYPE_{placed.tensor.dtype.upper()}",
    }


def _interface(program: Program) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The members of the inputs struct and of the outputs struct."""
    order = program.described
    indices = (*program.inputs, *program.outputs)
    names = [program.tensors[index].tensor.name for index in indices]
    members = member_names(names, taken=[pool.name for pool in program.pools])
    entries = []
    for position, (index, member) in enumerate(zip(indices, members, strict=True)):
        struct = "inputs" if position < len(program.inputs) else "outputs"
        placed = program.tensors[index]
        entries.append(
            {
                "from_struct": f"{struct}->{member}",
                "member": member,
                "index": order.index(index),
                "address": _place(placed),
                "size": placed.tensor.size_bytes,
                "dtype_name": placed.tensor.dtype,
                "shape": list(placed.tensor.shape),
            }
        )
    return entries[: len(program.inputs)], entries[len(program.inputs) :]
