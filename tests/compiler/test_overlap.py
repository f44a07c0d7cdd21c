# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Outputs that lie over inputs: the distances that schedules state, their orders, and the C."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support.overlap_cases import overlap_cases
from support.placements import OneLayer, PlacedLayers, random_inputs

from microtvm.compiler import CompileOptions
from microtvm.compiler.buffers import ALIGNMENT, Overlap
from microtvm.compiler.overlap import IN_PLACE
from microtvm.compiler.schedule import layer_scratch

CASES = overlap_cases()
_POISONS = (0x00, 0x7F, 0x80, 0xFF)


def _stated(layer: OneLayer) -> Iterator[tuple[int, Overlap]]:
    """The inputs that may share bytes with the output, if they leave any distance but apart."""
    for position, overlap in enumerate(layer.overlaps):
        if overlap is not None and overlap.least < layer.output.size_bytes:
            yield position, overlap


def _is_safe(layer: OneLayer, position: int, distance: int) -> bool:
    """By the order: no byte of the output is written before the input's byte there was read."""
    assert layer.order is not None
    reads, writes = layer.order.reads[position], layer.order.writes
    start, end = max(0, distance), min(writes.size, distance + reads.size)
    return start >= end or bool(
        (reads[start - distance : end - distance] <= writes[start:end]).all()
    )


@functools.cache
def _least_safe(name: str, position: int) -> int:
    """The distance from which on all are safe."""
    layer = CASES[name]
    distance = layer.output.size_bytes
    while distance > -layer.inputs[position].size_bytes and _is_safe(layer, position, distance - 1):
        distance -= 1
    return distance


@pytest.mark.parametrize("name", CASES)
def test_stated_distances_are_safe_by_the_order_and_leave_little_unused(name: str) -> None:
    """Unused is at most a row of the image, which a window may leave out at its edge."""
    layer = CASES[name]
    for position, overlap in _stated(layer):
        most = layer.output.size_bytes if overlap.most is None else overlap.most
        for distance in range(overlap.least, most + 1):
            assert _is_safe(layer, position, distance), distance
        if overlap.most is None:
            shape = layer.inputs[position].shape
            row = int(np.prod(shape[2:])) if len(shape) == 4 else 0
            assert overlap.least - _least_safe(name, position) <= row


@pytest.mark.parametrize("name", CASES)
def test_scratch_is_what_the_c_has(name: str) -> None:
    """What a schedule tells before there is any C."""
    layer = CASES[name]
    network, (operator,) = layer.network, layer.network.operators
    choice = layer.choose(operator, network.tensors, CompileOptions())
    (made,) = layer.compiled("scratch").program.layers
    assert layer_scratch(operator, network.tensors, choice) == made.scratch_bytes


def test_every_schedule_and_most_layers_are_there() -> None:
    stated = {name.rsplit("-", 1)[0] for name, layer in CASES.items() if any(_stated(layer))}
    assert stated == {
        "dsp_matmul-pairs",
        *("dsp_conv2d-conv2d", "dsp_dense-conv2d", "dsp_matmul-conv2d", "plain-conv2d"),
        # A depthwise layer of one channel is a convolution.
        *(
            "dsp_conv2d-depthwise",
            "dsp_depthwise-depthwise",
            "plain-depthwise",
            "dsp_dense-dense",
            "dsp_matmul-dense",
        ),
        *("plain-average", "plain-max", "plain-add", "plain-sub", "plain-mul"),
        *("dsp_add-add", "dsp_add-sub", "dsp_multiply-mul"),
        *("dsp_softmax-softmax", "look_up-logistic"),
        *("plain-softmax", "plain-logistic", "plain-quantize", "plain-dequantize"),
        *("dsp_average_pool-average", "dsp_max_pool-max", "dsp_mean-mean"),
        *("copy_rows-concatenate", "pad_rows-pad", "copy-reshape"),
        *("dsp_conv2d-grouped", "dsp_conv2d-batch", "dsp_depthwise-batch"),
        *("dsp_conv2d_int16-conv2d_int16", "dsp_depthwise_int16-depthwise_int16"),
        *("dsp_dense_int16-dense_int16", "dsp_matmul_int16-dense_int16", "dsp_add_int16-add_int16"),
        *("dsp_average_pool_int16-average_int16", "dsp_max_pool_int16-max_int16"),
    }
    in_place = [layer for layer in CASES.values() if IN_PLACE in layer.overlaps]
    assert len(in_place) > 3


def test_layers_run_with_their_output_over_their_input(tmp_path: Path) -> None:
    """At their distances all give what they give apart, whatever the bytes around are, which stay.

    One byte nearer, most do not: what is read too late may make no difference.
    """
    built = PlacedLayers(CASES, tmp_path)
    wrong = []
    for name, layer in CASES.items():
        for position, overlap in _stated(layer):
            inputs = random_inputs(layer, position)
            expected, _ = built.run(name, position, layer.output.size_bytes + 64, inputs, 0)
            for distance, poison in itertools.product(_distances(layer, overlap), _POISONS):
                output, around = built.run(name, position, distance, inputs, poison)
                np.testing.assert_array_equal(output, expected, f"{name} at {distance}")
                assert (around == poison).all(), f"{name} at {distance}"
            if overlap.most is None and not _has_floats(layer):
                near = _least_safe(name, position) - _step(layer)
                output, _ = built.run(name, position, near, inputs, 0)
                wrong.append(bool((output != expected).any()))
    assert sum(wrong) > 0.6 * len(wrong), (sum(wrong), len(wrong))


def _distances(layer: OneLayer, overlap: Overlap) -> set[int]:
    """The least one, the first that a plan can have, and one more."""
    step = _step(layer)
    most = layer.output.size_bytes if overlap.most is None else overlap.most
    found = {-(-overlap.least // size) * size for size in (step, ALIGNMENT)}
    return {distance for distance in (*found, max(found) + 4 * step) if distance <= most}


def _step(layer: OneLayer) -> int:
    """Numbers of several bytes are at multiples of that."""
    tensors = (*layer.inputs, layer.output)
    return max(np.dtype(tensor.dtype).itemsize for tensor in tensors)


def _has_floats(layer: OneLayer) -> bool:
    return "float32" in {tensor.dtype for tensor in (*layer.inputs, layer.output)}
