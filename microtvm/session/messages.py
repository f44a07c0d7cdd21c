# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the frames of a session mean: requests to their payloads, replies to values.

README.md beside this file describes the messages. No I/O here.
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass
from typing import Any

from microtvm.errors import SessionError

PROTOCOL_VERSION = 4

REPLY = 0x80
START = 0xFE
FAULT = 0xFF

# Faults in a row, without a request that was answered, after which a device does not start again.
MOST_FAULTS = 5


class Kind(enum.IntEnum):
    """The requests."""

    DEVICE_INFO = 1
    MODEL_INFO = 2
    TENSOR_WRITE = 3
    TENSOR_READ = 4
    TENSOR_CRC = 5
    RUN = 6
    RUN_LAYER = 7
    LAYER_TICKS = 8
    STACK = 9
    RESET = 10
    POOL_INFO = 11
    LAST_FAULT = 12


class Status(enum.IntEnum):
    """What a device answers to a request, besides the answer itself."""

    OK = 0
    BAD_REQUEST = 1
    UNKNOWN_KIND = 2
    NO_SUCH_MODEL = 3
    NO_SUCH_TENSOR = 4
    NO_SUCH_LAYER = 5
    OUT_OF_RANGE = 6
    NOT_ALIVE = 7
    NOT_AN_INPUT = 8
    INPUTS_MISSING = 9
    OUT_OF_ORDER = 10
    LAYER_FAILED = 11
    NOT_RUN = 12
    BAD_MODEL = 13
    CORRUPT_FRAME = 14
    NO_SUCH_POOL = 15
    PENDING = 255


_EXPLANATIONS = {
    Status.BAD_REQUEST: "the request has the wrong size",
    Status.UNKNOWN_KIND: "the firmware does not know this request",
    Status.NO_SUCH_MODEL: "the firmware has no such model",
    Status.NO_SUCH_TENSOR: "the model has no such tensor",
    Status.NO_SUCH_LAYER: "the model has no such layer",
    Status.OUT_OF_RANGE: "bytes outside the tensor were asked for",
    Status.NOT_ALIVE: "the tensor's memory holds something else now",
    Status.NOT_AN_INPUT: "only inputs of the model can be written",
    Status.INPUTS_MISSING: "an input was not written, or was overwritten since",
    Status.OUT_OF_ORDER: "another layer must run first",
    Status.LAYER_FAILED: "the layer's code returned an error",
    Status.NOT_RUN: "this model was not the last to run",
    Status.BAD_MODEL: "the model does not fit the firmware's memory",
    Status.NO_SUCH_POOL: "the model has no such pool",
}


@dataclass(frozen=True)
class Request:
    """One request without its sequence number."""

    kind: Kind
    payload: bytes = b""


@dataclass(frozen=True)
class DeviceInfo:
    """What does not change while the firmware runs.

    Attributes:
        workspace_size: bytes of all pools of the firmware.
        starts: of the program since power-on, 1 or more; one more means that it started again.
        receive_buffer: bytes that are kept while the device does not read; 0 if the line waits.
        layer_timeout_ms: the most of its own time that a layer may take; 0 for no limit.
    """

    protocol_version: int
    max_payload: int
    model_count: int
    clock_hz: int
    tick_hz: int
    stack_size: int
    workspace_size: int
    starts: int
    receive_buffer: int
    layer_timeout_ms: int
    firmware_version: str
    board: str
    cpu: str


@dataclass(frozen=True)
class ModelInfo:
    """A model that the firmware holds."""

    checksum: int
    tensor_count: int
    input_count: int
    output_count: int
    layer_count: int
    pool_count: int
    name: str


@dataclass(frozen=True)
class PoolUse:
    """A pool of a model in the firmware.

    Attributes:
        size: bytes that the model uses.
        memory: bytes that the firmware has for it: more where another model needs more.
    """

    size: int
    memory: int
    name: str


@dataclass(frozen=True)
class StackUse:
    """The stack's size and the most of it that was ever in use, in bytes."""

    size: int
    used: int


@dataclass(frozen=True)
class Registers:
    """What a Cortex-M core stores of the code that an exception interrupts, and its stack pointer.

    A register that the device could not know is 0.
    """

    r0: int
    r1: int
    r2: int
    r3: int
    r12: int
    lr: int
    pc: int
    xpsr: int
    sp: int


@dataclass(frozen=True)
class Fault:
    """Why a device stopped, and in which thread. Numbers that it could not know are 0.

    Attributes:
        fault_status: the core's CFSR.
        hard_fault_status: its HFSR.
        address: that was accessed; of a stack that overflowed, outside it.
        stack_size: bytes of the stack on which models run.
        repeated: faults in a row without a request that was answered between them, this one
            included; from MOST_FAULTS on the device does not start again.
    """

    registers: Registers
    fault_status: int
    hard_fault_status: int
    address: int
    stack_size: int
    repeated: int
    thread: str
    reason: str


