# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Tables of times, layers and differences, from values made here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microtvm.cli.run_report import (
    comparison_table,
    comparison_verdict,
    device_lines,
    instructions_line,
    profile_table,
    times_table,
)
from microtvm.session import (
    DeviceInfo,
    LayerComparison,
    LayerInfo,
    LayerProfile,
    PoolUse,
    StackUse,
    TensorInfo,
)

CONV = LayerInfo(1, "1_conv", "conv2d", "plain", 1200, (0,), (1,))
ADD = LayerInfo(2, "2_add", "add", "plain", 0, (1,), (2,))
TENSOR = TensorInfo(1, "out", (1, 4), "int8", (0.5,), (0,), 4, 0, 0, 1, 2, 7)


def test_times() -> None:
    header, _, numbers = times_table([0.001, 0.002, 0.006]).splitlines()
    assert header.split("  ")[0] == "mean (ms)"
    assert numbers.split() == ["3.000", "2.000", "6.000", "1.000", "2.160"]


def test_profile() -> None:
    table = profile_table([LayerProfile(CONV, 300, 0.003), LayerProfile(ADD, 100, 0.001)])
    rows = [line.split() for line in table.splitlines()[2:]]
    assert rows == [
        ["1", "conv2d", "plain", "1,200", "300", "3.000", "75.0%"],
        ["2", "add", "plain", "0", "100", "1.000", "25.0%"],
        ["total", "1,200", "400", "4.000"],
    ]


def test_a_stripe_is_shown_with_its_rows() -> None:
    output = replace(TENSOR, rows=(8, 16))
    lines = profile_table([LayerProfile(CONV, 300, 0.003, output)]).splitlines()
    assert "conv2d, rows 8 to 15" in lines[2]
    row = LayerComparison(CONV, output, 4, 0, 0.0)
    assert f"{TENSOR.first_name}, rows 8 to 15" in comparison_table([row]).splitlines()[2]


def test_profile_of_a_clock_that_stands_still() -> None:
    rows = profile_table([LayerProfile(CONV, 0, 0.0)]).splitlines()[2:]
    assert rows[0].split()[-1] == "-"


def test_instructions() -> None:
    line = instructions_line([LayerProfile(CONV, 300, 0.003), LayerProfile(ADD, 100, 0.001)])
    assert line.endswith(": 4,000,000 in an inference")


def test_device() -> None:
    info = DeviceInfo(1, 512, 1, 25_000_000, 1000, 4096, 1280, 1, 0, 0, "1", "a_board", "cortex-m4")
    stack = StackUse(size=4096, used=548)
    lines = device_lines(info, stack, [PoolUse(1280, 5000, "global_workspace")])
    assert lines == (
        "device: a_board, cortex-m4 at 25 MHz, 1,000 ticks a second\n"
        "stack: 548 of 4,096 bytes used at most; workspace: 1,280 bytes"
    )
    pools = [PoolUse(1280, 1280, "global_workspace"), PoolUse(40_000, 40_000, "dtcm")]
    assert device_lines(info, stack, pools).endswith(
        "workspace: 41,280 bytes (global_workspace 1,280, dtcm 40,000)"
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a/b;c/d;e", "a/b"),
        ("x" * 40, "x" * 40),
        ("y" * 40 + "/Relu", "..." + "y" * 32 + "/Relu"),
    ],
)
def test_long_names_are_cut(name: str, shown: str) -> None:
    row = LayerComparison(CONV, replace(TENSOR, name=name), 4, 0, 0.0)
    assert comparison_table([row]).splitlines()[2].split()[3] == shown


def test_comparison() -> None:
    rows = [
        LayerComparison(CONV, TENSOR, 4, 0, 0.0),
        LayerComparison(ADD, TENSOR, 4, 2, 3.0),
        LayerComparison(ADD, TENSOR, 4, None, 0.0),
    ]
    lines = comparison_table(rows).splitlines()[2:]
    assert [line.split(maxsplit=7)[4:] for line in lines] == [
        ["4", "0", "0", "equal"],
        ["4", "2", "3", "DIFFERS"],
        ["4", "-", "-", "not in the model file"],
    ]
    assert comparison_verdict(rows) == (
        1,
        "1 of 2 layer outputs equal the reference's; 1 have no counterpart in the model file",
    )
