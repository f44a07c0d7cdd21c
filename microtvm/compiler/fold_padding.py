# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Pass: a convolution pads by itself what a layer before it would copy to pad."""

from __future__ import annotations

from dataclasses import replace

from microtvm.compiler.operators import (
    Conv2D,
    DepthwiseConv2D,
    Network,
    Operator,
    Pad,
    Window,
)

_HEIGHT, _WIDTH = 1, 2


def fold_padding(network: Network) -> Network:
    """Drops each Pad of an image whose readers are convolutions that can pad as much.

    A convolution pads with its input's zero point, so the Pad's value must be that. The numbers
    are the same: a convolution's padding is the same elements, without the memory.
    """
    pads = {
        operator.output: operator
        for operator in network.operators
        if isinstance(operator, Pad) and _is_foldable(network, operator)
    }
    operators = tuple(
        _padded(operator, pads[operator.inputs[0]])
        if operator.inputs and operator.inputs[0] in pads
        else operator
        for operator in network.operators
        if operator.output not in pads
    )
    return replace(network, operators=operators)


def _is_foldable(network: Network, pad: Pad) -> bool:
    source, output = network.tensors[pad.inputs[0]], network.tensors[pad.output]
    readers = [operator for operator in network.operators if pad.output in operator.inputs]
    return (
        len(pad.before) == 4
        and all(pad.before[axis] == pad.after[axis] == 0 for axis in (0, 3))
        and source.data is None
        and pad.value == source.zero_point == output.zero_point
        and pad.output not in network.outputs
        and bool(readers)
        and all(_can_pad(reader, pad) for reader in readers)
    )


def _can_pad(reader: Operator, pad: Pad) -> bool:
    """Whether every window of it still sees the image, as kernels want it."""
    if not isinstance(reader, Conv2D | DepthwiseConv2D):
        return False
    top, left, bottom, right = _padding(reader.window, pad)
    height, width = (
        (size - 1) * step
        for size, step in zip(reader.window.size, reader.window.dilation, strict=True)
    )
    return max(top, bottom) <= height and max(left, right) <= width


def _padded(reader: Operator, pad: Pad) -> Operator:
    assert isinstance(reader, Conv2D | DepthwiseConv2D)
    window = replace(reader.window, padding=_padding(reader.window, pad))
    return replace(reader, inputs=pad.inputs, window=window)


def _padding(window: Window, pad: Pad) -> tuple[int, int, int, int]:
    top, left, bottom, right = window.padding
    return (
        top + pad.before[_HEIGHT],
        left + pad.before[_WIDTH],
        bottom + pad.after[_HEIGHT],
        right + pad.after[_WIDTH],
    )
