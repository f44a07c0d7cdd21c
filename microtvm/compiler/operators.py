# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The integer operators: what a QDQ graph becomes, and what TIR is made from.

Every value here is immutable and can be printed. Weights, biases and tables are numpy arrays in the
layouts that the docstrings give; scales have become (multiplier, shift) pairs.

Activations are int8 or int16, which the tensors' dtype says; at int16 every zero point is 0, and
clamps are within int16.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from microtvm.compiler.fixed_point import FixedPoint, FixedPoints
from microtvm.compiler.wide_fixed_point import WideFixedPoints

Array = npt.NDArray[Any]
Clamp = tuple[int, int]


@dataclass(frozen=True)
class Part:
    """Where a tensor is that has no memory of its own.

    Attributes:
        whole: the tensor that it is part of, an index into Network.tensors.
        offset: bytes from that one's start.
    """

    whole: int
    offset: int


@dataclass(frozen=True, eq=False)
class Tensor:
    """A value between layers.

    Attributes:
        name: as the model has it; need not be unique.
        scale, zero_point: real = scale * (q - zero_point); scale is None where not quantised.
        source_index: the tensor's index in the model file, None for one the compiler made.
        data: the value of a constant, which lives in flash and not in the workspace.
        channels: the indices of the model's last axis that `shape` keeps, None where all are kept.
        rows: the first row of the model's image that `shape` holds, and the one after the last;
            None where it holds all.
        part: None where it has memory of its own.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float | None = None
    zero_point: int = 0
    source_index: int | None = None
    data: Array | None = None
    channels: tuple[int, ...] | None = None
    rows: tuple[int, int] | None = None
    part: Part | None = None

    @property
    def elements(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def size_bytes(self) -> int:
        return self.elements * np.dtype(self.dtype).itemsize


@dataclass(frozen=True, eq=False)
class Operator:
    """One layer.

    Attributes:
        inputs, output: indices into Network.tensors.
        layout: of image data, "NHWC" as in TFLite, or "NCHW".
    """

    kind: ClassVar[str]
    inputs: tuple[int, ...]
    output: int
    layout: str = field(default="NHWC", kw_only=True)


@dataclass(frozen=True, eq=False)
class Network:
    """A model as a list of operators in the order in which they run."""

    tensors: tuple[Tensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    operators: tuple[Operator, ...]


@dataclass(frozen=True)
class Window:
    """A sliding window over an image.

    Attributes:
        size, strides, dilation: (height, width).
        padding: (top, left, bottom, right).
    """

    size: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Conv2D(Operator):
    """NHWC convolution; out = clamp(zero_point + rescaled(bias + sum((x - zp) * w))).

    The bias's type says how sums are kept and rescaled. int32: in 32 bits, by
    `multiply_twice_rounded`. int64, at int16 activations: in as many bits as they need, at most 47,
    by `multiply_int16`, which reduces the multiplier.

    Attributes:
        weights: int8 [out channels, height, width, in channels / groups].
        bias: int32 or int64 [out channels].
        rescale: one pair an output channel, with a multiplier of 31 bits.
    """

    kind: ClassVar[str] = "conv2d"
    weights: Array
    bias: Array
    rescale: FixedPoints
    window: Window
    groups: int
    clamp: Clamp


@dataclass(frozen=True, eq=False)
class DepthwiseConv2D(Operator):
    """NHWC depthwise convolution; output channel = input channel * multiplier + m.

    Attributes:
        weights: int8 [height, width, out channels].
        bias: int32 [out channels], int64 at int16 activations; rescaled as in Conv2D.
    """

    kind: ClassVar[str] = "depthwise_conv2d"
    weights: Array
    bias: Array
    rescale: FixedPoints
    window: Window
    clamp: Clamp


@dataclass(frozen=True, eq=False)
class Dense(Operator):
    """TFLite's FULLY_CONNECTED, which rounds once: [batch..., in] x [out, in] to [batch, out].

    Attributes:
        weights: int8 [out, in].
        weights_zero_point: 0 but in models of the first int8 converters.
        bias: int32 [out], int64 at int16 activations.
        rescale: one pair an output, chosen so that rounding once equals TFLite's product in double
            precision for every sum that the output can have. At int8 FixedPoints, for
            `multiply_once_rounded`. At int16 WideFixedPoints, for `multiply_wide`, with sums that
            leave 32 bits saturated before: 31 bits are too few to tell 65,536 results apart.
    """

    kind: ClassVar[str] = "dense"
    weights: Array
    weights_zero_point: int
    bias: Array
    rescale: FixedPoints | WideFixedPoints
    clamp: Clamp


@dataclass(frozen=True, eq=False)
class Add(Operator):
    """Addition or subtraction, with numpy's broadcasting.

    out = clamp(zp + rescale(first((a - zp) << left_shift) +- second((b - zp) << left_shift)))

    All three are rounded twice, by `multiply_twice_rounded`. `left_shift` is 20 at int8, 15 at
    int16. TFLite's form for int16 scales that are powers of two is this one too: `first` and
    `second` then give integers in units of the output's scale, and `rescale` is the real number 1
    (see rescales.py); in all other cases its shift is 0 or less.
    """

    kind: ClassVar[str] = "add"
    subtract: bool
    left_shift: int
    first: FixedPoint
    second: FixedPoint
    rescale: FixedPoint
    clamp: Clamp


@dataclass(frozen=True, eq=False)
class Multiply(Operator):
    """Product, with numpy's broadcasting: clamp(zp + rescale((a - zp) * (b - zp)))."""

    kind: ClassVar[str] = "multiply"
    rescale: FixedPoint
    clamp: Clamp