_FAULT_NUMBERS = "<13IB"
_REGISTERS = 9


def model_info(model: int) -> Request:
    return Request(Kind.MODEL_INFO, struct.pack("<H", model))


def pool_info(model: int, pool: int) -> Request:
    return Request(Kind.POOL_INFO, struct.pack("<HH", model, pool))


def tensor_write(model: int, tensor: int, offset: int, data: bytes) -> Request:
    return Request(Kind.TENSOR_WRITE, struct.pack("<HHI", model, tensor, offset) + data)


# What tensor_write adds to the data.
TENSOR_WRITE_OVERHEAD = struct.calcsize("<HHI")


def tensor_read(model: int, tensor: int, offset: int, size: int) -> Request:
    return Request(Kind.TENSOR_READ, struct.pack("<HHII", model, tensor, offset, size))


def tensor_crc(model: int, tensor: int) -> Request:
    return Request(Kind.TENSOR_CRC, struct.pack("<HH", model, tensor))


def run(model: int) -> Request:
    return Request(Kind.RUN, struct.pack("<H", model))


def run_layer(model: int, layer: int) -> Request:
    return Request(Kind.RUN_LAYER, struct.pack("<HH", model, layer))


def layer_ticks(model: int, first: int, count: int) -> Request:
    return Request(Kind.LAYER_TICKS, struct.pack("<HHH", model, first, count))


def explain(status: int) -> str:
    """A status that is not OK, in words."""
    try:
        named = Status(status)
    except ValueError:
        return f"status {status}, which this version does not know"
    return f"{_EXPLANATIONS.get(named, 'unexpected')} ({named.name})"


def parse_device_info(payload: bytes) -> DeviceInfo:
    return DeviceInfo(*_numbers_and_texts("<HHHIIIIIII", payload, 3))


def parse_model_info(payload: bytes) -> ModelInfo:
    return ModelInfo(*_numbers_and_texts("<IHHHHH", payload, 1))


def parse_pool_info(payload: bytes) -> PoolUse:
    return PoolUse(*_numbers_and_texts("<II", payload, 1))


def parse_stack(payload: bytes) -> StackUse:
    return StackUse(*_unpack("<II", payload))


def parse_fault(payload: bytes) -> Fault:
    """Of a fault frame."""
    size = struct.calcsize(_FAULT_NUMBERS)
    numbers = _unpack(_FAULT_NUMBERS, payload[:size])
    length = payload[size] if len(payload) > size else 0
    end = size + 1 + length
    if len(payload) < end:
        raise _malformed(payload, f"a thread's name after {size} bytes")
    thread, reason = payload[size + 1 : end], payload[end:]
    others = (*numbers[_REGISTERS:], _printable(thread), _printable(reason))
    return Fault(Registers(*numbers[:_REGISTERS]), *others)


def parse_last_fault(payload: bytes) -> Fault | None:
    """Of the reply to LAST_FAULT: the fault that ended the start before this one, if one did."""
    return parse_fault(payload) if payload else None


def parse_start(payload: bytes) -> int:
    """Of the frame START: how often the program has started since power-on, this time included."""
    return parse_u32(payload)


def parse_u32(payload: bytes) -> int:
    return int(_unpack("<I", payload)[0])


def parse_u64(payload: bytes) -> int:
    return int(_unpack("<Q", payload)[0])


def parse_ticks(payload: bytes, count: int) -> tuple[int, ...]:
    return _unpack(f"<{count}I", payload)


def parse_layers_done(payload: bytes) -> int:
    """How far the model has run, from the reply NOT_ALIVE."""
    return int(_unpack("<H", payload)[0])


def _unpack(layout: str, payload: bytes) -> tuple[Any, ...]:
    if len(payload) != struct.calcsize(layout):
        raise _malformed(payload, f"{struct.calcsize(layout)} bytes")
    return struct.unpack(layout, payload)


def _numbers_and_texts(layout: str, payload: bytes, text_count: int) -> tuple[Any, ...]:
    """Numbers, then texts that each have their length in one byte before them."""
    size = struct.calcsize(layout)
    numbers = _unpack(layout, payload[:size])
    texts = []
    rest = payload[size:]
    for _ in range(text_count):
        length = rest[0] if rest else 0
        if not rest or len(rest) < 1 + length:
            raise _malformed(payload, f"{text_count} texts after {size} bytes")
        texts.append(_printable(rest[1 : 1 + length]))
        rest = rest[1 + length :]
    if rest:
        raise _malformed(payload, "nothing after the last text")
    return (*numbers, *texts)


def _printable(text: bytes) -> str:
    """Text that may be shown: what a device sends must not steer a terminal."""
    decoded = text.decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "?" for letter in decoded)


def _malformed(payload: bytes, expected: str) -> SessionError:
    return SessionError(
        f"The device sent a reply of {len(payload)} bytes that cannot be read",
        expected=expected,
        hint="build the firmware again with this version of microtvm",
    )
