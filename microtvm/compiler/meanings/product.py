# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What kernels of matrix products and convolutions compute, in TVMScript over their packed words.

Words and types are those of ProductMeaning for int8, of meanings/int16.py for int16.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from tvm import tirx
from tvm.script import tirx as T

from microtvm.compiler.operators import Window

_GROUP, _PARAMETERS = 4, 3


class PackedProduct(Protocol):
    """Sizes of a product, and what its packed words say from the word `start` on.

    Attributes:
        dtype: of data and outputs. sum_dtype: of sums, and of the scratch.
        words: of the product.
        scratch_words: numbers of `sum_dtype`.
    """

    @property
    def dtype(self) -> str: ...
    @property
    def sum_dtype(self) -> str: ...
    @property
    def channels(self) -> int: ...
    @property
    def depth(self) -> int: ...
    @property
    def words(self) -> int: ...
    @property
    def scratch_words(self) -> int: ...

    def bias(self, packed: Any, channel: Any, start: Any = 0) -> Any:
        """Of `sum_dtype`."""

    def weight(self, packed: Any, channel: Any, k: Any, start: Any = 0) -> Any:
        """Of `sum_dtype`."""

    def rescaled(self, packed: Any, channel: Any, total: Any, start: Any = 0) -> Any:
        """A sum as an output."""


