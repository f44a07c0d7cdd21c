# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A compiled model as a Model Library Format archive, module.tar: same model, same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from microtvm.compiler import CompiledModel
from microtvm.compiler.choice import Candidate, Choice
from microtvm.compiler.program import Layer, PlacedTensor, PlannedPool, Program
from microtvm.compiler.stack import stack_bytes
from microtvm.resources import firmware_dir

METADATA_VERSION = 7
SCHEMA = 2
# A date would make two builds of one model differ; the format wants one.
_EXPORT_DATETIME = "1970-01-01 00:00:00Z"
_DEVICE_TYPE_CPU = 1


def write_module_tar(compiled: CompiledModel, path: Path) -> None:
    """Writes the archive whole or not at all.

    Raises:
        OSError: the folder cannot be written.
    """
    write_archive(archive_files(compiled), path)


def write_archive(files: Mapping[str, bytes], path: Path) -> None:
    """The same for files that `archive_files` gave."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(_packed(files))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def module_tar(compiled: CompiledModel) -> bytes:
    """The archive's bytes."""
    return _packed(archive_files(compiled))


def _packed(files: Mapping[str, bytes]) -> bytes:
    """Names begin with "./" and are sorted, owner root, time 0."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(files):
            entry = tarfile.TarInfo(f"./{name}")
            entry.size = len(files[name])
            entry.uname = entry.gname = "root"
            archive.addfile(entry, io.BytesIO(files[name]))
    return buffer.getvalue()


def archive_files(compiled: CompiledModel) -> Mapping[str, bytes]:
    """Content by path: generated C, the headers that it includes, Relax text and metadata."""
    module = compiled.program.options.module_name
    code = {path: text.encode() for path, text in compiled.files.items()}
    include = firmware_dir() / "include"
    for header in _own_headers(compiled.program, include):
        code[f"codegen/host/include/{header}"] = (include / header).read_bytes()
    metadata = json.dumps(_metadata(compiled, code), indent=1).encode() + b"\n"
    return {**code, f"src/{module}.relax": compiled.relax.encode(), "metadata.json": metadata}


def _own_headers(program: Program, include: Path) -> list[str]:
    """The program's headers below microtvm/, and those that they include."""
    found: list[str] = []
    waiting = ["microtvm/model.h", *program.headers]
    if any(constant.pool for constant in program.constants):
        waiting.append("microtvm/placement.h")
    while waiting:
        header = waiting.pop()
        if not header.startswith("microtvm/") or header in found:
            continue
        found.append(header)
        text = (include / header).read_text(encoding="utf-8")
        waiting += re.findall(r'^#include "([^"]+)"$', text, flags=re.MULTILINE)
    return sorted(found)


def _metadata(compiled: CompiledModel, code: Mapping[str, bytes]) -> dict[str, Any]:
    program = compiled.program
    module = program.options.module_name
    return {
        "version": METADATA_VERSION,
        "modules": {
            module: {
                "model_name": module,
                "export_datetime": _EXPORT_DATETIME,
                "style": "full-model",
                "target": [str(program.options.target)],
                "executors": ["aot"],
                "memory": {"functions": _functions(program)},
                "external_dependencies": [],
                "microtvm": _own_metadata(compiled, code),
            }
        },
    }


def _functions(program: Program) -> dict[str, Any]:
    """The memory table that clients of the format's version 7 read."""
    io_bytes = sum(
        program.tensors[index].tensor.size_bytes for index in (*program.inputs, *program.outputs)
    )
    main = {
        "device": _DEVICE_TYPE_CPU,
        "workspace_size_bytes": sum(pool.size for pool in program.workspace_pools),
        "constants_size_bytes": program.constant_bytes,
        "io_size_bytes": io_bytes,
        "inputs": _sizes(program, program.inputs),
        "outputs": _sizes(program, program.outputs),
    }
    layers = [
        {
            "function_name": program.symbol(layer.function),
            "workspace": [
                {"device": _DEVICE_TYPE_CPU, "workspace_size_bytes": layer.scratch_bytes}
            ],
        }
        for layer in program.layers
        if layer.function is not None
    ]
    return {"main": [main], "operator_functions": layers}