@dataclass(frozen=True, eq=False)
class AveragePool2D(Operator):
    """Mean of the window's elements inside the image, halves away from zero."""

    kind: ClassVar[str] = "average_pool2d"
    window: Window
    clamp: Clamp


@dataclass(frozen=True, eq=False)
class MaxPool2D(Operator):
    """Maximum of the window's elements inside the image."""

    kind: ClassVar[str] = "max_pool2d"
    window: Window
    clamp: Clamp


@dataclass(frozen=True, eq=False)
class Mean(Operator):
    """Mean over `axes` (sorted, not negative), TFLite's integer form.

    out = clamp_int8(zero_point + rescale(sum(x - zp))); `rescale` holds the division by the count.
    """

    kind: ClassVar[str] = "mean"
    axes: tuple[int, ...]
    rescale: FixedPoint


@dataclass(frozen=True, eq=False)
class Softmax(Operator):
    """Softmax over the last axis, TFLite's fixed-point form.

    Attributes:
        scaled_beta: beta * input scale as a fixed-point number with 5 integer bits.
        difference_min: smallest difference to the row's maximum that still counts.
    """

    kind: ClassVar[str] = "softmax"
    scaled_beta: FixedPoint
    difference_min: int


@dataclass(frozen=True, eq=False)
class LookUp(Operator):
    """An element-wise int8 function as a table of 256 bytes, indexed by q + 128.

    Attributes:
        function: "logistic", "tanh", "hard_swish", "leaky_relu", "relu", "requantize", ...
        table: int8 [256].
    """

    kind: ClassVar[str] = "look_up"
    function: str
    table: Array


@dataclass(frozen=True, eq=False)
class Quantize(Operator):
    """float32 to int8 or int16: clamp(zp + round(x / scale)), halves away from zero, in float32."""

    kind: ClassVar[str] = "quantize"


@dataclass(frozen=True, eq=False)
class Dequantize(Operator):
    """int8 or int16 to float32: scale * (q - zp), in float32."""

    kind: ClassVar[str] = "dequantize"


@dataclass(frozen=True, eq=False)
class Pad(Operator):
    """Constant padding; `before` and `after` have one entry a dimension."""

    kind: ClassVar[str] = "pad"
    before: tuple[int, ...]
    after: tuple[int, ...]
    value: int


@dataclass(frozen=True, eq=False)
class Concatenate(Operator):
    """Inputs of one scale and zero point, joined along `axis` (not negative)."""

    kind: ClassVar[str] = "concatenate"
    axis: int


@dataclass(frozen=True, eq=False)
class Reshape(Operator):
    """The same bytes in another shape."""

    kind: ClassVar[str] = "reshape"


@dataclass(frozen=True, eq=False)
class Transpose(Operator):
    """output.shape[i] = input.shape[axes[i]]."""

    kind: ClassVar[str] = "transpose"
    axes: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class StridedSlice(Operator):
    """output[i...] = input[begin + i * strides ...], then dropped axes are dropped.

    Attributes:
        begin, strides, extent: one entry an input dimension; extent is the count of elements
            taken. The output's shape may leave out dimensions of extent 1.
    """

    kind: ClassVar[str] = "strided_slice"
    begin: tuple[int, ...]
    strides: tuple[int, ...]
    extent: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ResizeNearest(Operator):
    """NHWC nearest-neighbour resize.

    Attributes:
        rows: source row of each output row. columns: source column of each output column.
    """

    kind: ClassVar[str] = "resize_nearest"
    rows: tuple[int, ...]
    columns: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class TirOperator(Operator):
    """A float32 operator that keeps the TIR that TVM's own legalisation gave it.

    Attributes:
        name: the model's operator, such as "conv_2d".
        function: its PrimFunc; parameters are the inputs, then the output.
    """

    kind: ClassVar[str] = "tir"
    name: str
    function: Any
