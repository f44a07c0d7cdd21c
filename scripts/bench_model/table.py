# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Results as tables of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench_model.peers import WITH_STALLS, load_peers
from bench_model.result import LayerResult, Result

NOTE = (
    "Instructions are counted. Cycles are estimates, of the core alone; stalls are an estimate of\n"
    "what a flash with 64-bit reads, 5 wait states and line caches of 1 KB and 256 bytes adds."
)
BOARD_NOTE = "Cycles were measured by the board, with all its waiting for memory."
_LONGEST_NAME = 28
_EXACT = {True: "yes", False: "NO", None: ""}
_RATIO_NAMES = {
    "instructions": "instr.",
    "cycles": "cycles",
    WITH_STALLS: "with stalls",
    "workspace_bytes": "workspace",
    "stack_bytes": "stack",
    "code_bytes": "code",
}
_RATIO_HEAD = ("ours through theirs", "core", "theirs", *_RATIO_NAMES.values())
_LAYER_HEAD = (
    *("", "layer", "operator", "schedule", "MACs"),
    *("instr.", "a MAC", "cycles", "stalls", "exact"),
)
_MODEL_HEAD = (
    *("model", "board", "instr.", "a MAC", "cycles", "stalls"),
    *("workspace", "scratch", "stack", "code", "constants", "exact"),
)


def layer_table(result: Result) -> str:
    """The layers of one result."""
    rows = [_layer_row(layer) for layer in result.layers]
    return f"{_name(result)} on {result.board}\n" + _format((_LAYER_HEAD, *rows), left=4)


def summary_table(results: Sequence[Result]) -> str:
    """A line for each result."""
    return _format((_MODEL_HEAD, *(_model_row(result) for result in results)), left=2)


def ratio_table(results: Sequence[Result]) -> str:
    """Below 1 where we need less; empty where there is nobody to compare with."""
    titles = {peer.key: peer.title for peer in load_peers()}
    rows = [
        (_name(result), result.core, titles[key], *(_ratio(ratios, name) for name in _RATIO_NAMES))
        for result in results
        for key, ratios in result.ratios.items()
    ]
    return _format((_RATIO_HEAD, *rows), left=3) if rows else ""


def _name(result: Result) -> str:
    return f"{result.model} {result.options}".rstrip()


def _layer_row(layer: LayerResult) -> tuple[str, ...]:
    name = layer.name if len(layer.name) <= _LONGEST_NAME else f"…{layer.name[1 - _LONGEST_NAME :]}"
    return (
        *(str(layer.index), name, layer.operator, layer.schedule, f"{layer.macs:,}"),
        _figure(layer.instructions),
        _each(layer.instructions, layer.macs),
        _range(layer.cycles, layer.cycles_high),
        _figure(layer.stall_cycles),
        _EXACT[layer.bit_exact],
    )


def _model_row(result: Result) -> tuple[str, ...]:
    return (
        *(_name(result), result.board, _figure(result.instructions)),
        _each(result.instructions, result.macs),
        _range(result.cycles, result.cycles_high),
        _figure(result.stall_cycles),
        f"{result.workspace_bytes:,}",
        f"{result.scratch_bytes:,}",
        f"{result.stack_bytes:,}",
        f"{result.code_bytes:,}",
        f"{result.constant_bytes:,}",
        _EXACT[result.bit_exact],
    )


def _figure(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


def _each(count: int | None, macs: int) -> str:
    return f"{count / macs:.2f}" if count is not None and macs else ""


def _range(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _ratio(ratios: Mapping[str, float], name: str) -> str:
    return f"{ratios[name]:.2f}" if name in ratios else ""


def _format(rows: Sequence[Sequence[str]], left: int) -> str:
    """Columns as wide as they must be, the first `left` of them flush left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            text.ljust(width) if column < left else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
