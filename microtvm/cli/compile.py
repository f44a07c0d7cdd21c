# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc compile: a .tflite file to a Model Library Format archive."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from microtvm.cli.accepted_flags import add_accepted_flags, check_accepted_flags
from microtvm.cli.command import Command, UsageError
from microtvm.cli.console import format_table
from microtvm.cli.files import read_file, replaced_file, require_directory
from microtvm.cli.memory_arguments import add_memory_arguments, parse_memory
from microtvm.cli.memory_table import memory_table
from microtvm.cli.pool_table import pool_table
from microtvm.cli.target_arguments import add_target_arguments, named_board, parse_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microtvm_project.boards import Board

    from microtvm.cli.console import Console
    from microtvm.compiler import CompiledModel, CompileOptions
    from microtvm.compiler.memory_pools import MemoryOptions
    from microtvm.compiler.program import Program
    from microtvm.session import ModelMetadata
    from microtvm.target import Target

# The compiler's STAGES, which cannot be imported before the help is printed.
STAGES = ("relax", "operators", "tir", "plan", "c")


class CompileCommand(Command):
    name = "compile"
    summary = "Compile a TFLite model to C, as a Model Library Format archive"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("model", type=Path, metavar="MODEL", help="a .tflite file")
        parser.add_argument(
            "-o",
            "--output",
            type=Path,
            default=Path("module.tar"),
            metavar="FILE",
            help="the archive to write (default: module.tar)",
        )
        add_target_arguments(parser)
        parser.add_argument(
            "--module-name",
            default="default",
            metavar="NAME",
            help="part of every name in the C code (default: default)",
        )
        parser.add_argument(
            "--no-simplify",
            dest="simplify",
            action="store_false",
            help="keep channels that are constant or that no layer reads",
        )
        parser.add_argument(
            "--weights",
            choices=("int8", "int16", "auto"),
            default="int8",
            help="width of weights in flash: int16 takes twice the flash and fewer instructions; "
            "auto is int16 where a weight serves several pixels (default: int8)",
        )
        parser.add_argument(
            "--optimize",
            choices=("speed", "ram"),
            default="speed",
            help="ram: a smaller workspace for at most 1.3 times the instructions (default: speed)",
        )
        parser.add_argument(
            "--ram-budget",
            type=int,
            metavar="BYTES",
            help="the most that the workspace may have: takes what schedules it needs, and runs "
            "layers in stripes",
        )
        parser.add_argument(
            "--print-schedules",
            action="store_true",
            help="print why each layer has its schedule: its estimated cycles, and the others'",
        )
        add_memory_arguments(parser)
        _add_stage_arguments(parser)
        add_accepted_flags(parser)

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        check_accepted_flags(arguments)
        board = named_board(arguments.board)
        target = parse_target(arguments.target, arguments.target_c_mcpu, board)
        pools = parse_memory(arguments, board)
        printed = parse_stages(arguments.print_ir_after)
        dumped = parse_stages(arguments.dump_code)
        output: Path = arguments.output
        require_directory(output.parent)
        model = read_file(arguments.model, "the model")
        texts = _Texts()
        with console.step(f"compile {arguments.model.name} for {target.mcpu}"):
            options = _options(target, pools, arguments)
            compiled, metadata = _compile(model, options, output, texts, board)
        for stage in printed:
            console.print(f"---- {stage} ----\n{texts.of(stage)}")
        for stage in dumped:
            with replaced_file(Path(f"{output}.{stage}")) as path:
                path.write_text(texts.of(stage), encoding="utf-8")
        if arguments.print_schedules:
            console.print(_schedules(metadata))
        console.print(_summary(compiled))
        console.print(f"\n{_memory(metadata, board)}")
        console.print(f"wrote {output}")
        return 0