def _sizes(program: Program, indices: tuple[int, ...]) -> dict[str, Any]:
    """By name; where names are not unique, later ones get a number."""
    sizes: dict[str, Any] = {}
    for index in indices:
        tensor = program.tensors[index].tensor
        name, count = tensor.name, 1
        while name in sizes:
            name, count = f"{tensor.name}_{count}", count + 1
        sizes[name] = {"size": tensor.size_bytes, "dtype": tensor.dtype}
    return sizes


def _own_metadata(compiled: CompiledModel, code: Mapping[str, bytes]) -> dict[str, Any]:
    program = compiled.program
    placed = program.described
    number = {index: position for position, index in enumerate(placed)}
    return {
        "schema": SCHEMA,
        "checksum": compiled.checksum,
        "target": program.options.target.mcpu,
        "inputs": [number[index] for index in program.inputs],
        "outputs": [number[index] for index in program.outputs],
        "tensors": [_tensor(program.tensors[index]) for index in placed],
        "layers": [_layer(program, layer, number) for layer in program.layers],
        "simplified": None if compiled.simplification is None else asdict(compiled.simplification),
        **({"chains": [asdict(chain) for chain in program.chains]} if program.chains else {}),
        "memory": {
            "workspace_bytes": program.workspace_bytes,
            "workspace_lower_bound_bytes": program.workspace_lower_bound,
            "pools": [_pool(pool) for pool in program.pools],
            "constant_bytes": program.constant_bytes,
            "constant_pools": [
                {"name": pool.name, "size_bytes": pool.size}
                for pool in program.constant_pools
                if not pool.is_flash
            ],
            "stack_bytes": stack_bytes(program),
        },
        "files": {path: hashlib.sha256(code[path]).hexdigest() for path in sorted(code)},
    }


def _pool(pool: PlannedPool) -> dict[str, Any]:
    return {
        "name": pool.name,
        "size_bytes": pool.size,
        "lower_bound_bytes": pool.lower_bound,
        "kind": pool.kind,
    }


def _tensor(placed: PlacedTensor) -> dict[str, Any]:
    tensor = placed.tensor
    return {
        "name": tensor.name,
        "shape": list(tensor.shape),
        "dtype": tensor.dtype,
        "scale": [] if tensor.scale is None else [tensor.scale],
        "zero_point": [] if tensor.scale is None else [tensor.zero_point],
        "size_bytes": tensor.size_bytes,
        "pool": placed.pool,
        "offset": placed.offset,
        "alive_from": placed.alive_from,
        "alive_to": placed.alive_to,
        "source_index": tensor.source_index,
        "channels": None if tensor.channels is None else list(tensor.channels),
        **({} if tensor.rows is None else {"rows": list(tensor.rows)}),
    }


def _layer(program: Program, layer: Layer, number: Mapping[int, int]) -> dict[str, Any]:
    return {
        "index": layer.index,
        "name": layer.name,
        "operator": layer.operator,
        "schedule": layer.schedule,
        "choice": _choice(layer.choice),
        "macs": layer.macs,
        "inputs": [
            number[index] for index in _wholes(program, layer.inputs, number) if index in number
        ],
        "outputs": [number[layer.output]],
        "function": None if layer.function is None else program.symbol(layer.function),
        "constant_bytes": layer.constant_bytes,
        "scratch_bytes": layer.scratch_bytes,
        "scratch": _scratch(layer),
    }


def _scratch(layer: Layer) -> dict[str, int] | None:
    if layer.scratch is None:
        return None
    return {
        "pool": layer.scratch_pool,
        "offset": layer.scratch,
        "size_bytes": layer.scratch_bytes,
    }


def _wholes(program: Program, indices: tuple[int, ...], number: Mapping[int, int]) -> Iterator[int]:
    """What is described of them: the tensors that parts are of."""
    for index in indices:
        part = program.tensors[index].tensor.part
        yield index if index in number or part is None else part.whole


def _choice(choice: Choice) -> dict[str, Any]:
    """Why the layer has its schedule: what it was chosen from, and what was no choice."""
    return {
        **_candidate(choice.taken),
        "others": [_candidate(other) for other in choice.others],
        "refused": dict(choice.refusals),
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "schedule": candidate.schedule,
        "blocks": dict(candidate.blocks),
        "estimated_cycles": candidate.cost.cycles,
    }
