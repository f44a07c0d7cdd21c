# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The firmware's frame codec, with the vectors that the host's codec has too."""

from __future__ import annotations

import random
import subprocess
import zlib
from pathlib import Path
from typing import Any

from microtvm.session.framing import Decoder, Frame, encode


def ask(firmware: Path, lines: list[str]) -> list[str]:
    """What the codec program answers, a line for each."""
    result = subprocess.run(
        [firmware / "codec"],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    answers = result.stdout.split("\n")[:-1]
    assert len(answers) == len(lines)
    return answers


def line_of(fields: dict[str, Any]) -> str:
    payload = fields["payload"] or "-"
    return f"{fields['sequence']} {fields['kind']} {fields['status']} {payload}"


def decoded_line(frames: list[dict[str, Any] | None]) -> str:
    return "".join("broken;" if f is None else f"{line_of(f)};" for f in frames)


def test_crc(host_firmware: Path, vectors: dict[str, Any]) -> None:
    answers = ask(host_firmware, [f"crc {data or '-'}" for data, _ in vectors["crc32"]])
    assert answers == [str(int(crc, 16)) for _, crc in vectors["crc32"]]
    for data, crc in vectors["crc32"]:
        assert zlib.crc32(bytes.fromhex(data)) == int(crc, 16)


def test_encodes_the_vectors(host_firmware: Path, vectors: dict[str, Any]) -> None:
    lines = [f"encode {line_of(vector['frame'])}" for vector in vectors["frames"]]
    assert ask(host_firmware, lines) == [vector["bytes"] for vector in vectors["frames"]]


def test_decodes_the_vectors(host_firmware: Path, vectors: dict[str, Any]) -> None:
    lines = [f"decode {vector['bytes']}" for vector in vectors["frames"]]
    expected = [decoded_line([vector["frame"]]) for vector in vectors["frames"]]
    assert ask(host_firmware, lines) == expected


def test_decodes_streams(host_firmware: Path, vectors: dict[str, Any]) -> None:
    lines = [f"decode {vector['bytes'] or '-'}" for vector in vectors["streams"]]
    expected = [decoded_line(vector["frames"]) for vector in vectors["streams"]]
    assert ask(host_firmware, lines) == expected


def test_encodes_as_the_host_does_at_every_length(host_firmware: Path) -> None:
    """Payloads of few zeros and of many, whose blocks end at every place."""
    draw = random.Random(3)
    frames = []
    for size in (*range(0, 530), 1023, 1024):
        payload = bytes(draw.choice((0, 1, 2, 255)) for _ in range(size))
        frames.append(Frame(size, 3, 0, payload if size % 2 else payload.replace(b"\0", b"\7")))
    lines = [
        f"encode {frame.sequence} {frame.kind} {frame.status} {frame.payload.hex() or '-'}"
        for frame in frames
    ]
    assert ask(host_firmware, lines) == [encode(frame).hex() for frame in frames]


def test_a_frame_larger_than_the_device_takes_is_broken(host_firmware: Path) -> None:
    too_long, good = Frame(1, 3, 0, bytes(1025)), Frame(2, 1, 0)
    stream = encode(too_long) + encode(good)
    assert ask(host_firmware, [f"decode {stream.hex()}"]) == ["broken;2 1 0 -;"]


def test_decodes_damaged_streams_as_the_host_does(host_firmware: Path) -> None:
    draw = random.Random(4)
    streams = []
    for _ in range(300):
        stream = bytearray()
        for number in range(4):
            stream += encode(Frame(number, 3, 0, draw.randbytes(draw.randrange(40))))
        for _ in range(draw.randrange(5)):
            stream[draw.randrange(len(stream))] = draw.choice((0, 1, 2, 4, 200, 255))
        streams.append(bytes(stream))
    answers = ask(host_firmware, [f"decode {stream.hex()}" for stream in streams])
    for sent, answer in zip(streams, answers, strict=True):
        expected = [
            None
            if frame is None
            else {
                "sequence": frame.sequence,
                "kind": frame.kind,
                "status": frame.status,
                "payload": frame.payload.hex(),
            }
            for frame in Decoder().feed(sent)
        ]
        assert answer == decoded_line(expected)
