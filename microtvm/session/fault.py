# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a device tells of why it stopped, as one error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from microtvm.errors import SessionError

if TYPE_CHECKING:
    from microtvm.session.messages import Fault

# The function at an address of the firmware, "" where that is not known.
NameOf = Callable[[int], str]

_STACK_OVERFLOW = "stack overflow"


def no_name(address: int) -> str:
    """Of a firmware whose ELF file is not at hand."""
    return ""


def fault_error(fault: Fault, name_of: NameOf) -> SessionError:
    """The error: what happened, in which thread and function, the registers, what to try."""
    where = f" in thread {fault.thread}" if fault.thread else ""
    function = name_of(fault.pc)
    if fault.reason == _STACK_OVERFLOW:
        told = f"{where} at 0x{fault.address:08x}, {fault.stack_size} bytes configured"
        registers = f"pc 0x{fault.pc:08x}, status 0x{fault.fault_status:08x}"
    else:
        told = f"{where} at 0x{fault.pc:08x}"
        registers = f"status 0x{fault.fault_status:08x}, address 0x{fault.address:08x}"
    named = f", in {function}" if function else ""
    return SessionError(
        f"The device stopped and started again: {fault.reason}{told}{named} ({registers})",
        hint=_hint(fault, function),
    )


def _hint(fault: Fault, function: str) -> str:
    if fault.reason == _STACK_OVERFLOW:
        return "a larger main_stack_size in the project's options"
    if function:
        return f"look at {function}; arm-none-eabi-addr2line -e on the ELF file tells the line"
    return "look the address up with arm-none-eabi-addr2line -e on the firmware's ELF file"
