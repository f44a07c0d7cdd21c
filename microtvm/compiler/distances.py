# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""How far buffers must be from each other, so that no layer writes over what is still needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from microtvm.compiler.accesses import Accesses, Span
from microtvm.compiler.buffers import Overlap, Overlaps, Pair
from microtvm.compiler.offset_problem import FAR, Interval, merged
from microtvm.compiler.operators import Operator

# Distances of two buffers, sorted and apart from each other.
_Distances = Sequence[Interval]


def shared_distances(
    accesses: Accesses,
    operators: Sequence[Operator],
    overlaps: Sequence[Sequence[Overlap | None]],
    scratch: Mapping[int, Span],
    sizes: Sequence[int],
) -> Overlaps:
    """Pairs of buffers that may share bytes, and how.

    Every write counts: of a layer's output, and of its scratch. It must not touch what another
    buffer holds after the layer, nor an input but in the order that the layer's schedule states.

    Args:
        overlaps: of each layer and input, as the schedule states it.
        scratch: by layer. sizes: bytes of each buffer, those of scratch among them.
    """
    finder = _Finder(accesses)
    for number, operator in enumerate(operators, 1):
        finder.run(number, operator, overlaps[number - 1], scratch.get(number))
    return finder.shared(sizes)


class _Finder:
    """Of each pair of buffers, the distances that all layers until now allow.

    A distance is the offset of the first one less that of the second one.
    """

    def __init__(self, accesses: Accesses) -> None:
        self._accesses = accesses
        self._allowed: dict[Pair, _Distances] = {}
        self._lives = [accesses.buffer_life(buffer) for buffer in range(len(accesses.tensors))]

    def run(
        self,
        number: int,
        operator: Operator,
        overlaps: Sequence[Overlap | None],
        scratch: Span | None,
    ) -> None:
        spans = self._accesses.spans
        output = spans[operator.output]
        inputs = [spans.get(tensor) for tensor in operator.inputs]
        buffers = [span.buffer for span in inputs if span is not None]
        writes = [output] if scratch is None else [output, scratch]
        for written in writes:
            self._keep_others(number, written)
            for source, overlap in zip(inputs, overlaps, strict=True):
                # A reshaped tensor is its input; a buffer that is read twice is left alone.
                if source is None or source.buffer == written.buffer:
                    continue
                states = written is output and buffers.count(source.buffer) == 1
                self._allow(source, written, _order(source, written, overlap if states else None))
        if scratch is not None:
            self._allow(output, scratch, _order(output, scratch, None))

    def _keep_others(self, number: int, written: Span) -> None:
        """What is read by later layers."""
        for buffer, (first, last) in enumerate(self._lives):
            if buffer != written.buffer and first <= number < last:
                held = self._accesses.held(buffer, number)
                if held is not None:
                    self._allow(held, written, _order(held, written, None))

    def _allow(self, one: Span, other: Span, distances: _Distances) -> None:
        """Of the pair, the buffer that is there first comes first."""
        pair = one.buffer, other.buffer
        if pair[0] > pair[1]:
            pair, distances = pair[::-1], [(-high, -low) for low, high in reversed(distances)]
        self._allowed[pair] = _common(self._allowed.get(pair, ((-FAR, FAR),)), distances)

    def shared(self, sizes: Sequence[int]) -> Overlaps:
        """The distances at which two share bytes."""
        found: dict[Pair, Sequence[Overlap]] = {}
        for (one, other), distances in self._allowed.items():
            least, most = -sizes[one], sizes[other]
            near = [
                Overlap(max(low, least), high if high < most else None)
                for low, high in distances
                if high > least and low < most
            ]
            if near:
                found[one, other] = near
        return found


def _order(one: Span, other: Span, overlap: Overlap | None) -> _Distances:
    """Distances of the buffers of two spans that are apart, or as the overlap says."""
    moved = other.start - one.start
    intervals = [(-FAR, moved - one.size), (moved + other.size, FAR)]
    if overlap is not None:
        most = FAR if overlap.most is None else overlap.most + moved
        intervals.append((overlap.least + moved, most))
    return merged(intervals)


def _common(one: _Distances, other: _Distances) -> _Distances:
    """What is in both."""
    both = [(max(a, c), min(b, d)) for a, b in one for c, d in other]
    return tuple(interval for interval in both if interval[0] <= interval[1])
