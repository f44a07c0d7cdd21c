# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which bytes of the workspace's buffers each layer of a network reads and writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from microtvm.compiler.operators import Network, Operator, Reshape


@dataclass(frozen=True)
class Span:
    """Bytes of a buffer, from `start` to before `end`."""

    buffer: int
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start

    def touches(self, other: Span) -> bool:
        return self.buffer == other.buffer and self.start < other.end and other.start < self.end


# A layer, counted from 1, and what it reads or writes. Inputs of the network are written by layer
# 0, outputs are read by the layer after the last.
Access = tuple[int, Span]


@dataclass(frozen=True)
class Accesses:
    """Where tensors are in buffers, and when they are read and written.

    Attributes:
        spans: of each tensor in the workspace. A reshaped tensor, whose bytes are the same, is in
            the buffer of what it was made of, and a part of a tensor in that tensor's.
        whole: for each of them itself, or the tensor that it is part of.
        tensors: of each buffer, those that are no parts.
        writes, reads: by tensor that is no part.
    """

    spans: Mapping[int, Span]
    whole: Mapping[int, int]
    tensors: Sequence[Sequence[int]]
    writes: Mapping[int, Sequence[Access]]
    reads: Mapping[int, Sequence[Access]]

    def size(self, buffer: int) -> int:
        return self.spans[self.tensors[buffer][0]].size

    def life(self, tensor: int) -> tuple[int, int]:
        """The layer that makes a tensor whole, and the last that needs any of its bytes."""
        span, whole = self.spans[tensor], self.whole[tensor]
        made = [layer for layer, other in self.writes[whole] if span.touches(other)]
        needed = [layer for layer, other in self.reads[whole] if span.touches(other)]
        return max(made), max((*made, *needed))

    def buffer_life(self, buffer: int) -> tuple[int, int]:
        """The first and the last layer that need a buffer."""
        accesses = [
            layer
            for tensor in self.tensors[buffer]
            for layer, _ in (*self.writes[tensor], *self.reads[tensor])
        ]
        return min(accesses), max(accesses)

    def held(self, buffer: int, layer: int) -> Span | None:
        """What a later layer reads of all that is in a buffer after a layer, gaps included."""
        # A reshaped tensor is written where its bytes are.
        writes = self.writes[self.tensors[buffer][0]]
        written = [span for number, span in writes if number <= layer]
        read = [
            span
            for tensor in self.tensors[buffer]
            for number, span in self.reads[tensor]
            if number > layer
        ]
        if not written or not read:
            return None
        start = max(min(span.start for span in spans) for spans in (written, read))
        end = min(max(span.end for span in spans) for spans in (written, read))
        return Span(buffer, start, end) if start < end else None


def find_accesses(network: Network, callers: frozenset[int] = frozenset()) -> Accesses:
    """Goes through the network, layer by layer.

    Args:
        callers: tensors in the caller's memory, of which no two share a buffer.
    """
    finder = _Finder(network, callers)
    for tensor in network.inputs:
        finder.write(0, tensor)
    for number, operator in enumerate(network.operators, 1):
        finder.run(number, operator)
    for tensor in network.outputs:
        finder.read(len(network.operators) + 1, tensor)
    return Accesses(finder.spans, finder.whole, finder.tensors, finder.writes, finder.reads)


@dataclass
class _Finder:
    network: Network
    callers: frozenset[int]
    spans: dict[int, Span] = field(default_factory=dict)
    whole: dict[int, int] = field(default_factory=dict)
    tensors: list[list[int]] = field(default_factory=list)
    writes: dict[int, list[Access]] = field(default_factory=dict)
    reads: dict[int, list[Access]] = field(default_factory=dict)

    def run(self, number: int, operator: Operator) -> None:
        for tensor in operator.inputs:
            self.read(number, tensor)
        source = self.spans.get(operator.inputs[0]) if isinstance(operator, Reshape) else None
        if source is not None and not self._are_callers(source, operator.output):
            self._add(operator.output, source)
        self.write(number, operator.output)

    def _are_callers(self, span: Span, tensor: int) -> bool:
        """Whether a buffer is the caller's, and a tensor too."""
        return tensor in self.callers and any(
            other in self.callers for other in self.tensors[span.buffer]
        )

    def read(self, number: int, tensor: int) -> None:
        if self.network.tensors[tensor].data is None:
            self._place(tensor)
            self.reads[self.whole[tensor]].append((number, self.spans[tensor]))

    def write(self, number: int, tensor: int) -> None:
        self._place(tensor)
        self.writes[self.whole[tensor]].append((number, self.spans[tensor]))

    def _place(self, tensor: int) -> None:
        """Gives a tensor that is met for the first time its bytes."""
        if tensor in self.spans:
            return
        size, part = self.network.tensors[tensor].size_bytes, self.network.tensors[tensor].part
        if part is None:
            self._add(tensor, Span(len(self.tensors), 0, size))
            return
        self._place(part.whole)
        whole = self.spans[part.whole]
        start = whole.start + part.offset
        self.spans[tensor] = Span(whole.buffer, start, start + size)
        self.whole[tensor] = part.whole

    def _add(self, tensor: int, span: Span) -> None:
        self.spans[tensor] = span
        self.whole[tensor] = tensor
        self.writes[tensor], self.reads[tensor] = [], []
        if span.buffer == len(self.tensors):
            self.tensors.append([])
        self.tensors[span.buffer].append(tensor)
