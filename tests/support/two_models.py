# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Two models of one firmware used by turns, layer by layer, on a device of any kind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from microtvm_project.transports import Transport

from microtvm.errors import SessionError
from microtvm.session import ModelMetadata, read_metadata
from microtvm.session.device import Device
from microtvm.session.link import Link
from microtvm.session.session import QUICK, SLOW
from support.firmware_models import (
    big_inputs,
    big_outputs,
    big_sums,
    split_input,
    split_output,
    split_sums,
)
from support.host_firmware import POOLED, model_folder

Array = npt.NDArray[Any]

# Both use the pool global_workspace; the first has a pool and constants elsewhere too.
NAMES = (POOLED, "big")


class ModelOnDevice:
    """A model by its tensors' names."""

    def __init__(self, device: Device, metadata: ModelMetadata) -> None:
        self.metadata = metadata
        self._device = device
        self._index = device.find_model(self.metadata)

    def write(self, *values: Array) -> None:
        for index, value in zip(self.metadata.inputs, values, strict=True):
            tensor = self.metadata.tensors[index]
            self._device.write(self._index, tensor, value.tobytes())

    def run_layer(self, layer: int) -> None:
        self._device.run_layer(self._index, layer)

    def read(self, name: str) -> Array:
        (tensor,) = (entry for entry in self.metadata.tensors if entry.name == name)
        return np.frombuffer(self._device.read(self._index, tensor), tensor.dtype)


@contextlib.contextmanager
def on_device(
    transport: Transport, models: Sequence[ModelMetadata]
) -> Iterator[list[ModelOnDevice]]:
    """Models of the firmware behind a transport, which is open meanwhile."""
    transport.open()
    try:
        device = Device(Link(transport), QUICK, SLOW)
        yield [ModelOnDevice(device, metadata) for metadata in models]
    finally:
        transport.close()


def _metadata(name: str) -> ModelMetadata:
    return read_metadata(model_folder(name) / "metadata.json")


def check_own_memory(transport: Transport, seeds: range) -> None:
    """Runs both models by turns: neither disturbs the other's tensors."""
    with on_device(transport, [_metadata(name) for name in NAMES]) as (split, big):
        for seed in seeds:
            values, (large, kept) = split_input(seed), big_inputs(seed)
            split.write(values)
            big.write(large, kept)
            split.run_layer(1)
            big.run_layer(1)
            np.testing.assert_array_equal(split.read("sums"), split_sums(values)[0])
            split.run_layer(2)
            np.testing.assert_array_equal(big.read("sums"), big_sums(large, kept)[0])
            big.run_layer(2)
            np.testing.assert_array_equal(split.read("output"), split_output(values)[0])
            np.testing.assert_array_equal(big.read("halves"), big_outputs(large, kept)[0])


def check_shared_memory(transport: Transport, seeds: range) -> None:
    """Runs one model whole after the other; one that lost its memory to the other says so."""
    with on_device(transport, [_metadata(name) for name in NAMES]) as (split, big):
        for seed in seeds:
            values, (large, kept) = split_input(seed), big_inputs(seed)
            split.write(values)
            split.run_layer(1)
            big.write(large, kept)
            with pytest.raises(SessionError, match="OUT_OF_ORDER"):
                split.run_layer(2)
            with pytest.raises(SessionError, match="cannot be read after layer 0"):
                split.read("sums")
            big.run_layer(1)
            big.run_layer(2)
            np.testing.assert_array_equal(big.read("halves"), big_outputs(large, kept)[0])
            split.write(values)
            split.run_layer(1)
            split.run_layer(2)
            np.testing.assert_array_equal(split.read("output"), split_output(values)[0])
