# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What --print-schedules says of a network."""

from __future__ import annotations

import json
import re

from support.int8_network import int8_network

from microtvm.artifact import archive_files
from microtvm.compiler import CompileOptions, compile_model
from microtvm.report.schedules import schedules_text
from microtvm.session import parse_metadata
from microtvm.target import Target

_TAKEN = re.compile(r"^  takes (\w+)(?: \([\w ,]+\))?, ([\d,]+) cycles$", re.MULTILINE)


def _text(target: str) -> str:
    options = CompileOptions(Target(target), weights="auto")
    files = archive_files(compile_model(int8_network(), options))
    return schedules_text(parse_metadata(json.loads(files["metadata.json"]), "here"))


def test_each_layer_has_one_schedule_and_its_cycles() -> None:
    text = _text("cortex-m4")
    layers = re.findall(r"^(\d+)_\w+$", text, re.MULTILINE)
    taken = _TAKEN.findall(text)
    assert [int(index) for index in layers] == list(range(1, len(layers) + 1))
    assert len(taken) == len(layers)
    assert {"dsp_conv2d", "dsp_dense"} <= {name for name, _ in taken}


def test_the_others_are_dearer_or_no_gain() -> None:
    reasons = re.findall(r"could take .*: ([\d.]+) times the cycles(.*)$", _text("cortex-m7"), re.M)
    assert len(reasons) > 5
    for ratio, rest in reasons:
        assert float(ratio) >= 1 or rest == ", within the error of the estimate, or for more memory"


def test_what_cannot_be_taken_is_told_with_the_reason() -> None:
    text = _text("cortex-m4+nodsp")
    assert "cannot take dsp_conv2d: it needs the DSP extension" in text
    assert set(name for name, _ in _TAKEN.findall(text)) == {"plain"}
