# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A network some of whose layers run in stripes: the same operators on fewer rows, part by part.

For each stripe of a chain's output the layers of the chain run one after another. What is between
them is only as high as the stripe needs; rows that two stripes need are computed twice. What the
chain reads and writes are parts of whole tensors: rows of one image lie one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from microtvm.compiler.operators import Network, Operator, Part, Tensor
from microtvm.compiler.stripes.rows import Rows, can_stripe, rows_read, with_rows

# Kernels read words where rows are multiples of them, so parts must begin at one.
_WORD = 4


@dataclass(frozen=True)
class Chain:
    """Layers that run in stripes.

    Attributes:
        first, last: counted from 1; the output of the last is that of the chain.
        height: rows of a stripe of it; the last stripe may have fewer.
    """

    first: int
    last: int
    height: int

    def moved(self, layers: int) -> Chain:
        """The same where each layer has another number."""
        return replace(self, first=self.first + layers, last=self.last + layers)

    def stripes(self, rows: int) -> list[Rows]:
        starts = range(0, rows, self.height)
        return [(start, min(start + self.height, rows)) for start in starts]


def is_chain(network: Network, first: int, last: int) -> bool:
    """Whether these layers can run in stripes, and only the last one's output is needed later."""
    operators = network.operators[first - 1 : last]
    if not all(can_stripe(operator, network.tensors) for operator in operators):
        return False
    inner = {operator.output for operator in operators[:-1]}
    others = (*network.operators[: first - 1], *network.operators[last:])
    outside = {tensor for operator in others for tensor in operator.inputs}
    return not inner & {*outside, *network.outputs}


def striped(network: Network, chains: Sequence[Chain]) -> Network | None:
    """Runs chains in stripes.

    Args:
        chains: in the order of their layers, none of which is in two of them.

    Returns:
        None where a part would begin within a word.
    """
    striper = _Striper(list(network.tensors))
    operators: list[Operator] = []
    done = 0
    for chain in chains:
        operators += network.operators[done : chain.first - 1]
        own = network.operators[chain.first - 1 : chain.last]
        rows = network.tensors[own[-1].output].shape[1]
        for stripe in chain.stripes(rows):
            operators += striper.run(own, stripe)
        done = chain.last
    operators += network.operators[done:]
    tensors = tuple(striper.tensors)
    if any(tensor.part is not None and tensor.part.offset % _WORD for tensor in tensors):
        return None
    return replace(network, tensors=tensors, operators=tuple(operators))


class _Striper:
    """Adds the tensors of stripes."""

    def __init__(self, tensors: list[Tensor]) -> None:
        self.tensors = tensors
        self._parts: dict[tuple[int, Rows], int] = {}

    def run(self, operators: Sequence[Operator], rows: Rows) -> list[Operator]:
        """The layers of a chain for some rows of its output."""
        needed = self._needed(operators, rows)
        # A tensor of the network by the one that holds the stripe's rows of it.
        held = {operators[-1].output: self._part(operators[-1].output, rows)}
        done = []
        for operator in operators:
            own = needed[operator.output]
            if operator.output not in held:
                held[operator.output] = self._add(operator.output, own, None)
            reads = rows_read(operator, self.tensors, own)
            inputs = [
                index if read.rows is None else self._part(held.get(index, index), read.rows)
                for index, read in zip(operator.inputs, reads, strict=True)
            ]
            done.append(
                replace(
                    with_rows(operator, reads), inputs=tuple(inputs), output=held[operator.output]
                )
            )
        return done

    def _needed(self, operators: Sequence[Operator], rows: Rows) -> dict[int, Rows]:
        """The rows of each output that the stripe needs, gaps included."""
        needed = {operators[-1].output: rows}
        for operator in reversed(operators):
            reads = rows_read(operator, self.tensors, needed[operator.output])
            for index, read in zip(operator.inputs, reads, strict=True):
                if read.rows is not None:
                    first, end = needed.get(index, read.rows)
                    needed[index] = min(first, read.rows[0]), max(end, read.rows[1])
        return needed

    def _part(self, index: int, rows: Rows) -> int:
        """Rows of a tensor, which may itself have some rows of one alone."""
        tensor = self.tensors[index]
        first, end = tensor.rows or (0, tensor.shape[1])
        if rows == (first, end):
            return index
        if (index, rows) not in self._parts:
            row = tensor.size_bytes // tensor.shape[1]
            part = Part(index, (rows[0] - first) * row)
            self._parts[index, rows] = self._add(index, rows, part)
        return self._parts[index, rows]

    def _add(self, index: int, rows: Rows, part: Part | None) -> int:
        tensor = self.tensors[index]
        shape = (tensor.shape[0], rows[1] - rows[0], *tensor.shape[2:])
        self.tensors.append(replace(tensor, shape=shape, rows=rows, part=part))
        return len(self.tensors) - 1
