# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""ELF files that hold nothing but the segments that a test wants."""

from __future__ import annotations

import struct
from collections.abc import Sequence

Segment = tuple[int, int, int, int]


def elf(segments: Sequence[Segment], kind: int = 1, machine: int = 40) -> bytes:
    """An image for Arm of (run address, run size, load address, load size) each."""
    identity = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")
    count = len(segments)
    header = struct.pack(
        "<16sHHIIIIIHHHHHH", identity, 2, machine, 1, 0, 52, 0, 0, 52, 32, count, 0, 0, 0
    )
    offset = len(header) + 32 * count
    table, content = b"", b""
    for run, run_size, load, load_size in segments:
        place = offset + len(content)
        table += struct.pack("<IIIIIIII", kind, place, run, load, load_size, run_size, 5, 4)
        content += bytes(load_size)
    return header + table + content
