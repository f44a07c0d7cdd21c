# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A fault as one error."""

from __future__ import annotations

from dataclasses import replace

from microtvm.session.fault import fault_error, no_name
from microtvm.session.messages import MOST_FAULTS, Fault, Registers

REGISTERS = Registers(1, 2, 3, 4, 12, 0x2345, 0x1234, 0x61000000, 0x20000FF0)
DIVISION = Fault(REGISTERS, 0x02000000, 0, 0, 4096, 1, "main", "division by zero")
# Of these only the first two hold the registers' pc and the call that lr returns behind.
FUNCTIONS = {0x1234: "run_layer", 0x2342: "run"}


def name_of(address: int) -> str:
    return FUNCTIONS.get(address, "")


def test_the_function_and_the_last_call_are_named() -> None:
    error = fault_error(DIVISION, name_of)
    assert error.found == (
        "The device stopped and started again: division by zero in thread main at 0x00001234,"
        " in run_layer, last call in run (r0 0x00000001, r1 0x00000002, r2 0x00000003,"
        " r3 0x00000004, r12 0x0000000c, lr 0x00002345, pc 0x00001234, xpsr 0x61000000,"
        " sp 0x20000ff0, cfsr 0x02000000, hfsr 0x00000000, address 0x00000000)"
    )
    assert error.hint is not None
    assert error.hint.startswith("look at run_layer; ")


def test_a_last_call_in_the_function_itself_says_nothing_more() -> None:
    error = fault_error(DIVISION, {0x1234: "run_layer", 0x2342: "run_layer"}.__getitem__)
    assert ", in run_layer (r0" in error.found


def test_a_jump_to_nowhere_names_its_caller() -> None:
    jump = replace(DIVISION, reason="jump to nowhere", registers=replace(REGISTERS, pc=0x90000000))
    error = fault_error(jump, name_of)
    assert "jump to nowhere in thread main at 0x90000000, called from run (r0" in error.found
    assert error.hint is not None
    assert error.hint.startswith("look at run; ")


def test_a_call_at_the_very_end_of_a_function_is_its_own() -> None:
    """What lr holds behind a call that never returns is where the next function begins."""
    names = {0x1234: "", 0x2342: "the_caller", 0x2344: "the_next"}
    assert "called from the_caller" in fault_error(DIVISION, names.__getitem__).found


def test_without_an_image() -> None:
    error = fault_error(replace(DIVISION, thread=""), no_name)
    assert "division by zero at 0x00001234 (r0" in error.found
    assert error.hint is not None
    assert "addr2line" in error.hint


def test_a_full_stack_needs_a_larger_one() -> None:
    overflow = replace(DIVISION, reason="stack overflow", address=0x1FFFFFFC)
    error = fault_error(overflow, {0x1234: "recurse", 0x2342: "recurse"}.__getitem__)
    assert "at 0x1ffffffc, 4096 bytes configured, in recurse (r0" in error.found
    assert error.hint is not None
    assert "main_stack_size" in error.hint


def test_registers_that_are_not_known_name_nothing() -> None:
    unknown = replace(DIVISION, registers=Registers(0, 0, 0, 0, 0, 0, 0, 0, 0))
    asked: list[int] = []

    def note(address: int) -> str:
        asked.append(address)
        return ""

    fault_error(unknown, note)
    assert asked == [0]


def test_a_hang_tells_what_may_be_changed() -> None:
    hang = replace(DIVISION, reason="no end of layer 3 within 10000 ms")
    error = fault_error(hang, name_of)
    assert "no end of layer 3 within 10000 ms in thread main at 0x00001234" in error.found
    assert error.hint == (
        "look for an endless loop in run_layer, or give a larger layer_timeout_ms"
    )


def test_faults_in_a_row_are_told() -> None:
    twice = fault_error(replace(DIVISION, repeated=2), name_of)
    assert twice.found.startswith("The device stopped and started again, 2 times in a row: div")
    stopped = fault_error(replace(DIVISION, repeated=MOST_FAULTS), name_of)
    assert stopped.found.startswith(
        "The device stopped 5 times in a row and does not start again: division by zero in thread"
    )
