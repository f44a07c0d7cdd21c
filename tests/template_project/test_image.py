# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What an image takes of a board's memory, and images that are none."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from microtvm_project.boards import MemoryRegion, find_board
from microtvm_project.elf import Segment
from microtvm_project.errors import BuildError
from microtvm_project.image import RegionUse, check_image, measure
from support.archives import ROOT
from support.images import elf

FLASH = MemoryRegion("flash", "flash", 0x08000000, 4096)
RAM = MemoryRegion("ram", "ram", 0x20000000, 1024)
BOARD = replace(find_board(ROOT / "boards", "mps2_an386"), memory=(FLASH, RAM))


def test_code_data_and_zeroes_are_counted_where_they_are() -> None:
    segments = (
        Segment(0x08000000, 3000, 0x08000000, 3000),
        Segment(0x20000000, 100, 0x08000BB8, 100),
        Segment(0x20000064, 500, 0x20000064, 0),
    )
    uses = measure(segments, BOARD)
    assert uses == (RegionUse(FLASH, 3100), RegionUse(RAM, 600))


def test_segments_come_from_the_file(tmp_path: Path) -> None:
    image = tmp_path / "x.elf"
    image.write_bytes(elf([(0x08000000, 64, 0x08000000, 64), (0x20000000, 0, 0, 0)]))
    assert check_image(image, BOARD) == (RegionUse(FLASH, 64), RegionUse(RAM, 0))


@pytest.mark.parametrize(
    ("segment", "told"),
    [
        (Segment(0x08000000, 4097, 0x08000000, 4097), "end 1 bytes after region flash"),
        (Segment(0x20000000, 1025, 0x08000000, 10), "end 1 bytes after region ram"),
        (Segment(0x20000000, 10, 0x08000FFF, 10), "end 9 bytes after region flash"),
        (Segment(0x30000000, 10, 0x08000000, 10), "10 bytes at 0x30000000, where board"),
        (Segment(0x20000000, 10, 0, 10), "10 bytes at 0x00000000, where board"),
    ],
)
def test_what_does_not_fit_is_told_with_numbers(segment: Segment, told: str) -> None:
    with pytest.raises(BuildError, match=told):
        measure([segment], BOARD)


def test_random_damage_ends_in_one_kind_of_error(tmp_path: Path) -> None:
    generator = random.Random(3)
    whole = elf([(0x08000000, 64, 0x08000000, 64), (0x20000000, 8, 0x08000040, 8)])
    image = tmp_path / "x.elf"
    for _ in range(300):
        data = bytearray(whole)
        data[generator.randrange(116)] = generator.randrange(256)
        image.write_bytes(bytes(data))
        try:
            check_image(image, BOARD)
        except BuildError:
            continue
