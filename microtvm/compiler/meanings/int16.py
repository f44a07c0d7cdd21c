# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the packed words of int16 kernels say: block_s16.h, dense_s16.h and depthwise_dsp_s16.h."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from tvm.script import tirx as T

_GROUP = 4
# The order of enum microtvm_rescale_s16.
_RESCALES = ("acc64", "any", "twice_s16", "wide")


@dataclass(frozen=True)
class Int16Scaling:
    """How a channel's sums are kept and rescaled (a ChannelScaling).

    Attributes:
        rescale: "acc32" or a value of enum microtvm_rescale_s16 (rescale_s16.h).
        sum_dtype: "int32" or "int64".
    """

    weight_factor: ClassVar[int] = 1
    rescale: str
    sum_dtype: str
    clamp: tuple[int, int]

    @property
    def bias_words(self) -> int:
        return 1 if self.sum_dtype == "int32" else 2

    @property
    def parameter_words(self) -> int:
        return 1 if self.rescale == "acc32" else 4

    def bias(self, packed: Any, first: Any) -> Any:
        """From the word `first` on."""
        if self.sum_dtype == "int32":
            return packed[first]
        low = T.Cast("int64", T.Cast("uint32", packed[first]))
        return T.bitwise_or(T.shift_left(T.Cast("int64", packed[first + 1]), T.int64(32)), low)

    def rescaled(self, packed: Any, first: Any, total: Any) -> Any:
        """With the parameters from the word `first` on."""
        address = T.address_of(packed[first])
        if self.rescale == "acc32":
            value = T.call_pure_extern("int16", "microtvm_rescale_acc32", total, address)
        else:
            form = _RESCALES.index(self.rescale)
            wide = T.Cast("int64", total)
            value = T.call_pure_extern("int16", "microtvm_rescale_s16", wide, address, form)
        return T.max(T.min(value, T.int16(self.clamp[1])), T.int16(self.clamp[0]))


@dataclass(frozen=True)
class Int16ProductMeaning:
    """Sizes of a product of int16, packed by blocks of `rows` channels.

    Attributes:
        rows: 2 in block_s16.h, 4 in dense_s16.h.
        depth_multiple: that the packed depth is of.
        words: of the product.
        scratch_words: numbers of `sum_dtype`.
    """

    dtype: ClassVar[str] = "int16"
    channels: int
    depth: int
    weight_bits: int
    words: int
    scratch_words: int
    scaling: Int16Scaling
    rows: int = 2
    depth_multiple: int = 4

    @property
    def sum_dtype(self) -> str:
        return self.scaling.sum_dtype

    @property
    def weight_words(self) -> int:
        """Of a block."""
        padded = -(-self.depth // self.depth_multiple) * self.depth_multiple
        return padded * self.rows * self.weight_bits // 32

    def _block(self, channel: Any) -> Any:
        words = self.scaling.bias_words + self.scaling.parameter_words
        return channel // self.rows * (self.rows * words + self.weight_words)

    def bias(self, packed: Any, channel: Any, start: Any = 0) -> Any:
        own = channel % self.rows * self.scaling.bias_words
        return self.scaling.bias(packed, start + self._block(channel) + own)

    def weight(self, packed: Any, channel: Any, k: Any, start: Any = 0) -> Any:
        """Bytes 0, 2, 1, 3 of a group are in a word, or its pairs (0, 1) and (2, 3) in two."""
        first = start + self._block(channel) + self.rows * self.scaling.bias_words
        first += channel % self.rows
        if self.weight_bits == 8:
            shift = k % 2 * 16 + k % _GROUP // 2 * 8
            value = T.Cast("int8", T.shift_right(packed[first + k // _GROUP * self.rows], shift))
        else:
            word = packed[first + k // 2 * self.rows]
            value = T.Cast("int16", T.shift_right(word, k % 2 * 16))
        return T.Cast(self.sum_dtype, value)

    def rescaled(self, packed: Any, channel: Any, total: Any, start: Any = 0) -> Any:
        first = start + self._block(channel) + self.rows * self.scaling.bias_words
        first += self.weight_words + channel % self.rows * self.scaling.parameter_words
        return self.scaling.rescaled(packed, first, total)
