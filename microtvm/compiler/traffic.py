# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""How many bytes a layer reads and writes, which tells what is worth a fast memory.

Counted from the loops of the kernels: what is kept in registers is not read again, what is read
once for each block of pixels or channels is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from microtvm.compiler.macs import macs
from microtvm.compiler.operators import (
    AveragePool2D,
    LookUp,
    MaxPool2D,
    Operator,
    Softmax,
    Tensor,
)

_TABLE_ENTRIES = 256


@dataclass(frozen=True)
class Traffic:
    """Bytes in one run of a layer.

    Attributes:
        inputs: read of each.
        output: written.
        scratch_read, scratch_written: 0 for a layer without.
        constants: how often each byte of its packed constants is read.
    """

    inputs: tuple[int, ...]
    output: int
    scratch_read: int = 0
    scratch_written: int = 0
    constants: float = 1

    def with_scratch(self, size: int) -> Traffic:
        """Of a layer of which it is only known that it has so many bytes of scratch."""
        if not size or self.scratch_written:
            return self
        return replace(self, scratch_read=size, scratch_written=size)


# Of an operator with a schedule's block sizes.
FindTraffic = Callable[[Any, Sequence[Tensor], Mapping[str, int]], Traffic]


def read_once(operator: Operator, tensors: Sequence[Tensor], blocks: Mapping[str, int]) -> Traffic:
    """Of a layer that goes through its inputs once."""
    sizes = tuple(tensors[index].size_bytes for index in operator.inputs)
    return Traffic(sizes, tensors[operator.output].size_bytes)


def table_traffic(
    operator: LookUp | Softmax, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Traffic:
    """Of a table's entry for each element; of softmax.h, which goes through a row three times.

    It finds the largest, sums up exponentials from its table, and looks them up again.
    """
    once = read_once(operator, tensors, blocks)
    lookups = tensors[operator.output].elements / _TABLE_ENTRIES
    if isinstance(operator, LookUp):
        return replace(once, constants=lookups)
    return Traffic((3 * once.inputs[0],), once.output, constants=2 * lookups)


def read_for_each_output(
    operator: Operator, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Traffic:
    """Of plain loops: a product reads both its factors, a window all that it covers."""
    if isinstance(operator, LookUp | Softmax):
        return table_traffic(operator, tensors, blocks)
    output = tensors[operator.output]
    once = read_once(operator, tensors, blocks)
    reads = macs(operator, tensors)
    if isinstance(operator, AveragePool2D | MaxPool2D):
        reads = output.elements * operator.window.size[0] * operator.window.size[1]
    if not reads:
        return once
    source = tensors[operator.inputs[0]]
    bytes_read = reads * (source.size_bytes // source.elements)
    weights = getattr(operator, "weights", None)
    constants = 1 if weights is None else reads / weights.size
    return Traffic((bytes_read, *once.inputs[1:]), once.output, constants=constants)
