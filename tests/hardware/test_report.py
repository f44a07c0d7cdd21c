# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The two files of --hardware-report: the same whatever the order in which tests end."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from support.hardware.report import PROPERTY, ReportPlugin

FIRMWARE = {
    "firmware": {
        "cpu": "cortex-m4",
        "clock_hz": 25_000_000,
        "tick_hz": 25_000_000,
        "firmware_version": "0.1.0",
    }
}
BOARD = {"device": "b-zephyr-7", "board": "b", "platform": "zephyr", "serial_number": "7"}
LAYERS = [
    {"layer": 1, "operator": "conv2d", "schedule": "dsp_conv2d", "exact": True, "ticks": 1500},
    {"layer": 2, "operator": "dense", "schedule": "plain", "exact": False},
]


def ended(name: str, found: dict[str, Any], outcome: str = "passed") -> pytest.TestReport:
    why = "the first line\nthe second" if outcome == "failed" else None
    return pytest.TestReport(
        nodeid=f"tests/hardware/test_devices.py::{name}@group",
        location=("tests/hardware/test_devices.py", 1, name),
        keywords={},
        outcome=outcome,  # type: ignore[arg-type]
        longrepr=why,
        when="call",
        user_properties=[("another", 1), (PROPERTY, {**BOARD, **found})],
    )


ENDED = (
    ended(
        "test_a",
        {**FIRMWARE, "model": "m", "cases": 13, "layers": LAYERS[:1], "ticks": 1500}
        | {"stack": {"used": 800, "bound": 900, "size": 1280}},
    ),
    ended("test_b", {**FIRMWARE, "model": "n", "cases": 2, "layers": LAYERS}, "failed"),
    ended("test_c", {"faults": {"division by zero": "The device stopped"}}),
    ended("test_d", {"device": "a-baremetal", "board": "a", "model": "m"}, "failed"),
)


def write(folder: Path, reports: tuple[pytest.TestReport, ...]) -> tuple[str, str]:
    plugin = ReportPlugin(folder)
    for report in reports:
        plugin.pytest_runtest_logreport(report)
    plugin.pytest_sessionfinish()
    return (folder / "report.json").read_text(), (folder / "report.txt").read_text()


def test_the_order_of_tests_changes_nothing(tmp_path: Path) -> None:
    written = {write(tmp_path / "x", order) for order in itertools.permutations(ENDED)}
    assert len(written) == 1


def test_for_programs(tmp_path: Path) -> None:
    document = json.loads(write(tmp_path, ENDED)[0])
    unreached, board = document["devices"]
    assert unreached["device"] == "a-baremetal"
    assert unreached["tests"][0]["failure"] == "the first line"
    assert (board["serial_number"], board["clock_hz"]) == ("7", 25_000_000)
    assert [test["test"] for test in board["tests"]] == ["test_a", "test_b", "test_c"]
    assert [test["outcome"] for test in board["tests"]] == ["passed", "failed", "passed"]
    assert board["tests"][1]["layers"] == LAYERS


def test_for_people(tmp_path: Path) -> None:
    lines = [" ".join(line.split()) for line in write(tmp_path, ENDED)[1].splitlines()]
    assert (
        "b, zephyr; serial_number 7; cortex-m4 at 25 MHz, 25,000,000 ticks a second; firmware 0.1.0"
        in lines
    )
    assert "m passed 1 of 1 13 1,500 0.060 800 900 1,280" in lines
    assert "n failed 1 of 2 2 - - - - -" in lines
    assert "1 conv2d dsp_conv2d 1,500 yes" in lines
    assert "2 dense plain - NO" in lines
    assert lines[lines.index("fault: division by zero") + 1] == "The device stopped"
    assert "FAILED test_b: the first line" in lines


def test_nothing_was_tested(tmp_path: Path) -> None:
    assert write(tmp_path / "new" / "folder", ())[1] == "no device was tested\n"
