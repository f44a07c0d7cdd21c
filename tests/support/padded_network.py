# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""int8 networks whose convolutions read what a PAD before them has written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tflite
from tflite_writer import Options, TFLiteWriter

_CODE = tflite.BuiltinOperator
_SCALE = 0.05
_CHANNELS = 4


@dataclass(frozen=True)
class PaddedCase:
    """PAD [1, height, width, 4], then a convolution or a depthwise one.

    Attributes:
        around: (top, left, bottom, right) of the PAD.
        value: that PADV2 writes, None for a PAD.
        same: the convolution's padding: SAME, else VALID.
        shown: whether the padded image is an output of the model too.
    """

    image: tuple[int, int] = (5, 6)
    around: tuple[int, int, int, int] = (1, 1, 1, 1)
    window: tuple[int, int] = (3, 3)
    stride: int = 1
    zero_point: int = -3
    value: int | None = None
    depthwise: bool = False
    same: bool = False
    shown: bool = False


def padded_network(case: PaddedCase, seed: int = 0) -> bytes:
    """The model's bytes; its convolution's weights are drawn."""
    random = np.random.default_rng(seed)
    writer = TFLiteWriter()

    def image(name: str, height: int, width: int) -> int:
        shape = (1, height, width, _CHANNELS)
        return writer.add_tensor(name, shape, "int8", scale=_SCALE, zero_point=case.zero_point)

    top, left, bottom, right = case.around
    height, width = case.image[0] + top + bottom, case.image[1] + left + right
    source, padded = image("image", *case.image), image("padded", height, width)
    widths = np.array([[0, 0], [top, bottom], [left, right], [0, 0]], np.int32)
    operands = [source, writer.add_tensor("widths", (4, 2), "int32", data=widths)]
    if case.value is None:
        writer.add_operator(_CODE.PAD, operands, [padded], Options("PadOptions"), version=2)
    else:
        value = np.array([case.value], np.int8)
        operands.append(
            writer.add_tensor(
                "value", (1,), "int8", scale=_SCALE, zero_point=case.zero_point, data=value
            )
        )
        writer.add_operator(_CODE.PADV2, operands, [padded], Options("PadV2Options"), version=2)
    sizes = [
        -(-(size if case.same else size - extent + 1) // case.stride)
        for size, extent in zip((height, width), case.window, strict=True)
    ]
    output = image("sum", *sizes)
    leading = 1 if case.depthwise else _CHANNELS
    weights = random.integers(-127, 128, (leading, *case.window, _CHANNELS)).astype(np.int8)
    bias = random.integers(-4000, 4000, _CHANNELS).astype(np.int32)
    writer.add_operator(
        _CODE.DEPTHWISE_CONV_2D if case.depthwise else _CODE.CONV_2D,
        [
            padded,
            writer.add_tensor("weights", weights.shape, "int8", scale=0.01, data=weights),
            writer.add_tensor("bias", bias.shape, "int32", scale=_SCALE * 0.01, data=bias),
        ],
        [output],
        _options(case),
        version=3,
    )
    return writer.finish([source], [output, padded] if case.shown else [output])


def _options(case: PaddedCase) -> Options:
    values: dict[str, int] = {
        "padding": tflite.Padding.SAME if case.same else tflite.Padding.VALID,
        "stride_h": case.stride,
        "stride_w": case.stride,
        "dilation_h_factor": 1,
        "dilation_w_factor": 1,
    }
    if case.depthwise:
        return Options("DepthwiseConv2DOptions", {**values, "depth_multiplier": 1})
    return Options("Conv2DOptions", values)
