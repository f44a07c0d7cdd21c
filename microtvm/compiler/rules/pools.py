# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Pooling of one scale, and mean."""

from __future__ import annotations

import math
from typing import Any

from microtvm.compiler.operators import AveragePool2D, MaxPool2D, Mean, Operator, Window
from microtvm.compiler.qdq import Site, call_name
from microtvm.compiler.rescales import mean_rescale
from microtvm.compiler.rules.operand import operand_of_same_scale


def fold_pool(site: Site) -> Operator | None:
    """Matches quantize(activation(pool2d(dequantize(x))))."""
    inner, clamp = site.without_activation()
    call = site.graph.call(inner, "nn.avg_pool2d", "nn.max_pool2d")
    if call is None or str(call.attrs.layout) != "NHWC" or bool(call.attrs.count_include_pad):
        return None
    source = operand_of_same_scale(site, call.args[0])
    if source is None:
        return None
    window = _window(call.attrs)
    if call_name(call) == "nn.avg_pool2d":
        return AveragePool2D((source,), site.output, window, clamp)
    return MaxPool2D((source,), site.output, window, clamp)


def fold_mean(site: Site) -> Operator | None:
    """Matches quantize(mean(dequantize(x)))."""
    call = site.graph.call(site.value, "mean")
    source = None if call is None else site.graph.dequantized(call.args[0])
    if call is None or source is None:
        return None
    tensor = site.graph.tensors[source]
    if tensor.scale is None or site.tensor.scale is None:
        return None
    rank = len(tensor.shape)
    axes = range(rank) if call.attrs.axis is None else call.attrs.axis
    reduced = tuple(sorted({int(axis) % rank for axis in axes}))
    count = math.prod(tensor.shape[axis] for axis in reduced)
    try:
        rescale = mean_rescale(tensor.scale, site.tensor.scale, count)
    except ValueError:  # scales for which TFLite has no fixed-point form
        return None
    return Mean((source,), site.output, reduced, rescale)


def _window(attributes: Any) -> Window:
    height, width = (int(size) for size in attributes.pool_size)
    stride_y, stride_x = (int(stride) for stride in attributes.strides)
    dilation_y, dilation_x = (int(dilation) for dilation in attributes.dilation)
    top, left, bottom, right = (int(size) for size in attributes.padding)
    return Window(
        size=(height, width),
        strides=(stride_y, stride_x),
        dilation=(dilation_y, dilation_x),
        padding=(top, left, bottom, right),
    )
