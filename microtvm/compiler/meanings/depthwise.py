# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the depthwise kernels compute, in TVMScript over their packed words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from tvm.script import tirx as T

from microtvm.compiler.meanings.product import ImageMeaning

_TWICE, _RELU = 0, 4  # of enum microtvm_rescale


class ChannelScaling(Protocol):
    """What a channel's packed words say besides its weights: its bias first, its scale last.

    Attributes:
        sum_dtype: of sums, and of the scratch.
        bias_words, parameter_words: of a channel.
        weight_factor: by which weights of 8 bits are multiplied when they are widened.
    """

    @property
    def sum_dtype(self) -> str: ...
    @property
    def bias_words(self) -> int: ...
    @property
    def parameter_words(self) -> int: ...
    @property
    def weight_factor(self) -> int: ...

    def bias(self, packed: Any, first: Any) -> Any:
        """From the word `first` on."""

    def rescaled(self, packed: Any, first: Any, total: Any) -> Any:
        """A sum as an output, with the parameters from the word `first` on."""


@dataclass(frozen=True)
class Int8Scaling:
    """Of rescale.h; `form` is a value of enum microtvm_rescale."""

    sum_dtype: ClassVar[str] = "int32"
    bias_words: ClassVar[int] = 1
    parameter_words: ClassVar[int] = 3
    form: int
    clamp: tuple[int, int]

    @property
    def weight_factor(self) -> int:
        """The fast forms take twice the weight."""
        return 2 if self.form in (_TWICE, _RELU) else 1

    def bias(self, packed: Any, first: Any) -> Any:
        return packed[first]

    def rescaled(self, packed: Any, first: Any, total: Any) -> Any:
        address = T.address_of(packed[first])
        value = T.call_pure_extern("int8", "microtvm_rescale_s8", total, address, self.form, 1)
        return T.max(T.min(value, T.int8(self.clamp[1])), T.int8(self.clamp[0]))


@dataclass(frozen=True)
class DepthwiseMeaning:
    """Sizes of a layer, packed as depthwise.h tells.

    Attributes:
        multiplier: output channels of an input channel.
        is_3x3: whether the words are those of the 3x3 kernels.
        weight_words: of an output channel, in its own width.
        scratch_words: numbers of the sums' type.
    """

    multiplier: int
    is_3x3: bool
    weight_bits: int
    weight_words: int
    words: int
    scratch_words: int
    scaling: ChannelScaling

    @property
    def sum_dtype(self) -> str:
        return self.scaling.sum_dtype

    def _first(self, channel: Any) -> Any:
        scaling = self.scaling
        return channel * (scaling.bias_words + self.weight_words + scaling.parameter_words)

    def bias(self, packed: Any, channel: Any) -> Any:
        return self.scaling.bias(packed, self._first(channel))

    def weight(self, image: ImageMeaning, packed: Any, channel: Any, tap: Any) -> Any:
        """The tap's weight for the upper one of the two output rows that are computed at once.

        Taps are in pairs, two words each: 16 bits a tap, or the four bytes of one word.
        """
        row = tap // image.window.size[1]
        column = tap % image.window.size[1]
        if self.is_3x3:
            pair, word, half = column, row // 2, row - row // 2
        else:
            distance = row * image.window.dilation[0]
            pair = distance // 2 * image.window.size[1] + column
            word, half = 0, distance % 2
        first = self._first(channel) + self.scaling.bias_words
        if self.weight_bits == 16:
            value = T.Cast("int16", T.shift_right(packed[first + pair * 2 + word], half * 16))
            return T.Cast(self.sum_dtype, value)
        byte = T.Cast("int8", T.shift_right(packed[first + pair], (half * 2 + word) * 8))
        return T.Cast(self.sum_dtype, byte) * self.scaling.weight_factor

    def rescaled(self, packed: Any, channel: Any, total: Any) -> Any:
        parameters = self._first(channel) + self.scaling.bias_words + self.weight_words
        return self.scaling.rescaled(packed, parameters, total)


def depthwise_definition(image: ImageMeaning, sizes: DepthwiseMeaning) -> Any:
    """The layer: NHWC images and packed words to NHWC images, a kernel for each image."""
    body = _body(image, sizes)
    images, height, width, channels = image.images, image.height, image.width, image.channels
    rows, columns = image.out_height, image.out_width
    outputs = channels * sizes.multiplier

    @T.prim_func(s_tir=True)
    def definition(a: T.handle, b: T.handle, c: T.handle) -> None:
        data = T.match_buffer(a, (images, height, width, channels), image.dtype)
        packed = T.match_buffer(b, (sizes.words,), "int32")
        output = T.match_buffer(c, (images, rows, columns, outputs), image.dtype)
        scratch = T.sblock_alloc_buffer((sizes.scratch_words,), sizes.sum_dtype)
        for i in range(images):
            with T.sblock("kernel"):
                n = T.axis.spatial(images, i)
                T.reads(data[n, 0:height, 0:width, 0:channels], packed[0 : sizes.words])
                T.writes(output[n, 0:rows, 0:columns, 0:outputs], scratch[0 : sizes.scratch_words])
                body(output, data, packed, scratch, n)

    return definition


def depthwise_meaning(image: ImageMeaning, sizes: DepthwiseMeaning) -> Any:
    """The block of `depthwise_definition` over the kernel's pointers."""
    body = _body(image, sizes)
    height, width, channels = image.height, image.width, image.channels
    rows, columns = image.out_height, image.out_width
    outputs = channels * sizes.multiplier

    @T.prim_func(s_tir=True)
    def meaning(c: T.handle, a: T.handle, b: T.handle, d: T.handle) -> None:
        output = T.match_buffer(c, (1, rows, columns, outputs), image.dtype, offset_factor=1)
        data = T.match_buffer(a, (1, height, width, channels), image.dtype, offset_factor=1)
        packed = T.match_buffer(b, (sizes.words,), "int32", offset_factor=1)
        scratch = T.match_buffer(d, (sizes.scratch_words,), sizes.sum_dtype, offset_factor=1)
        with T.sblock("root"):
            T.reads(data[0, 0:height, 0:width, 0:channels], packed[0 : sizes.words])
            T.writes(output[0, 0:rows, 0:columns, 0:outputs], scratch[0 : sizes.scratch_words])
            body(output, data, packed, scratch, 0)

    return meaning


def _body(image: ImageMeaning, sizes: DepthwiseMeaning) -> Any:
    taps = image.window.size[0] * image.window.size[1]

    @T.macro
    def body(output: Any, data: Any, packed: Any, scratch: Any, n: Any) -> None:
        for y, x, channel in T.grid(
            image.out_height, image.out_width, image.channels * sizes.multiplier
        ):
            scratch[0] = sizes.bias(packed, channel)
            for tap in range(taps):
                # Number k of a pixel's window counts channels fastest.
                scratch[0] = scratch[0] + image.element(
                    data, n, y, x, tap * image.channels + channel // sizes.multiplier, 0
                ) * sizes.weight(image, packed, channel, tap)
            output[n, y, x, channel] = sizes.rescaled(packed, channel, scratch[0])

    return body
