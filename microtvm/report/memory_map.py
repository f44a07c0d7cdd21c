# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The drawing of a pool over time: a row a layer, bytes from left to right, buffers as rectangles.

Across, all is in percent of the drawing's width, so that it fits any screen; down, in pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm.report.buffers import Buffer, Overlap, overlaps_of, used_bytes

if TYPE_CHECKING:
    from microtvm.session.memory_plan import PoolInfo
    from microtvm.session.metadata import ModelMetadata

ROW_PIXELS = 22
# A label must be readable where the drawing is at its narrowest: 260 pixels, on a telephone.
_NARROWEST_PIXELS = 260
_LETTER_PIXELS = 7
_LABEL_PADDING_PIXELS = 6
_MOST_TICKS = 4


@dataclass(frozen=True)
class Span:
    """A part of the drawing's width, in percent."""

    left: float
    width: float

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.left + self.width

    def meets(self, other: Span) -> bool:
        """Whether both have a part in common."""
        return self.left < other.right and other.left < self.right


@dataclass(frozen=True)
class Rectangle:
    """A buffer's or an overlap's, with the label's place where it has one."""

    span: Span
    top: int
    height: int


@dataclass(frozen=True)
class Label:
    """Where a label is.

    Attributes:
        row: of the drawing.
        span: what it takes at most.
        is_at_end: whether it stands at the right end of its span, not at the left one.
    """

    row: int
    span: Span
    is_at_end: bool

    @property
    def top(self) -> int:
        """Of its row, in pixels."""
        return self.row * ROW_PIXELS


@dataclass(frozen=True)
class DrawnBuffer:
    """A buffer with its rectangle and its label."""

    buffer: Buffer
    rectangle: Rectangle
    label: Label


@dataclass(frozen=True)
class DrawnOverlap:
    """An overlap with its rectangle."""

    overlap: Overlap
    rectangle: Rectangle


@dataclass(frozen=True)
class Row:
    """One layer, or what is before the first one.

    Attributes:
        used: bytes of the pool that are taken while it runs.
    """

    layer: int
    operator: str
    used: int
    is_peak: bool


@dataclass(frozen=True)
class MemoryMap:
    """The drawing of one pool.

    Attributes:
        ticks: offsets in bytes, with their place across in percent.
    """

    pool: PoolInfo
    rows: tuple[Row, ...]
    buffers: tuple[DrawnBuffer, ...]
    overlaps: tuple[DrawnOverlap, ...]
    ticks: tuple[tuple[int, float], ...]

    @property
    def height(self) -> int:
        """Of all rows, in pixels."""
        return len(self.rows) * ROW_PIXELS


def memory_map(model: ModelMetadata, index: int, buffers: Iterable[Buffer]) -> MemoryMap:
    """Draws one pool of a model.

    Args:
        buffers: those of the whole model.
    """
    pool = model.pools[index]
    own = tuple(buffer for buffer in buffers if buffer.place.pool == index)
    overlaps = tuple(
        DrawnOverlap(row, _rectangle(row.start, row.end, row.layer, row.layer, pool.size_bytes))
        for row in overlaps_of(own)
    )
    return MemoryMap(
        pool=pool,
        rows=_rows(model, own),
        buffers=_draw(own, pool.size_bytes, len(model.layers) + 1),
        overlaps=overlaps,
        ticks=tuple((tick, _percent(tick, pool.size_bytes)) for tick in _ticks(pool.size_bytes)),
    )


def _rows(model: ModelMetadata, buffers: Sequence[Buffer]) -> tuple[Row, ...]:
    titles = ["before", *(layer.operator for layer in model.layers)]
    used = [
        used_bytes(buffer for buffer in buffers if buffer.in_layer(layer))
        for layer in range(len(titles))
    ]
    return tuple(
        Row(layer, title, used[layer], used[layer] == max(used))
        for layer, title in enumerate(titles)
    )


def _draw(buffers: Sequence[Buffer], size: int, rows: int) -> tuple[DrawnBuffer, ...]:
    rectangles = [
        _rectangle(buffer.place.offset, buffer.place.end, buffer.first, buffer.last, size)
        for buffer in buffers
    ]
    taken: list[list[Span]] = [[] for _ in range(rows)]
    for buffer, rectangle in zip(buffers, rectangles, strict=True):
        for row in range(buffer.first, buffer.last + 1):
            taken[row].append(rectangle.span)
    labels: list[list[Span]] = [[] for _ in range(rows)]
    drawn: dict[int, DrawnBuffer] = {}
    for index in _hardest_first(buffers, rectangles):
        buffer, rectangle = buffers[index], rectangles[index]
        label = _label_place(buffer, rectangle.span, taken, labels)
        labels[label.row].append(label.span)
        drawn[index] = DrawnBuffer(buffer, rectangle, label)
    return tuple(drawn[index] for index in range(len(buffers)))


def _hardest_first(buffers: Sequence[Buffer], rectangles: Sequence[Rectangle]) -> list[int]:
    """The order in which labels get their places: what has little room of its own chooses first."""
    return sorted(
        range(len(buffers)),
        key=lambda index: (rectangles[index].height, rectangles[index].span.width, index),
    )


def _label_place(
    buffer: Buffer, own: Span, taken: list[list[Span]], labels: list[list[Span]]
) -> Label:
    """A row of the buffer and a place in it: in its rectangle or beside it, where nothing else is.

    If there is no such place, one at its start that other rectangles share, or one farther to the
    right; and if there is none without another label, its start all the same.
    """
    width = _label_width(buffer)
    rows = range(buffer.first, buffer.last + 1)
    is_wide = own.width >= width
    inside = [(own.left, False), (own.right - width, True)] if is_wide else []
    beside = [(own.right, False), (own.left - width, True)]
    start = (max(min(own.left, 100 - width), 0), False)
    far = sorted((span.right, row) for row in rows for span in (*taken[row], *labels[row]))
    places = [
        *((row, place, True) for place in (*inside, *beside) for row in rows),
        *((row, place, False) for place in inside or [start] for row in rows),
        *((row, (left, False), True) for left, row in far if left > own.left),
    ]
    for row, (left, is_at_end), is_alone in places:
        span = Span(round(left, 3), width)
        rectangles = [other for other in taken[row] if other is not own] if is_alone else []
        others = (*rectangles, *labels[row])
        if 0 <= left <= 100 - width and not any(span.meets(other) for other in others):
            return Label(row, span, is_at_end)
    return Label(buffer.first, Span(round(start[0], 3), width), False)


def _label_width(buffer: Buffer) -> float:
    letters = len(buffer.label) * _LETTER_PIXELS + _LABEL_PADDING_PIXELS
    return round(100 * letters / _NARROWEST_PIXELS, 3)


def _rectangle(start: int, end: int, first: int, last: int, size: int) -> Rectangle:
    left = _percent(start, size)
    return Rectangle(
        Span(left, round(_percent(end, size) - left, 3)),
        first * ROW_PIXELS,
        (last - first + 1) * ROW_PIXELS,
    )


def _percent(offset: int, size: int) -> float:
    return round(100 * offset / size, 3) if size else 0.0


def _ticks(size: int) -> list[int]:
    """Round offsets from 0 on: multiples of 1, 2 or 5 times a power of ten."""
    step = 1
    for factor in (2, 2.5, 2) * 20:
        if size / step <= _MOST_TICKS:
            break
        step = int(step * factor)
    return list(range(0, size + 1, step))
