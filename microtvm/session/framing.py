# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Frames in a byte stream that may lose, change and repeat bytes: bytes in, frames out, and back.

zephyr_app/include/microtvm/framing.h describes the format. No I/O here.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from cobs import cobs

_HEADER = struct.Struct("<IBB")
_CRC = struct.Struct("<I")
_DELIMITER = b"\0"

OVERHEAD = _HEADER.size + _CRC.size

# The most bytes of payload that any device may ask for.
MAX_PAYLOAD = 32768

_MAX_ENCODED = (OVERHEAD + MAX_PAYLOAD) * 255 // 254 + 2


@dataclass(frozen=True)
class Frame:
    """What one frame says. Requests have status 0."""

    sequence: int
    kind: int
    status: int = 0
    payload: bytes = b""


def payload_in(size: int) -> int:
    """The most bytes of payload whose frame is certain to have no more than `size` bytes."""
    return max(0, (size - len(_DELIMITER) * 2 - 1) * 254 // 255 - OVERHEAD)


def encode(frame: Frame) -> bytes:
    """The bytes of a frame, a delimiter before it and one after it."""
    body = _HEADER.pack(frame.sequence, frame.kind, frame.status) + frame.payload
    encoded = bytes(cobs.encode(body + _CRC.pack(zlib.crc32(body))))
    return _DELIMITER + encoded + _DELIMITER


def decode(encoded: bytes) -> Frame | None:
    """The frame that stood between two delimiters, or None if it arrived damaged."""
    try:
        plain = cobs.decode(encoded)
    except cobs.DecodeError:
        return None
    body, crc = plain[: -_CRC.size], plain[-_CRC.size :]
    if len(body) < _HEADER.size or _CRC.pack(zlib.crc32(body)) != crc:
        return None
    sequence, kind, status = _HEADER.unpack_from(body)
    return Frame(sequence, kind, status, body[_HEADER.size :])


class Decoder:
    """Takes a stream's bytes in pieces of any size."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._too_long = False

    def feed(self, data: bytes) -> list[Frame | None]:
        """The frames that end in `data`, with None for each that is damaged."""
        *ended, rest = data.split(_DELIMITER)
        frames = []
        for piece in ended:
            encoded = bytes(self._rest + piece)
            if encoded:
                frames.append(None if self._too_long else decode(encoded))
            self._rest.clear()
            self._too_long = False
        self._keep(rest)
        return frames

    def _keep(self, rest: bytes) -> None:
        """Keeps the start of a frame, but no more than a frame has."""
        self._rest += rest
        if len(self._rest) > _MAX_ENCODED:
            self._too_long = True
            del self._rest[1:]
