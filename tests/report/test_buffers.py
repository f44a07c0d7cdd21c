# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which bytes each buffer takes in which layers, and models too large to be shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.planned_models import tensor, two_pool_model

from microtvm.errors import ArchiveError
from microtvm.report.buffers import (
    MOST_IN_A_LAYER,
    MOST_IN_ALL_LAYERS,
    MOST_LAYERS,
    model_buffers,
    overlaps_of,
    used_bytes,
)
from microtvm.session import ModelMetadata
from microtvm.session.memory_plan import Place

MODEL = two_pool_model()


def test_a_buffer_lasts_from_its_writer_to_its_last_reader() -> None:
    found = {each.label: (each.kind, each.first, each.last) for each in model_buffers(MODEL)}
    assert found == {
        "0": ("input", 0, 1),
        # Layer 2 writes over it, so it is whole after layer 1 alone, but takes its bytes in both.
        "1": ("tensor", 1, 2),
        "2": ("tensor", 2, 3),
        "3": ("output", 3, 3),
        "s1": ("scratch", 1, 1),
    }


def test_what_is_written_over_what_it_reads_is_found() -> None:
    (overlap,) = overlaps_of([each for each in model_buffers(MODEL) if each.place.pool == 0])
    assert (overlap.layer, overlap.over.label, overlap.written.label) == (2, "1", "2")
    assert (overlap.start, overlap.end) == (800, 1000)


def test_bytes_that_are_used_up_early_are_marked_where_they_are_written() -> None:
    """As in stripes: layer 2 writes over a part of a tensor that layer 3 reads the rest of."""
    layers = (*MODEL.layers[:2], replace(MODEL.layers[2], inputs=(1, 2)))
    buffers = model_buffers(replace(MODEL, layers=layers))
    (overlap,) = overlaps_of([each for each in buffers if each.place.pool == 0])
    assert (overlap.layer, overlap.over.label, overlap.over.last) == (2, "1", 3)


def test_a_name_for_bytes_that_are_there_is_not_written() -> None:
    renaming = replace(MODEL.layers[1], has_code=False)
    layers = (MODEL.layers[0], renaming, MODEL.layers[2])
    assert overlaps_of(model_buffers(replace(MODEL, layers=layers))) == ()


def test_rows_of_a_tensor_are_not_under_it() -> None:
    tensors = tuple(replace(each, source_index=5) for each in MODEL.tensors)
    assert overlaps_of(model_buffers(replace(MODEL, tensors=tensors))) == ()


def test_more_overlaps_than_a_page_can_show() -> None:
    first = [tensor(index, "x", Place(0, 0, 4), (0, 1)) for index in range(100)]
    second = [tensor(index + 100, "x", Place(0, 0, 4), (1, 1)) for index in range(100)]
    crowded = replace(MODEL, tensors=(*first, *second), inputs=(), outputs=())
    layers = tuple(replace(layer, inputs=(), outputs=(), scratch=None) for layer in MODEL.layers)
    buffers = model_buffers(replace(crowded, layers=layers))
    assert len(overlaps_of(buffers[:150])) == 100 * 50
    with pytest.raises(ArchiveError, match="at most 5000"):
        overlaps_of(buffers)


def test_shared_bytes_count_once() -> None:
    buffers = {each.label: each for each in model_buffers(MODEL)}
    assert used_bytes([buffers["1"], buffers["2"]]) == 800
    assert used_bytes([buffers["2"], buffers["0"]]) == 800
    assert used_bytes([]) == 0


def _with(layers: int, tensors: int, last: int) -> ModelMetadata:
    return replace(
        MODEL,
        layers=tuple(
            replace(MODEL.layers[1], index=index + 1, inputs=()) for index in range(layers)
        ),
        tensors=tuple(tensor(index, "x", Place(0, 0, 4), (0, last)) for index in range(tensors)),
    )


@pytest.mark.parametrize(
    ("layers", "tensors", "last"),
    [
        (MOST_LAYERS + 1, 1, 0),
        (3, MOST_IN_A_LAYER + 1, 0),
        (MOST_LAYERS, MOST_IN_ALL_LAYERS // MOST_LAYERS + 1, MOST_LAYERS - 1),
    ],
)
def test_what_no_page_could_show_is_refused(layers: int, tensors: int, last: int) -> None:
    with pytest.raises(ArchiveError, match=r"'two_pools' has .*\n  expected: at most"):
        model_buffers(_with(layers, tensors, last))
    model_buffers(_with(layers - (tensors == 1), tensors - (tensors > 1), last))
