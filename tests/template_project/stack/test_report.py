# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The report of a build's stack: read back as written, and a small stack refused with numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from microtvm_project.errors import BuildError
from microtvm_project.stack.graph import Bound, Step
from microtvm_project.stack.report import StackReport, load_stack_report

_REPORT = StackReport(
    program=Bound(600, (Step("main", 264), Step("run", 336))),
    interrupt_bytes=108,
    guard_bytes=96,
    configured=1064,
    models={"net": Bound(300, (Step("run", 300),))},
)
_UNBOUNDED = replace(_REPORT, program=Bound(None, (Step("main", 264),), "main calls itself"))


@pytest.mark.parametrize("report", [_REPORT, _UNBOUNDED])
def test_reading_is_the_inverse_of_writing(tmp_path: Path, report: StackReport) -> None:
    report.save(tmp_path)
    assert load_stack_report(tmp_path) == report


def test_the_bound_has_all_parts_and_the_margin_is_aligned() -> None:
    assert _REPORT.bound == 600 + 108 + 96
    assert _REPORT.recommended == 1064  # 1,060 at a multiple of 8
    assert (_UNBOUNDED.bound, _UNBOUNDED.recommended) == (None, None)
    assert replace(_REPORT, program=Bound(10, ()), guard_bytes=0).recommended == 512


def test_a_stack_below_the_bound_is_refused_with_both_numbers_and_the_way() -> None:
    replace(_REPORT, configured=804).check()
    replace(_UNBOUNDED, configured=8).check()
    with pytest.raises(BuildError) as caught:
        replace(_REPORT, configured=800).check()
    assert str(caught.value) == (
        "The main stack has 800 bytes, and the program may need 804: main 264, run 336,"
        " interrupt 108, guard 96\n"
        "  expected: main_stack_size of 808 or more\n"
        "  try: --project-option main_stack_size=1064, a margin included"
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"schema": 2}, "another schema"),
        ({"interrupt_bytes": "many"}, "'interrupt_bytes' is 'many'"),
        ({"program": []}, "program is a list"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    _REPORT.save(tmp_path)
    path = tmp_path / "stack.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(BuildError, match=told):
        load_stack_report(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_files_that_are_no_reports(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "stack.json").write_bytes(content)
    with pytest.raises(BuildError, match="Cannot read"):
        load_stack_report(tmp_path)
