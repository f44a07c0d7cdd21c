# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Drives one model on a device: inputs, runs, outputs, times, and the check against a reference."""

from __future__ import annotations

import contextlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm.errors import (
    DeviceRestartedError,
    MicroTVMError,
    SessionError,
    TransportTimeoutError,
)
from microtvm.session.comparison import (
    LayerComparison,
    compare,
    equal,
    not_compared,
    shaped_reference,
)
from microtvm.session.device import Device
from microtvm.session.fault import no_name
from microtvm.session.link import Link, Patience
from microtvm.session.tensors import Array, find_tensor, from_bytes, to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

    from microtvm_project.transports import Transport

    from microtvm.session.fault import NameOf
    from microtvm.session.messages import DeviceInfo, PoolUse, StackUse
    from microtvm.session.metadata import LayerInfo, ModelMetadata, TensorInfo

QUICK = Patience(reply_s=0.5, attempts=20, total_s=120.0)

# A layer may compute for seconds; between layers the device says that it is alive.
SLOW = Patience(reply_s=2.0, attempts=60, total_s=3600.0)


# How often a run is begun again with a device that has started again.
_REPETITIONS = 2


@dataclass(frozen=True)
class LayerProfile:
    """What one layer took in the last run.

    Attributes:
        output: what the layer writes, None where that is not known.
    """

    layer: LayerInfo
    ticks: int
    seconds: float
    output: TensorInfo | None = None


