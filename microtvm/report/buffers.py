# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The buffers of a planned model: which bytes of which pool each one takes in which layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm.errors import ArchiveError

if TYPE_CHECKING:
    from microtvm.session.memory_plan import Place
    from microtvm.session.metadata import ModelMetadata, TensorInfo

# A page with more of them is read by nobody, and an archive may be made to have millions.
MOST_LAYERS = 1000
MOST_IN_A_LAYER = 200
MOST_IN_ALL_LAYERS = 20_000
MOST_OVERLAPS = 5000


@dataclass(frozen=True)
class Buffer:
    """A tensor, or the scratch of a layer.

    Attributes:
        label: short and unique, for a drawing: a tensor's number, or "s" with the layer's.
        kind: "input", "output", "tensor" or "scratch".
        holds: its shape and type.
        first, last: layers in which it takes its bytes, from the one that writes it (0: the caller,
            before the first layer) to the last one that reads it (or that it must outlive).
        source: the tensor of the model file that it is, or is some rows of; None where it is none.
        is_computed: False for one that is only another name for bytes that are there.
    """

    label: str
    name: str
    kind: str
    holds: str
    place: Place
    first: int
    last: int
    source: int | None = None
    is_computed: bool = True

    def in_layer(self, layer: int) -> bool:
        """Whether it takes its bytes while a layer runs."""
        return self.first <= layer <= self.last


@dataclass(frozen=True)
class Overlap:
    """Bytes of a buffer over which a layer writes another one: nobody reads them after it.

    Attributes:
        start, end: offsets in the pool that both are in.
    """

    layer: int
    over: Buffer
    written: Buffer
    start: int
    end: int


def model_buffers(model: ModelMetadata) -> tuple[Buffer, ...]:
    """Tensors in the model's order, then scratch by layer.

    Raises:
        ArchiveError: there are more than a page can show.
    """
    if len(model.layers) > MOST_LAYERS:
        found = f"Model {model.name!r} has {len(model.layers)} layers"
        raise ArchiveError(found, expected=f"at most {MOST_LAYERS} for a report")
    buffers = (*_tensors(model), *_scratch(model))
    if sum(buffer.last - buffer.first + 1 for buffer in buffers) > MOST_IN_ALL_LAYERS:
        raise _too_many(model, MOST_IN_ALL_LAYERS, "all layers together")
    alive = Counter(layer for each in buffers for layer in range(each.first, each.last + 1))
    if max(alive.values(), default=0) > MOST_IN_A_LAYER:
        raise _too_many(model, MOST_IN_A_LAYER, "one layer")
    return buffers


def overlaps_of(buffers: Sequence[Buffer]) -> tuple[Overlap, ...]:
    """What is written over what, by layer.

    Raises:
        ArchiveError: there is more than a page can show.
    """
    found: list[Overlap] = []
    starting: dict[tuple[int, int], list[Buffer]] = {}
    for buffer in buffers:
        if buffer.is_computed:
            starting.setdefault((buffer.place.pool, buffer.first), []).append(buffer)
    for over in buffers:
        for layer in range(over.first + 1, over.last + 1):
            for written in starting.get((over.place.pool, layer), ()):
                found += _overlap(over, written)
        if len(found) > MOST_OVERLAPS:
            raise ArchiveError(
                "The plan has more buffers over others than a page can show",
                expected=f"at most {MOST_OVERLAPS}",
            )
    return tuple(sorted(found, key=lambda overlap: (overlap.layer, overlap.start)))


def _overlap(over: Buffer, written: Buffer) -> list[Overlap]:
    """The bytes that both have; none where one is made of rows of the other."""
    start = max(over.place.offset, written.place.offset)
    end = min(over.place.end, written.place.end)
    is_same = over.source is not None and over.source == written.source
    return (
        [Overlap(written.first, over, written, start, end)] if start < end and not is_same else []
    )


def used_bytes(buffers: Iterable[Buffer]) -> int:
    """Bytes that these buffers of one pool take together; shared ones count once."""
    total = end = 0
    for place in sorted((buffer.place for buffer in buffers), key=lambda place: place.offset):
        total += max(place.end - max(place.offset, end), 0)
        end = max(end, place.end)
    return total


def _too_many(model: ModelMetadata, most: int, where: str) -> ArchiveError:
    return ArchiveError(
        f"Model {model.name!r} has more buffers in memory than a page can show",
        expected=f"at most {most} in {where}",
    )


def _tensors(model: ModelMetadata) -> Iterator[Buffer]:
    readers: dict[int, int] = {}
    for layer in model.layers:
        readers |= dict.fromkeys(layer.inputs, layer.index)
    inputs, outputs = set(model.inputs), set(model.outputs)
    renamed = {index for layer in model.layers if not layer.has_code for index in layer.outputs}
    for tensor in model.tensors:
        kind = "input" if tensor.index in inputs else "tensor"
        yield Buffer(
            label=str(tensor.index),
            name=tensor.first_name,
            kind="output" if tensor.index in outputs else kind,
            holds=_holds(tensor),
            place=tensor.place,
            first=tensor.alive_from,
            last=max(tensor.alive_to, readers.get(tensor.index, 0)),
            source=tensor.source_index,
            is_computed=tensor.index not in renamed,
        )


def _holds(tensor: TensorInfo) -> str:
    shape = "x".join(str(size) for size in tensor.shape)
    return f"{shape} {tensor.dtype}{tensor.rows_text}".strip()


def _scratch(model: ModelMetadata) -> Iterator[Buffer]:
    for layer in model.layers:
        if layer.scratch is not None:
            yield Buffer(
                label=f"s{layer.index}",
                name=f"scratch of {layer.name}",
                kind="scratch",
                holds=f"{layer.scratch.size_bytes} bytes",
                place=layer.scratch,
                first=layer.index,
                last=layer.index,
            )
