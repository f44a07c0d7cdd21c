# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A device's requests as methods with typed arguments and results, for one model in it.

Tensors travel in parts, as large as the device takes and the line carries.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from microtvm.errors import DeviceRestartedError, SessionError, TransportTimeoutError
from microtvm.session import messages
from microtvm.session.credit import lost_after_s
from microtvm.session.fault import fault_error, restarted_error
from microtvm.session.framing import MAX_PAYLOAD, payload_in
from microtvm.session.link import Link, Patience
from microtvm.session.messages import (
    TENSOR_WRITE_OVERHEAD,
    DeviceInfo,
    Fault,
    Kind,
    ModelInfo,
    PoolUse,
    Request,
    StackUse,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from microtvm.session.metadata import ModelMetadata, TensorInfo

# A part that fails this often is tried at half its size; the smallest has the link's patience.
_PART_ATTEMPTS = 3
_SMALLEST_PART = 32
_SUCCESSES_BEFORE_GROWTH = 16

_MOST_MODELS = 256


class Device:
    """What a session asks of a device.

    Args:
        link: to the device.
        quick: patience for requests that are answered at once.
        slow: patience for runs, which may take seconds a layer.

    Attributes:
        info: what the device is.
        has_just_started: whether it said so before it answered for the first time.
    """

    def __init__(self, link: Link, quick: Patience, slow: Patience) -> None:
        self._link = link
        self._quick = quick
        self._slow = slow
        self._successes = 0
        self.info = self._learn()
        _check_info(self.info)
        self._link.credit.capacity = self.info.receive_buffer
        self._link.credit.lost_after_s = lost_after_s(self.info.layer_timeout_ms)
        self._largest_part = _largest_part(self.info)
        self._part = self._largest_part

    def find_model(self, wanted: ModelMetadata) -> int:
        """The model's index in the firmware.

        Raises:
            SessionError: it is not there, or was compiled anew since the firmware was built.
        """
        held: list[ModelInfo] = []
        for index in range(self.info.model_count):
            model = messages.parse_model_info(self._ask(messages.model_info(index)))
            if model.name == wanted.name:
                _check_model(model, wanted)
                return index
            held.append(model)
        raise SessionError(
            f"The firmware on {self.info.board} does not hold the model {wanted.name!r}",
            expected=f"one of {', '.join(repr(model.name) for model in held) or 'none'}",
            hint="flash the firmware of this project",
        )

    def write(self, model: int, tensor: TensorInfo, data: bytes) -> None:
        """Writes a whole input."""

        def write_part(offset: int, size: int, patience: Patience) -> None:
            part = data[offset : offset + size]
            self._ask(messages.tensor_write(model, tensor.index, offset, part), patience)

        self._in_parts(len(data), write_part)

    def read(self, model: int, tensor: TensorInfo) -> bytes:
        """Reads a whole tensor.

        Raises:
            SessionError: its memory holds something else now.
        """
        parts: list[bytes] = []

        def read_part(offset: int, size: int, patience: Patience) -> None:
            request = messages.tensor_read(model, tensor.index, offset, size)
            part = self._ask(request, patience, tensor)
            if len(part) != size:
                raise SessionError(f"The device sent {len(part)} bytes where {size} were asked for")
            parts.append(part)

        self._in_parts(tensor.size_bytes, read_part)
        return b"".join(parts)

    def crc(self, model: int, tensor: TensorInfo) -> int:
        """The CRC-32 of a tensor's bytes."""
        request = messages.tensor_crc(model, tensor.index)
        return messages.parse_u32(self._ask(request, self._quick, tensor))

    def run(self, model: int) -> int:
        """Runs the whole model; returns its ticks."""
        return messages.parse_u64(self._ask(messages.run(model), self._slow))

    def run_layer(self, model: int, layer: int) -> int:
        """Runs one layer; returns its ticks."""
        return messages.parse_u32(self._ask(messages.run_layer(model, layer), self._slow))

    def layer_ticks(self, model: int, layer_count: int) -> tuple[int, ...]:
        """The ticks of each layer in the last run."""
        ticks: tuple[int, ...] = ()
        while len(ticks) < layer_count:
            count = min(layer_count - len(ticks), self._largest_part // 4)
            request = messages.layer_ticks(model, len(ticks) + 1, count)
            ticks += messages.parse_ticks(self._ask(request), count)
        return ticks

    def pools(self, model: int, count: int) -> tuple[PoolUse, ...]:
        """The pools of a model."""
        requests = (messages.pool_info(model, pool) for pool in range(count))
        return tuple(messages.parse_pool_info(self._ask(request)) for request in requests)

    def stack(self) -> StackUse:
        """The stack's size and its high-water mark."""
        return messages.parse_stack(self._ask(Request(Kind.STACK)))

    def reset(self) -> None:
        """Starts the firmware again and waits until it answers.

        A repeated request would start it twice, since a device forgets what it has answered. So
        the request is sent again only when a later one shows that it did not arrive.
        """
        before = self.info.starts
        for _ in range(self._quick.attempts):
            answered = self._ask_for_reset()
            self.info = self._learn()
            if answered or self.info.starts != before:
                return
        raise TransportTimeoutError("The device answers but does not start again")

    def _ask_for_reset(self) -> bool:
        """Asks once, and waits for the start if the request was answered."""
        self._link.start = None
        try:
            reply = self._link.exchange(Request(Kind.RESET), replace(self._quick, attempts=1))
        except TransportTimeoutError:
            return False
        if reply.status != Status.OK:
            raise _refused(Kind.RESET, reply.status)
        self._link.wait_for_start(self._quick.reply_s)
        return True

    def last_fault(self) -> Fault | None:
        """The fault that ended the start before this one, if one did."""
        reply = self._link.exchange(Request(Kind.LAST_FAULT), self._quick)
        return messages.parse_last_fault(reply.payload) if reply.status == Status.OK else None

    def _learn(self) -> DeviceInfo:
        """What the device is now, whichever of its starts this is."""
        self._link.start = None
        reply = self._link.exchange(Request(Kind.DEVICE_INFO), self._quick)
        if reply.status != Status.OK:
            raise _refused(Kind.DEVICE_INFO, reply.status)
        info = messages.parse_device_info(reply.payload)
        self.has_just_started = self._link.start == info.starts
        self._link.start = info.starts
        self._reconnections = self._link.reconnections
        return info

    def _ask(
        self, request: Request, patience: Patience | None = None, tensor: TensorInfo | None = None
    ) -> bytes:
        """The reply to a request.

        Raises:
            DeviceRestartedError: the device has started again, for no reason that it knows.
            SessionError: it refused the request, or has stopped for a fault.
        """
        try:
            reply = self._link.exchange(request, patience or self._quick)
        except DeviceRestartedError:
            self._explain_restart()
            raise
        if reply.status == Status.OK:
            return reply.payload
        self._check_same_start()
        if reply.status == Status.NOT_ALIVE and tensor is not None:
            raise _not_alive(tensor, messages.parse_layers_done(reply.payload))
        raise _refused(request.kind, reply.status)

    def _check_same_start(self) -> None:
        """A device that refused something may have started again since, and told nobody.

        After power-on starts are counted anew, so that the first of them looks like another first.
        """
        before, reconnections = self._link.start, self._reconnections
        self.info = self._learn()
        was_away = self._reconnections != reconnections
        if before is not None and (self.info.starts != before or (was_away and before == 1)):
            self._explain_restart()
            raise restarted_error(self.info.starts)

    def _explain_restart(self) -> None:
        """Raises the fault that was the reason of the device's start, if one was."""
        self.info = self._learn()
        fault = self.last_fault()
        if fault is not None:
            raise fault_error(fault, self._link.name_of)

    def _in_parts(self, total: int, transfer: Callable[[int, int, Patience], None]) -> None:
        """Calls `transfer` for parts that cover 0 to `total`; smaller ones on a bad line."""
        offset = 0
        while offset < total:
            size = min(self._part, total - offset)
            smallest = size <= _SMALLEST_PART
            attempts = self._quick.attempts if smallest else _PART_ATTEMPTS
            patience = Patience(self._quick.reply_s, attempts, self._quick.total_s)
            try:
                transfer(offset, size, patience)
            except TransportTimeoutError:
                if smallest:
                    raise
                self._part = max(_SMALLEST_PART, size // 2)
                self._successes = 0
                continue
            offset += size
            self._grow()

    def _grow(self) -> None:
        self._successes += 1
        if self._successes >= _SUCCESSES_BEFORE_GROWTH:
            self._successes = 0
            self._part = min(self._largest_part, self._part * 2)


def _largest_part(info: DeviceInfo) -> int:
    """Bytes of the largest part of a tensor: a frame and its repetition fit the port's buffer."""
    payload = min(info.max_payload, MAX_PAYLOAD)
    if info.receive_buffer:
        payload = min(payload, payload_in(info.receive_buffer // 2))
    return payload - TENSOR_WRITE_OVERHEAD


def _refused(kind: Kind, status: int) -> SessionError:
    return SessionError(f"The device refused {kind.name}: {messages.explain(status)}")


def _check_info(info: DeviceInfo) -> None:
    if info.protocol_version != messages.PROTOCOL_VERSION:
        raise SessionError(
            f"The firmware speaks version {info.protocol_version} of the protocol",
            expected=str(messages.PROTOCOL_VERSION),
            hint="build and flash the firmware with this version of microtvm",
        )
    if info.model_count > _MOST_MODELS:
        raise SessionError(
            f"The firmware says that it holds {info.model_count} models",
            expected=f"at most {_MOST_MODELS}",
        )
    if _largest_part(info) < _SMALLEST_PART:
        raise SessionError(
            f"The firmware takes only {info.max_payload} bytes in a frame and keeps"
            f" {info.receive_buffer} bytes while it is busy"
        )


def _check_model(model: ModelInfo, wanted: ModelMetadata) -> None:
    counts = (
        model.tensor_count,
        model.input_count,
        model.output_count,
        model.layer_count,
        model.pool_count,
    )
    expected = (
        len(wanted.tensors),
        len(wanted.inputs),
        len(wanted.outputs),
        len(wanted.layers),
        len(wanted.pools),
    )
    if model.checksum != wanted.checksum or counts != expected:
        raise SessionError(
            f"The firmware holds another model {model.name!r}: its checksum is"
            f" 0x{model.checksum:08x}",
            expected=f"0x{wanted.checksum:08x}, as in the project's metadata.json",
            hint="build and flash the project again",
        )


def _not_alive(tensor: TensorInfo, done: int) -> SessionError:
    return SessionError(
        f"Tensor {tensor.name!r} cannot be read after layer {done}: its memory holds"
        " something else",
        expected=f"a read after one of the layers {tensor.alive_from} to {tensor.alive_to}",
        hint="run_layer() up to there, then get_tensor()",
    )
