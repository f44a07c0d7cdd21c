# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""From the bytes of a .tflite file to C; read compile_model from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from microtvm.compiler.build_program import Observe, build_program, own_outputs
from microtvm.compiler.choice import Choose
from microtvm.compiler.emit_c import emit_c
from microtvm.compiler.fold_padding import fold_padding
from microtvm.compiler.fold_qdq import fold_qdq
from microtvm.compiler.importer import import_tflite, unsupported_error
from microtvm.compiler.network_text import network_text
from microtvm.compiler.operators import Network
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.program import Program
from microtvm.compiler.schedule import cheapest_schedule
from microtvm.compiler.simplify import Simplification, simplify

__all__ = ["STAGES", "CompileOptions", "CompiledModel", "compile_model", "compile_network"]

STAGES = ("relax", "operators", "tir", "plan", "c")


@dataclass(frozen=True, eq=False)
class CompiledModel:
    """A program and its C.

    Attributes:
        files: text by path in the Model Library Format.
        checksum: CRC-32 that the C descriptor carries.
        relax: the QDQ form that the program was made from, as TVMScript.
        simplification: what was left out, None if nothing was to be.
    """

    program: Program
    files: Mapping[str, str]
    checksum: int
    relax: str
    simplification: Simplification | None = None


def _ignore(stage: str, text: str) -> None:
    """The observer of a caller that wants none."""


def compile_model(
    model: bytes,
    options: CompileOptions | None = None,
    observe: Observe = _ignore,
    choose: Choose = cheapest_schedule,
) -> CompiledModel:
    """Compiles a TFLite model.

    Args:
        model: the bytes of a .tflite file, int8 or int16 in full, or float32.
        observe: called with the name and the text of each of STAGES as it is reached.
        choose: by what each layer is computed.

    Raises:
        ModelError: the file is damaged.
        UnsupportedOperatorError: some operators have no exact code; all are named.
    """
    options = options or CompileOptions()
    imported = import_tflite(model)
    relax = str(imported.module.script(show_meta=False))
    observe("relax", relax)
    network, unmatched = fold_qdq(imported)
    if imported.unsupported or unmatched:
        raise unsupported_error((*imported.unsupported, *unmatched))
    return compile_network(network, options, observe, choose, relax=relax)


def compile_network(
    network: Network,
    options: CompileOptions,
    observe: Observe = _ignore,
    choose: Choose = cheapest_schedule,
    *,
    relax: str = "",
) -> CompiledModel:
    """Compiles integer operators, wherever they are from.

    Args:
        relax: what they were made from.
    """
    network = own_outputs(network)
    simplification = None
    if options.simplify:
        network, simplification = simplify(network)
    network = fold_padding(network)
    observe("operators", network_text(network))
    program = build_program(network, options, observe, choose)
    files, checksum = emit_c(program)
    observe("c", "\n".join(files[path] for path in sorted(files)))
    return CompiledModel(program, files, checksum, relax, simplification)
