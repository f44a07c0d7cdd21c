# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""quantize(activation(conv2d(x, w) + b)) as Conv2D or DepthwiseConv2D."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler.fixed_point import FixedPoints
from microtvm.compiler.operators import Array, Conv2D, DepthwiseConv2D, Operator, Window
from microtvm.compiler.qdq import LIMITS, QdqGraph, QuantizedConstant, Site
from microtvm.compiler.sum_bounds import sum_bounds


def fold_convolution(site: Site) -> Operator | None:
    """Matches a convolution with constant, symmetric int8 weights and an optional bias."""
    graph = site.graph
    inner, clamp = site.without_activation()
    call, bias = split_bias(graph, inner, "nn.conv2d")
    if call is None or str(call.attrs.data_layout) != "NHWC":
        return None
    source = graph.dequantized(call.args[0])
    weights = graph.constant(call.args[1])
    if source is None or weights is None or weights.values.dtype != np.int8:
        return None
    if weights.zero_point != 0:
        return None
    tensor = graph.tensors[source]
    ohwi = _to_ohwi(weights.values, str(call.attrs.kernel_layout), int(call.attrs.groups))
    channels = ohwi.shape[0]
    values = bias_values(bias, channels, tensor.dtype)
    if values is None or tensor.scale is None or site.tensor.scale is None:
        return None
    # TFLite: input scale * weight scale / output scale, all in double precision.
    reals = tensor.scale * weights.scales_for(channels) / site.tensor.scale
    rescale = FixedPoints.from_reals(reals)
    if tensor.dtype == "int16":
        _check_int16_sums(ohwi.reshape(channels, -1), values, reals)
    window = _window(call, (ohwi.shape[1], ohwi.shape[2]))
    groups = int(call.attrs.groups)
    # With one input channel the two are the same sum; convolution's kernels suit it better.
    if groups > 1 and ohwi.shape[3] == 1:
        packed = np.ascontiguousarray(ohwi[:, :, :, 0].transpose(1, 2, 0))
        return DepthwiseConv2D((source,), site.output, packed, values, rescale, window, clamp)
    return Conv2D(
        (source,), site.output, np.ascontiguousarray(ohwi), values, rescale, window, groups, clamp
    )


def split_bias(graph: QdqGraph, value: Any, name: str) -> tuple[Any | None, Any | None]:
    """The call of operator `name` in `call` or `call + bias`, and the bias constant or None."""
    call = graph.call(value, name)
    if call is not None:
        return call, None
    total = graph.call(value, "add")
    if total is None:
        return None, None
    call = graph.call(total.args[0], name)
    bias = graph.constant(total.args[1])
    return (call, bias) if call is not None and bias is not None else (None, None)


def bias_values(bias: QuantizedConstant | None, channels: int, dtype: str) -> Array | None:
    """The bias [channels] of a layer whose activations have the type `dtype`.

    Zeros where there is none: int32 at int8, int64 at int16. None where it has another form.
    """
    types = {"int8": ("int32",), "int16": ("int64", "int32")}[dtype]
    if bias is None:
        return np.zeros(channels, types[0])
    if str(bias.values.dtype) not in types or bias.values.size != channels:
        return None
    return bias.values.reshape(channels)


def _check_int16_sums(rows: Array, bias: Array, reals: npt.NDArray[np.float64]) -> None:
    """Raises ValueError if sums or results leave the bits that TFLite keeps them in."""
    lowest, highest = sum_bounds(rows, bias, LIMITS["int16"])
    farthest = np.maximum(-lowest, highest)
    if bias.dtype == np.int32 and (farthest >= 2**31).any():
        raise ValueError(f"sums up to {farthest.max()} leave the 32 bits of its bias")
    if (farthest >= 2**47).any():
        raise ValueError(f"sums up to {farthest.max()} leave 47 bits")
    if (reals >= 2.0**14).any():
        raise ValueError(f"scale {reals.max():g} is 2**14 or more")
    wrong = farthest * reals >= 2.0**31
    if wrong.any():
        found = f"sums up to {farthest[wrong].max()} at the scale {reals[wrong].max():g}"
        raise ValueError(f"{found} leave 32 bits")


def _to_ohwi(values: Array, layout: str, groups: int) -> Array:
    """TVM's kernel layouts to [out, height, width, in / groups].

    HWOI is TVM's name for depthwise weights [height, width, in, multiplier].
    """
    if layout == "HWIO":
        return values.transpose(3, 0, 1, 2)
    height, width = values.shape[:2]
    return values.reshape(height, width, -1, 1).transpose(2, 0, 1, 3)


def _window(call: Any, size: tuple[int, int]) -> Window:
    attributes = call.attrs
    top, left, bottom, right = (int(value) for value in attributes.padding)
    return Window(
        size=size,
        strides=(int(attributes.strides[0]), int(attributes.strides[1])),
        dilation=(int(attributes.dilation[0]), int(attributes.dilation[1])),
        padding=(top, left, bottom, right),
    )
