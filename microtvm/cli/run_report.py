# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What `tvmc run` shows of a session: times, layers, stack, differences from a reference."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from microtvm.cli.console import format_table
from microtvm.session import DeviceInfo, LayerComparison, LayerProfile, PoolUse, StackUse

_NAME_WIDTH = 40


def times_table(seconds: Sequence[float]) -> str:
    """The usual statistics, one measurement being the mean of --number runs."""
    numbers = [
        statistics.fmean(seconds),
        statistics.median(seconds),
        max(seconds),
        min(seconds),
        statistics.pstdev(seconds),
    ]
    header = ["mean (ms)", "median (ms)", "max (ms)", "min (ms)", "std (ms)"]
    return format_table(header, [[_milliseconds(number) for number in numbers]])


def profile_table(profile: Sequence[LayerProfile]) -> str:
    """Each layer's part of the last run, and the sum."""
    total = sum(row.ticks for row in profile)
    rows = [
        [
            str(row.layer.index),
            row.layer.operator + ("" if row.output is None else row.output.rows_text),
            row.layer.schedule,
            f"{row.layer.macs:,}",
            f"{row.ticks:,}",
            _milliseconds(row.seconds),
            f"{row.ticks / total:.1%}" if total else "-",
        ]
        for row in profile
    ]
    seconds = sum(row.seconds for row in profile)
    macs = sum(row.layer.macs for row in profile)
    rows.append(["", "total", "", f"{macs:,}", f"{total:,}", _milliseconds(seconds), ""])
    header = ["layer", "operator", "schedule", "MACs", "ticks", "ms", "share"]
    return format_table(header, rows)


def device_lines(info: DeviceInfo, stack: StackUse, pools: Sequence[PoolUse]) -> str:
    """What the times were measured on, and the memory that the model and the run take."""
    sizes = ", ".join(f"{pool.name} {pool.size:,}" for pool in pools)
    parts = f" ({sizes})" if len(pools) > 1 else ""
    return (
        f"device: {info.board}, {info.cpu} at {info.clock_hz / 1e6:g} MHz, "
        f"{info.tick_hz:,} ticks a second\n"
        f"stack: {stack.used:,} of {stack.size:,} bytes used at most; "
        f"workspace: {sum(pool.size for pool in pools):,} bytes{parts}"
    )


def instructions_line(profile: Sequence[LayerProfile]) -> str:
    """For a device whose clock QEMU drives: one instruction takes one nanosecond of it."""
    count = round(sum(row.seconds for row in profile) * 1e9)
    return f"QEMU counts instructions for time, a million in 1 ms: {count:,} in an inference"


def comparison_table(rows: Sequence[LayerComparison]) -> str:
    """Each layer's output next to the reference's."""
    cells = [
        [
            str(row.layer.index),
            row.layer.operator,
            row.layer.schedule,
            f"{_short(row.tensor.first_name)}{row.tensor.rows_text}",
            f"{row.elements:,}",
            "-" if row.mismatches is None else f"{row.mismatches:,}",
            "-" if row.mismatches is None else f"{row.largest_difference:g}",
            _verdict(row),
        ]
        for row in rows
    ]
    header = ["layer", "operator", "schedule", "output", "elements", "differ", "by at most", ""]
    return format_table(header, cells)


def comparison_verdict(rows: Sequence[LayerComparison]) -> tuple[int, str]:
    """How many outputs differ, and a sentence on all of them."""
    different = sum(bool(row.mismatches) for row in rows)
    compared = sum(row.mismatches is not None for row in rows)
    close = sum(_verdict(row) == "close" for row in rows)
    equal = compared - different - close
    sentence = f"{equal} of {compared} layer outputs equal the reference's"
    if close:
        sentence += f"; {close} of float32 differ in their last bits"
    if compared < len(rows):
        sentence += f"; {len(rows) - compared} have no counterpart in the model file"
    return different, sentence


def _short(name: str) -> str:
    return name if len(name) <= _NAME_WIDTH else "..." + name[3 - _NAME_WIDTH :]


def _verdict(row: LayerComparison) -> str:
    if row.mismatches is None:
        return "not in the model file"
    if row.mismatches:
        return "DIFFERS"
    return "close" if row.largest_difference else "equal"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.3f}"