@dataclass(frozen=True)
class ProductMeaning:
    """Of int8, packed as block.h tells; `form` is a value of enum microtvm_rescale."""

    dtype: ClassVar[str] = "int8"
    sum_dtype: ClassVar[str] = "int32"
    channels: int
    depth: int
    weight_bits: int
    words: int
    scratch_words: int
    clamp: tuple[int, int]
    form: int

    @property
    def weight_words(self) -> int:
        return -(-self.depth // _GROUP) * self.weight_bits // 4

    def _pair(self, channel: Any) -> Any:
        return channel // 2 * (2 + self.weight_words + 2 * _PARAMETERS)

    def bias(self, packed: Any, channel: Any, start: Any = 0) -> Any:
        return packed[start + self._pair(channel) + channel % 2]

    def weight(self, packed: Any, channel: Any, k: Any, start: Any = 0) -> Any:
        first = start + self._pair(channel) + 2 + channel % 2
        if self.weight_bits == 8:
            word = packed[first + k // _GROUP * 2]
            return T.Cast("int32", T.Cast("int8", T.shift_right(word, k % _GROUP * 8)))
        word = packed[first + k // _GROUP * 4 + k % 2 * 2]
        return T.Cast("int32", T.Cast("int16", T.shift_right(word, k % _GROUP // 2 * 16)))

    def rescaled(self, packed: Any, channel: Any, total: Any, start: Any = 0) -> Any:
        first = start + self._pair(channel) + 2 + self.weight_words
        address = T.address_of(packed[first + channel % 2 * _PARAMETERS])
        wide = int(self.weight_bits == 16)
        value = T.call_pure_extern("int8", "microtvm_rescale_s8", total, address, self.form, wide)
        return T.max(T.min(value, T.int8(self.clamp[1])), T.int8(self.clamp[0]))


@dataclass(frozen=True)
class ImageMeaning:
    """Images [images, height, width, groups * channels] and the window that slides over them.

    Attributes:
        channels: of a group.
        dtype: of the images. sum_dtype: of their elements when they are multiplied.
    """

    height: int
    width: int
    channels: int
    zero_point: int
    window: Window
    out_height: int
    out_width: int
    images: int = 1
    groups: int = 1
    dtype: str = "int8"
    sum_dtype: str = "int32"

    def element(self, data: Any, image: Any, y: Any, x: Any, k: Any, group: Any) -> Any:
        """Number k of what a group's output pixel (y, x) reads, padding included."""
        window = self.window
        row = k // (window.size[1] * self.channels)
        column = k // self.channels % window.size[1]
        v = y * window.strides[0] + row * window.dilation[0] - window.padding[0]
        u = x * window.strides[1] + column * window.dilation[1] - window.padding[1]
        inside = T.And(T.And(v >= 0, v < self.height), T.And(u >= 0, u < self.width))
        channel = group * self.channels + k % self.channels
        value = T.if_then_else(
            inside, data[image, v, u, channel], tirx.const(self.zero_point, self.dtype)
        )
        return T.Cast(self.sum_dtype, value)


def matmul_definition(pixels: int, sizes: PackedProduct) -> Any:
    """The layer: data [pixels, depth] and packed words to output [pixels, channels]."""
    body = _matmul_body(pixels, sizes)

    @T.prim_func(s_tir=True)
    def definition(a: T.handle, b: T.handle, c: T.handle) -> None:
        data = T.match_buffer(a, (pixels, sizes.depth), sizes.dtype)
        packed = T.match_buffer(b, (sizes.words,), "int32")
        output = T.match_buffer(c, (pixels, sizes.channels), sizes.dtype)
        scratch = T.sblock_alloc_buffer((sizes.scratch_words,), sizes.sum_dtype)
        with T.sblock("kernel"):
            T.reads(data[0:pixels, 0 : sizes.depth], packed[0 : sizes.words])
            T.writes(output[0:pixels, 0 : sizes.channels], scratch[0 : sizes.scratch_words])
            body(output, data, packed, scratch)

    return definition


def matmul_meaning(pixels: int, sizes: PackedProduct) -> Any:
    """The block of `matmul_definition` over the kernel's pointers."""
    body = _matmul_body(pixels, sizes)

    @T.prim_func(s_tir=True)
    def meaning(c: T.handle, a: T.handle, b: T.handle, d: T.handle) -> None:
        output = T.match_buffer(c, (pixels, sizes.channels), sizes.dtype, offset_factor=1)
        data = T.match_buffer(a, (pixels, sizes.depth), sizes.dtype, offset_factor=1)
        packed = T.match_buffer(b, (sizes.words,), "int32", offset_factor=1)
        scratch = T.match_buffer(d, (sizes.scratch_words,), sizes.sum_dtype, offset_factor=1)
        with T.sblock("root"):
            T.reads(data[0:pixels, 0 : sizes.depth], packed[0 : sizes.words])
            T.writes(output[0:pixels, 0 : sizes.channels], scratch[0 : sizes.scratch_words])
            body(output, data, packed, scratch)

    return meaning


def _matmul_body(pixels: int, sizes: PackedProduct) -> Any:
    @T.macro
    def body(output: Any, data: Any, packed: Any, scratch: Any) -> None:
        for pixel, channel in T.grid(pixels, sizes.channels):
            scratch[0] = sizes.bias(packed, channel)
            for k in range(sizes.depth):
                scratch[0] = scratch[0] + T.Cast(sizes.sum_dtype, data[pixel, k]) * sizes.weight(
                    packed, channel, k
                )
            output[pixel, channel] = sizes.rescaled(packed, channel, scratch[0])

    return body


def conv2d_definition(image: ImageMeaning, sizes: PackedProduct) -> Any:
    """The layer: NHWC images and packed words to NHWC images, a kernel for each image and group.

    `sizes` are those of one group.
    """
    body = _conv2d_body(image, sizes)
    images, groups, words = image.images, image.groups, sizes.words
    height, width, read = image.height, image.width, image.channels
    rows, columns, written = image.out_height, image.out_width, sizes.channels

    @T.prim_func(s_tir=True)
    def definition(a: T.handle, b: T.handle, c: T.handle) -> None:
        data = T.match_buffer(a, (images, height, width, groups * read), image.dtype)
        packed = T.match_buffer(b, (groups * words,), "int32")
        output = T.match_buffer(c, (images, rows, columns, groups * written), image.dtype)
        scratch = T.sblock_alloc_buffer((sizes.scratch_words,), sizes.sum_dtype)
        for i, j in T.grid(images, groups):
            with T.sblock("kernel"):
                n, g = T.axis.remap("SS", [i, j])
                T.reads(
                    data[n, 0:height, 0:width, g * read : g * read + read],
                    packed[g * words : g * words + words],
                )
                T.writes(
                    output[n, 0:rows, 0:columns, g * written : g * written + written],
                    scratch[0 : sizes.scratch_words],
                )
                body(output, data, packed, scratch, n, g)

    return definition


def conv2d_meaning(image: ImageMeaning, sizes: PackedProduct) -> Any:
    """The block of `conv2d_definition` over the kernel's pointers."""
    body = _conv2d_body(image, sizes)
    height, width, read = image.height, image.width, image.channels
    rows, columns, written = image.out_height, image.out_width, sizes.channels
    data_strides = strides_nhwc(height, width, image.groups * read)
    output_strides = strides_nhwc(rows, columns, image.groups * written)

    @T.prim_func(s_tir=True)
    def meaning(c: T.handle, a: T.handle, b: T.handle, d: T.handle) -> None:
        output = T.match_buffer(
            c, (1, rows, columns, written), image.dtype, strides=output_strides, offset_factor=1
        )
        data = T.match_buffer(
            a, (1, height, width, read), image.dtype, strides=data_strides, offset_factor=1
        )
        packed = T.match_buffer(b, (sizes.words,), "int32", offset_factor=1)
        scratch = T.match_buffer(d, (sizes.scratch_words,), sizes.sum_dtype, offset_factor=1)
        with T.sblock("root"):
            T.reads(data[0, 0:height, 0:width, 0:read], packed[0 : sizes.words])
            T.writes(output[0, 0:rows, 0:columns, 0:written], scratch[0 : sizes.scratch_words])
            body(output, data, packed, scratch, 0, 0)

    return meaning


def strides_nhwc(height: int, width: int, channels: int) -> list[int]:
    """Elements from one to the next along each axis of images that lie in memory as they are."""
    return [height * width * channels, width * channels, channels, 1]


def _conv2d_body(image: ImageMeaning, sizes: PackedProduct) -> Any:
    words, written = sizes.words, sizes.channels

    @T.macro
    def body(output: Any, data: Any, packed: Any, scratch: Any, n: Any, g: Any) -> None:
        for y, x, channel in T.grid(image.out_height, image.out_width, written):
            scratch[0] = sizes.bias(packed, channel, g * words)
            for k in range(sizes.depth):
                scratch[0] = scratch[0] + image.element(data, n, y, x, k, g) * sizes.weight(
                    packed, channel, k, g * words
                )
            output[n, y, x, g * written + channel] = sizes.rescaled(
                packed, channel, scratch[0], g * words
            )

    return body
