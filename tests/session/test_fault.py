# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A fault as one error."""

from __future__ import annotations

from dataclasses import replace

from microtvm.session.fault import fault_error, no_name
from microtvm.session.messages import Fault

DIVISION = Fault(0x1234, 0x02000000, 0, 4096, "main", "division by zero")


def test_the_function_is_named() -> None:
    error = fault_error(DIVISION, {0x1234: "run_layer"}.__getitem__)
    assert error.found == (
        "The device stopped and started again: division by zero in thread main at 0x00001234,"
        " in run_layer (status 0x02000000, address 0x00000000)"
    )
    assert error.hint.startswith("look at run_layer; ")


def test_without_an_image() -> None:
    error = fault_error(replace(DIVISION, thread=""), no_name)
    assert "division by zero at 0x00001234 (status" in error.found
    assert "addr2line" in error.hint


def test_a_full_stack_needs_a_larger_one() -> None:
    overflow = replace(DIVISION, reason="stack overflow", address=0x1FFFFFFC)
    error = fault_error(overflow, {0x1234: "recurse"}.__getitem__)
    assert "at 0x1ffffffc, 4096 bytes configured, in recurse (pc 0x00001234" in error.found
    assert "main_stack_size" in error.hint
