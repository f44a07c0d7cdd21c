# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import random
from typing import Any

import pytest

from microtvm.session.framing import MAX_PAYLOAD, Decoder, Frame, encode


def frame_of(fields: dict[str, Any]) -> Frame:
    payload = bytes.fromhex(fields["payload"])
    return Frame(fields["sequence"], fields["kind"], fields["status"], payload)


def test_encodes_the_vectors(vectors: dict[str, Any]) -> None:
    for vector in vectors["frames"]:
        assert encode(frame_of(vector["frame"])).hex() == vector["bytes"], vector["name"]


def test_decodes_the_vectors(vectors: dict[str, Any]) -> None:
    for vector in vectors["frames"]:
        decoded = Decoder().feed(bytes.fromhex(vector["bytes"]))
        assert decoded == [frame_of(vector["frame"])], vector["name"]


@pytest.mark.parametrize("piece", [1, 2, 7, 10000])
def test_decodes_streams_in_pieces(vectors: dict[str, Any], piece: int) -> None:
    for vector in vectors["streams"]:
        stream = bytes.fromhex(vector["bytes"])
        decoder = Decoder()
        decoded = []
        for start in range(0, len(stream), piece):
            decoded += decoder.feed(stream[start : start + piece])
        expected = [None if fields is None else frame_of(fields) for fields in vector["frames"]]
        assert decoded == expected, vector["name"]


def test_decodes_what_it_encodes_at_every_length() -> None:
    draw = random.Random(1)
    for size in (*range(600), MAX_PAYLOAD - 1, MAX_PAYLOAD):
        frame = Frame(draw.randrange(1 << 32), 3, 0, draw.randbytes(size))
        assert Decoder().feed(encode(frame)) == [frame]


def test_keeps_no_more_than_a_frame_of_a_stream_without_delimiters() -> None:
    decoder = Decoder()
    for _ in range(200):
        assert decoder.feed(b"\x55" * 1000) == []
    assert len(decoder._rest) <= MAX_PAYLOAD * 2
    frame = Frame(1, 2, 3, b"after it")
    assert decoder.feed(encode(frame) + encode(frame)) == [None, frame, frame]


def test_random_bytes_never_make_a_frame() -> None:
    draw = random.Random(2)
    decoder = Decoder()
    for _ in range(300):
        decoded = decoder.feed(draw.randbytes(draw.randrange(500)))
        assert all(frame is None for frame in decoded)
