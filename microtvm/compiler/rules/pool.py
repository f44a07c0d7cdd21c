# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""quantize(activation(pool(dequantize(x)))) as AveragePool2D or MaxPool2D."""

from __future__ import annotations

from microtvm.compiler.operators import AveragePool2D, MaxPool2D, Operator, Window
from microtvm.compiler.qdq import Site, call_name


def fold_pool(site: Site) -> Operator | None:
    """Matches NHWC pools whose input and output have one scale and zero point, as TFLite asks."""
    inner, clamp = site.without_activation()
    call = site.graph.call(inner, "nn.avg_pool2d", "nn.max_pool2d")
    if call is None or str(call.attrs.layout) != "NHWC":
        return None
    source = site.graph.dequantized(call.args[0])
    if source is None or not site.same_quantization(source):
        return None
    if any(int(dilation) != 1 for dilation in call.attrs.dilation):
        return None
    top, left, bottom, right = (int(value) for value in call.attrs.padding)
    window = Window(
        size=(int(call.attrs.pool_size[0]), int(call.attrs.pool_size[1])),
        strides=(int(call.attrs.strides[0]), int(call.attrs.strides[1])),
        padding=(top, left, bottom, right),
    )
    if call_name(call) == "nn.max_pool2d":
        return MaxPool2D((source,), site.output, window, clamp)
    if bool(call.attrs.count_include_pad):
        return None
    return AveragePool2D((source,), site.output, window, clamp)
