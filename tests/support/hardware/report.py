# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the suite found on boards: report.json for programs, report.txt for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from microtvm.cli.console import format_table

# What one test found; kept with its report, which xdist sends to the process that writes.
Findings = dict[str, Any]
PROPERTY = "microtvm_hardware"

SCHEMA = 1
_DEVICE_KEYS = ("device", "board", "platform", "serial_number", "port", "place")


class ReportPlugin:
    """Collects what tests found, and writes it when all have run. Tests may end in any order.

    Args:
        folder: of the two files; it is made where it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: list[Findings] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps what a test found with how it ended."""
        if report.when == "teardown" or (report.when == "setup" and report.passed):
            return
        for name, found in report.user_properties:
            if name == PROPERTY and isinstance(found, dict):
                ended = {"test": _test_name(report.nodeid), "outcome": report.outcome}
                if report.failed:
                    ended["failure"] = _reason(report)
                self._found.append({**found, **ended})

    def pytest_sessionfinish(self) -> None:
        """Writes both files."""
        document = report_document(self._found)
        self._folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(document, indent=2, sort_keys=True) + "\n"
        (self._folder / "report.json").write_text(text, encoding="utf-8")
        (self._folder / "report.txt").write_text(report_text(document), encoding="utf-8")


def report_document(found: list[Findings]) -> dict[str, Any]:
    """The tests' findings by device, ordered by the names of devices and tests."""
    devices: dict[str, dict[str, Any]] = {}
    for one in sorted(found, key=lambda one: (one["device"], one["test"])):
        known = {key: one[key] for key in _DEVICE_KEYS if key in one} | one.get("firmware", {})
        device = devices.setdefault(one["device"], {"tests": []})
        device |= known
        rest = {key: value for key, value in one.items() if key not in (*_DEVICE_KEYS, "firmware")}
        device["tests"].append(rest)
    return {"schema": SCHEMA, "devices": list(devices.values())}


def report_text(document: dict[str, Any]) -> str:
    """The same to be read: a section for each device, with a table of its models and layers."""
    sections = [_device_text(device) for device in document["devices"]]
    return "\n\n".join(sections or ["no device was tested"]) + "\n"


def _device_text(device: dict[str, Any]) -> str:
    parts = [_heading(device)]
    models = [test for test in device["tests"] if "model" in test]
    faults = [row for test in device["tests"] for row in test.get("faults", {}).items()]
    if models:
        parts.append(_models_table(models, device.get("tick_hz", 0)))
    parts += [_layers_table(model) for model in models if model.get("layers")]
    parts += [f"fault: {name}\n    {told}" for name, told in faults]
    for test in device["tests"]:
        if test["outcome"] != "passed":
            parts.append(f"{test['outcome'].upper()} {test['test']}: {test.get('failure', '')}")
    return "\n\n".join(parts)


def _heading(device: dict[str, Any]) -> str:
    where = [f"{key} {device[key]}" for key in _DEVICE_KEYS[3:] if key in device] or ["QEMU"]
    told = [f"{device['board']}, {device['platform']}", *where]
    if "cpu" in device:
        clock = f"{device['clock_hz'] / 1e6:g} MHz, {device['tick_hz']:,} ticks a second"
        told += [f"{device['cpu']} at {clock}", f"firmware {device['firmware_version']}"]
    text = "; ".join(told)
    return f"{text}\n{'=' * len(text)}"


def _models_table(models: list[dict[str, Any]], tick_hz: int) -> str:
    rows = []
    for model in models:
        layers, stack = model.get("layers", []), model.get("stack")
        exact = sum(layer["exact"] for layer in layers)
        ticks = model.get("ticks")
        cells = [model["model"], model["outcome"], f"{exact} of {len(layers)}"]
        cells += [str(model.get("cases", "-")), "-" if ticks is None else f"{ticks:,}"]
        cells.append("-" if ticks is None or not tick_hz else f"{ticks / tick_hz * 1e3:.3f}")
        cells += [f"{stack[key]:,}" if stack else "-" for key in ("used", "bound", "size")]
        rows.append(cells)
    header = ["model", "test", "exact layers", "cases", "ticks", "ms"]
    return format_table([*header, "stack used", "bound", "size"], rows)


def _layers_table(model: dict[str, Any]) -> str:
    rows = [
        [
            str(layer["layer"]),
            layer["operator"],
            layer["schedule"],
            f"{layer['ticks']:,}" if "ticks" in layer else "-",
            "yes" if layer["exact"] else "NO",
        ]
        for layer in model["layers"]
    ]
    table = format_table(["layer", "operator", "schedule", "ticks", "exact"], rows)
    return f"{model['model']}\n{table}"


def _test_name(node: str) -> str:
    """Without the file, and without the group that --dist loadgroup adds."""
    return node.rpartition("::")[2].partition("@")[0]


def _reason(report: pytest.TestReport) -> str:
    """The first line of why a test failed."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else str(report.longrepr)
    return (text.strip().splitlines() or ["no reason was given"])[0]
