# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a device tells of why it stopped, as one error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from microtvm.errors import DeviceRestartedError, SessionError
from microtvm.session.messages import MOST_FAULTS

if TYPE_CHECKING:
    from microtvm.session.messages import Fault

# The function at an address of the firmware, "" where that is not known.
NameOf = Callable[[int], str]

_STACK_OVERFLOW = "stack overflow"
_HANG = "no end of "

# An address in lr is odd for Thumb code, and behind the call, where another function may begin.
_THUMB = 1
_BACK_INTO_CALL = 2


def no_name(address: int) -> str:
    """Of a firmware whose ELF file is not at hand."""
    return ""


def fault_error(fault: Fault, name_of: NameOf) -> SessionError:
    """The error: what happened, in which thread and function, the registers, what to try."""
    function, caller = name_of(fault.registers.pc), _caller(fault, name_of)
    thread = f" in thread {fault.thread}" if fault.thread else ""
    return SessionError(
        f"{_outcome(fault)}: {fault.reason}{thread}{_place(fault)}"
        f"{_functions(function, caller)} ({_registers(fault)})",
        hint=_hint(fault, function or caller),
    )


def restarted_error(start: int) -> DeviceRestartedError:
    """The error of a device that has started again and kept no fault that would say why."""
    return DeviceRestartedError(
        f"The device has started again in the middle of this: it is its start {start} since"
        " power-on, and no fault was kept from the one before",
        hint="look at its reset button, its power supply and its watchdog, and do it again from"
        " the first layer",
    )


def _outcome(fault: Fault) -> str:
    if fault.repeated >= MOST_FAULTS:
        return f"The device stopped {fault.repeated} times in a row and does not start again"
    if fault.repeated > 1:
        return f"The device stopped and started again, {fault.repeated} times in a row"
    return "The device stopped and started again"


def _place(fault: Fault) -> str:
    if fault.reason == _STACK_OVERFLOW:
        return f" at 0x{fault.address:08x}, {fault.stack_size} bytes configured"
    return f" at 0x{fault.registers.pc:08x}"


def _caller(fault: Fault, name_of: NameOf) -> str:
    """The function with the last call: of one that calls nothing, and of a jump, its caller."""
    returns_to = fault.registers.lr & ~_THUMB
    return name_of(returns_to - _BACK_INTO_CALL) if returns_to else ""


def _functions(function: str, caller: str) -> str:
    if not function:
        return f", called from {caller}" if caller else ""
    return f", in {function}" + (f", last call in {caller}" if caller not in ("", function) else "")


def _registers(fault: Fault) -> str:
    values = {
        **asdict(fault.registers),
        "cfsr": fault.fault_status,
        "hfsr": fault.hard_fault_status,
        "address": fault.address,
    }
    return ", ".join(f"{name} 0x{value:08x}" for name, value in values.items())


def _hint(fault: Fault, function: str) -> str:
    if fault.reason == _STACK_OVERFLOW:
        return "a larger main_stack_size in the project's options"
    if fault.reason.startswith(_HANG):
        where = function or "the layer"
        return f"look for an endless loop in {where}, or give a larger layer_timeout_ms"
    if function:
        return f"look at {function}; arm-none-eabi-addr2line -e on the ELF file tells the line"
    return "look the address up with arm-none-eabi-addr2line -e on the firmware's ELF file"
