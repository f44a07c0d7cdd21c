# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A good model with a few of its bytes changed."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tflite

GOOD = (Path(__file__).resolve().parents[2] / "models" / "digits_int8.tflite").read_bytes()
_INTERESTING = (0, 1, 2, 127, 128, 255)
_WORDS = (0, 1, 2**31 - 1, 2**31, 2**32 - 1, 0x7F800000, 0x7FC00000, 0xBF800000, 1 << 16)


def with_word(model: bytes, position: int, value: int) -> bytes:
    return model[:position] + struct.pack("<I", value) + model[position + 4 :]


def vectors(model: bytes) -> Mapping[str, int]:
    """Where the length of each kind of vector is: the first of each that is there."""
    root = tflite.Model.GetRootAs(model, 0)
    graph = root.Subgraphs(0)
    tensor, operator = graph.Tensors(0), graph.Operators(0)
    # Slots of the schema's tables, in the order of their fields.
    places: dict[str, tuple[Any, int]] = {
        "operator codes": (root, 1),
        "graphs": (root, 2),
        "buffers": (root, 4),
        "tensors": (graph, 0),
        "inputs": (graph, 1),
        "outputs": (graph, 2),
        "operators": (graph, 3),
        "shape": (tensor, 0),
        "name": (tensor, 3),
        "scales": (tensor.Quantization(), 2),
        "zero points": (tensor.Quantization(), 3),
        "operands": (operator, 1),
        "results": (operator, 2),
        "data": (root.Buffers(1), 0),
    }
    return {name: _length_position(table, slot) for name, (table, slot) in places.items()}


def _length_position(table: Any, slot: int) -> int:
    view = table._tab
    return int(view.Vector(view.Offset(4 + 2 * slot))) - 4


def with_two_graphs(model: bytes) -> bytes:
    """A copy of the model at the end, and the root's list of graphs naming its graph twice."""
    start = -(-len(model) // 16) * 16
    list_position = _length_position(tflite.Model.GetRootAs(model, 0), 2)
    (offset,) = struct.unpack_from("<I", model, list_position + 4)
    graph = start + 16 + list_position + 4 + offset
    both = (2, graph - start - 4, graph - start - 8, 0)
    whole = model.ljust(start, b"\0") + struct.pack("<4I", *both) + model
    view = tflite.Model.GetRootAs(model, 0)._tab
    field = view.Pos + view.Offset(4 + 2 * 2)
    return with_word(whole, field, start - field)


def flipped(seed: int) -> bytes:
    """One to four bytes or words of GOOD changed."""
    chance = random.Random(seed)
    model = bytearray(GOOD)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        position = chance.randrange(len(model))
        if chance.random() < 0.5:
            model[position] = chance.choice(
                (model[position] ^ 1 << chance.randrange(8), *_INTERESTING)
            )
        else:
            position &= ~3
            model[position : position + 4] = struct.pack("<I", chance.choice(_WORDS))
    return bytes(model)


def noise(seed: int) -> bytes:
    """Random bytes with a TFLite file's mark, and sometimes with its first words."""
    chance = random.Random(seed)
    content = bytearray(chance.randbytes(chance.randrange(8, 2000)))
    kept = chance.choice((0, 4, 8, 32, 200))
    content[:kept] = GOOD[:kept]
    content[4:8] = GOOD[4:8]
    return bytes(content)


def structural(count: int) -> Iterator[bytes]:
    """`flipped`, but of the bytes that are no weights."""
    ranges = _data_ranges()
    seed = 10**6
    while count:
        seed += 1
        model = flipped(seed)
        changed = [i for i, (a, b) in enumerate(zip(GOOD, model, strict=True)) if a != b]
        if changed and not all(any(i in data for data in ranges) for i in changed):
            count -= 1
            yield model


def _data_ranges() -> list[range]:
    root = tflite.Model.GetRootAs(GOOD, 0)
    ranges = []
    for index in range(1, root.BuffersLength()):
        buffer = root.Buffers(index)
        start = _length_position(buffer, 0) + 4
        ranges.append(range(start, start + buffer.DataLength()))
    return ranges