class Session:
    """A model on a device, as a context manager that opens and closes the transport.

    Inputs and outputs are named, or counted from 0. Arrays have the model's types: int8 values
    are not converted. An input that was set stays set for further runs.

    Args:
        transport: to the device; not open yet.
        model: what metadata.json says of the model.
        quick: how long the device may take for all requests but runs.
        slow: how long it may take for runs.
        name_of: the function at an address of the firmware, for errors; "" where it is not known.
        reset: start the device anew when the session begins, unless it has just started: by its
            own program, or by the transport where that does not answer.

    Raises on entry:
        TransportError: the transport cannot be opened, or nothing answers.
        SessionError: the firmware holds another model, or speaks another protocol.
    """

    def __init__(
        self,
        transport: Transport,
        model: ModelMetadata,
        quick: Patience = QUICK,
        slow: Patience = SLOW,
        name_of: NameOf = no_name,
        *,
        reset: bool = True,
    ) -> None:
        self.model = model
        self._reset = reset
        self._name_of = name_of
        self._transport = transport
        self._quick = quick
        self._slow = slow
        self._opened: tuple[Device, int] | None = None
        self._inputs: dict[int, bytes] = {}
        self._on_device: set[int] = set()
        # Whether the device holds the model: one that has started again may have been flashed.
        self._is_checked = False

    def __enter__(self) -> Session:
        try:
            self._transport.open()
            device = self._begin() if self._reset else self._connect()
            self._opened = (device, device.find_model(self.model))
            self._is_checked = True
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _connect(self) -> Device:
        return Device(Link(self._transport, name_of=self._name_of), self._quick, self._slow)

    def _begin(self) -> Device:
        """The device in the state in which it is after a start."""
        try:
            device = self._connect()
        except TransportTimeoutError as silence:
            try:
                self._transport.reset()
            except MicroTVMError as error:
                hint = f"{silence.hint}; it was not reset: {error.found}"
                raise TransportTimeoutError(silence.found, hint=hint) from error
            return self._connect()
        if not device.has_just_started:
            device.reset()
        return device

    def close(self) -> None:
        """Closes the transport; any number of times."""
        self._opened = None
        self._on_device.clear()
        self._transport.close()

    def device_info(self) -> DeviceInfo:
        """What the device is."""
        return self._device().info

    def set_input(self, key: str | int, values: Array) -> None:
        """Sets an input for this and later runs; it is sent with the next run.

        Raises:
            SessionError: no such input, or an array of another type or shape.
        """
        tensor = find_tensor(self.model, self.model.inputs, key, "input")
        self._inputs[tensor.index] = to_bytes(tensor, values)
        self._on_device.discard(tensor.index)

    def run(self) -> float:
        """Runs the whole model. Returns the seconds that its layers took on the device.

        A device that has started again meanwhile is given the inputs once more.
        """
        ticks = self._from_the_inputs(lambda: self._device().run(self._index()))
        self._forget_overwritten(len(self.model.layers))
        return self._seconds(ticks)

    def run_layer(self, layer: int) -> float:
        """Runs one layer, 1 or the one after the last. Returns its seconds on the device.

        Raises:
            DeviceRestartedError: the device has started again, and another layer than 1 is asked
                for: go on with layer 1.
        """
        if layer == 1:
            ticks = self._from_the_inputs(lambda: self._device().run_layer(self._index(), 1))
        else:
            with self._inputs_lost_on_error():
                ticks = self._device().run_layer(self._index(), layer)
        self._forget_overwritten(layer)
        return self._seconds(ticks)

    def get_output(self, key: str | int = 0) -> Array:
        """An output of the last run.

        Raises:
            DeviceRestartedError: the device has started again since.
        """
        return self._read(find_tensor(self.model, self.model.outputs, key, "output"))

    def get_tensor(self, key: str | int) -> Array:
        """Any tensor that is alive after the last layer that ran.

        Raises:
            SessionError: its memory holds something else.
            DeviceRestartedError: the device has started again since.
        """
        every = range(len(self.model.tensors))
        return self._read(find_tensor(self.model, every, key, "tensor"))

    def profile(self) -> list[LayerProfile]:
        """What each layer took in the last run; 0 for layers that did not run."""
        layers = self.model.layers
        ticks = self._device().layer_ticks(self._index(), len(layers))
        return [
            LayerProfile(layer, count, self._seconds(count), self._output(layer))
            for layer, count in zip(layers, ticks, strict=True)
        ]

    def pools(self) -> tuple[PoolUse, ...]:
        """The memory of the model's pools on the device, in the order of `model.pools`."""
        return self._device().pools(self._index(), len(self.model.pools))

    def _output(self, layer: LayerInfo) -> TensorInfo | None:
        return self.model.tensors[layer.outputs[0]] if layer.outputs else None

    def stack_high_water(self) -> StackUse:
        """The stack of the device and the most of it that was ever in use."""
        return self._device().stack()

    def reset(self) -> None:
        """Starts the firmware again. Inputs that were set are sent again with the next run."""
        self._on_device.clear()
        self._device().reset()

    def validate(
        self,
        reference: Mapping[int, Array],
        on_layer: Callable[[LayerComparison], None] = lambda row: None,
    ) -> list[LayerComparison]:
        """Runs layer by layer and compares each layer's output with the reference.

        A tensor is read from the device only if its CRC-32 is not the reference's.

        Args:
            reference: arrays by index in the source model's file. Inputs that are among them are
                set; the others must have been set.
            on_layer: is given each row as soon as it is known.
        """
        for index in self.model.inputs:
            source = self.model.tensors[index].source_index
            if source is not None and source in reference:
                tensor = self.model.tensors[index]
                self._inputs[index] = to_bytes(tensor, shaped_reference(tensor, reference[source]))
                self._on_device.discard(index)
        rows = []
        for layer in self.model.layers:
            self.run_layer(layer.index)
            for index in layer.outputs:
                rows.append(self._compare(layer, self.model.tensors[index], reference))
                on_layer(rows[-1])
        return rows

    def _compare(
        self, layer: LayerInfo, tensor: TensorInfo, reference: Mapping[int, Array]
    ) -> LayerComparison:
        if tensor.source_index is None or tensor.source_index not in reference:
            return not_compared(layer, tensor)
        expected = shaped_reference(tensor, reference[tensor.source_index])
        crc = self._device().crc(self._index(), tensor)
        if crc == zlib.crc32(to_bytes(tensor, expected)):
            return equal(layer, tensor)
        return compare(layer, tensor, self._read(tensor), expected)

    def _read(self, tensor: TensorInfo) -> Array:
        with self._inputs_lost_on_error():
            return from_bytes(tensor, self._device().read(self._index(), tensor))

    def _from_the_inputs(self, first: Callable[[], int]) -> int:
        """Sends the inputs and begins to run; again if the device has started again meanwhile."""
        for _ in range(_REPETITIONS):
            with contextlib.suppress(DeviceRestartedError), self._inputs_lost_on_error():
                self._send_inputs()
                return first()
        with self._inputs_lost_on_error():
            self._send_inputs()
            return first()

    def _send_inputs(self) -> None:
        """Writes the inputs that the device does not have, or has no more."""
        if not self._is_checked:
            self._opened = (self._device(), self._device().find_model(self.model))
            self._is_checked = True
        for index in self.model.inputs:
            tensor = self.model.tensors[index]
            if index not in self._inputs:
                raise SessionError(
                    f"Input {tensor.name!r} has not been set", hint="set_input() before the run"
                )
            if index not in self._on_device:
                self._device().write(self._index(), tensor, self._inputs[index])
                self._on_device.add(index)

    @contextlib.contextmanager
    def _inputs_lost_on_error(self) -> Iterator[None]:
        """A device that stopped, or refused to run, may have its inputs no more."""
        try:
            yield
        except SessionError:
            self._on_device.clear()
            self._is_checked = False
            raise

    def _forget_overwritten(self, layer: int) -> None:
        """Notes which inputs' memory may hold something else after a layer."""
        tensors = self.model.tensors
        self._on_device = {i for i in self._on_device if tensors[i].alive_to >= layer}

    def _device(self) -> Device:
        return self._require_open()[0]

    def _index(self) -> int:
        return self._require_open()[1]

    def _require_open(self) -> tuple[Device, int]:
        if self._opened is None:
            raise SessionError("The session is not open", hint="with Session(...) as session:")
        return self._opened

    def _seconds(self, ticks: int) -> float:
        return ticks / max(1, self._device().info.tick_hz)