class _Texts:
    """What the compiler's stages looked like."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}

    def observe(self, stage: str, text: str) -> None:
        self._texts.setdefault(stage, []).append(text)

    def of(self, stage: str) -> str:
        return "\n".join(self._texts.get(stage, []))


def _add_stage_arguments(parser: argparse.ArgumentParser) -> None:
    stages = ", ".join(STAGES)
    parser.add_argument(
        "--print-ir-after",
        default="",
        metavar="STAGE[,STAGE]",
        help=f"print the program as it is after these stages: {stages}",
    )
    parser.add_argument(
        "--dump-code",
        default="",
        metavar="STAGE[,STAGE]",
        help="write the same to files named as the archive, with the stage's name behind",
    )


def parse_stages(text: str) -> tuple[str, ...]:
    """The stages named, in the compiler's order."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in STAGES:
            raise UsageError(f"there is no stage '{name}'", expected=f"one of {', '.join(STAGES)}")
    return tuple(stage for stage in STAGES if stage in names)


def _options(target: Target, pools: MemoryOptions, arguments: argparse.Namespace) -> CompileOptions:
    from microtvm.compiler import CompileOptions

    return CompileOptions(
        target,
        arguments.module_name,
        arguments.simplify,
        arguments.weights,
        arguments.optimize,
        pools,
        arguments.ram_budget,
    )


def _compile(
    model: bytes, options: CompileOptions, output: Path, texts: _Texts, board: Board | None
) -> tuple[CompiledModel, ModelMetadata]:
    """Writes the archive, of a model that fits the board."""
    from microtvm.artifact import archive_files, write_archive
    from microtvm.compiler import compile_model
    from microtvm.report.model_memory import check_model_fits
    from microtvm.session import parse_metadata

    compiled = compile_model(model, options, texts.observe)
    files = archive_files(compiled)
    metadata = parse_metadata(json.loads(files["metadata.json"]), str(output))
    if board is not None:
        check_model_fits(metadata, board)
    write_archive(files, output)
    return compiled, metadata


def _memory(metadata: ModelMetadata, board: Board | None) -> str:
    from microtvm.report.model_memory import model_memory

    return memory_table(model_memory(metadata, board))


def _schedules(metadata: ModelMetadata) -> str:
    from microtvm.report.schedules import schedules_text

    return schedules_text(metadata)


def _summary(compiled: CompiledModel) -> str:
    """The layers, what was left out, how wide weights are, and the pools that were named."""
    program = compiled.program
    rows = [_layer_row(program, index) for index in range(len(program.layers))]
    header = ["layer", "operator", "schedule", "output", "MACs", "constants"]
    pools = pool_table(program)
    rest = f"{_left_out(compiled)}{_stripes(program)}{_weights(program)}"
    rest += f"\n{pools}" if pools else ""
    return f"{format_table(header, rows)}\n{rest}".rstrip("\n")


def _left_out(compiled: CompiledModel) -> str:
    done = compiled.simplification
    if done is None or done.channels == done.channels_before:
        return ""
    return (
        f"simplified: {done.channels:,} of {done.channels_before:,} channels and "
        f"{done.macs:,} of {done.macs_before:,} MACs remain (--no-simplify keeps all)\n"
    )


def _stripes(program: Program) -> str:
    """A line a chain."""
    return "".join(
        f"in {chain.stripes} stripes of {chain.height} rows: layers {chain.first} to {chain.last}"
        f" ({', '.join(chain.operators)}), {chain.recomputed_macs:,} MACs twice"
        f" ({chain.recomputed_share:.1%})\n"
        for chain in program.chains
    )


def _weights(program: Program) -> str:
    """How wide weights are in flash, where a schedule gave them a choice."""
    parts = []
    for bits in (8, 16):
        layers = [
            layer
            for layer in program.layers
            if layer.choice.taken.blocks.get("weight_bits") == bits
        ]
        # Stripes of one chain have the same constants.
        sizes = {layer.constants: layer.constant_bytes for layer in layers}
        if layers:
            parts.append(f"int{bits} in {len(layers)} layers ({sum(sizes.values()):,} bytes)")
    return f"weights: {', '.join(parts)}\n" if parts else ""


def _layer_row(program: Program, index: int) -> Sequence[str]:
    layer = program.layers[index]
    tensor = program.tensors[layer.output].tensor
    shape = "x".join(str(size) for size in tensor.shape)
    if tensor.rows is not None:
        shape += f", rows {tensor.rows[0]} to {tensor.rows[1] - 1}"
    return [
        str(layer.index),
        layer.operator,
        layer.schedule,
        shape,
        f"{layer.macs:,}",
        f"{layer.constant_bytes:,}",
    ]
