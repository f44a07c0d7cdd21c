# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Links that failed for want of room: what of the linker's words and its map is told."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from microtvm_project.boards import find_board
from microtvm_project.errors import BuildError, CapacityError
from microtvm_project.overflow import explain_overflow
from support.archives import ROOT

BOARD = find_board(ROOT / "boards", "nucleo_f446re")
SAID = "collect2: ld: region `RAM' overflowed by 512 bytes\n"
MAP = """\

Memory Configuration

Name             Origin             Length             Attributes
FLASH            0x08000000         0x00080000         xr
RAM              0x20000000         0x00000400         xw
CCM              0x10000000         0x00000100         xw

Linker script and memory map

.text           0x08000000      0x330
 .text.feed     0x08000000       0xf0 app/libapp.a(rpc.c.obj)
 .rodata.packed 0x080000f0      0x240 app/libapp.a(kws_lib0.c.obj)
.data           0x20000000       0x40 load address 0x08000330
 .data.level    0x20000000       0x40 log.c.obj
.bss            0x20000040      0x5c0
 .bss.pool_big  0x20000040      0x500 app/libapp.a(models.c.obj)
 .bss.server    0x20000540       0xc0 app/libapp.a(main.c.obj)
"""


def _explained(said: str, build: Path) -> BuildError:
    return explain_overflow(BuildError(said), build, BOARD, ["kws"])


def test_the_region_and_what_fills_it_are_told(tmp_path: Path) -> None:
    (tmp_path / "microtvm.map").write_text(MAP)
    error = _explained(SAID * 2, tmp_path)
    assert isinstance(error, CapacityError)
    assert str(error) == (
        "The image does not fit board nucleo_f446re: region RAM overflowed by 512 bytes: it would"
        " take 1,536 (pool big 1,280, data of the firmware 256; the largest: pool_big of models.c"
        " 1,280, server of main.c 192, level of log.c 64)\n"
        "  expected: at most 1,024 bytes in RAM\n"
        "  try: a smaller model, workspace or stack, or a larger board"
    )


def test_flash_has_the_models_parts_and_initial_values(tmp_path: Path) -> None:
    (tmp_path / "zephyr").mkdir()
    (tmp_path / "zephyr" / "zephyr_pre0.map").write_text(MAP)
    found = _explained("ld: region `FLASH' overflowed by 1 bytes", tmp_path).found
    assert (
        "(constants of kws 576, code of the firmware 240, initial values of data 64; "
        "the largest: packed of kws_lib0.c 576, feed of rpc.c 240)" in found
    )


def test_the_map_of_the_last_link_counts(tmp_path: Path) -> None:
    (tmp_path / "zephyr").mkdir()
    older, newer = tmp_path / "zephyr" / "zephyr_pre0.map", tmp_path / "zephyr" / "zephyr.map"
    older.write_text(MAP.replace("pool_big", "pool_old"))
    newer.write_text(MAP)
    os.utime(older, (1, 1))
    assert "pool big 1,280" in _explained(SAID, tmp_path).found


def test_two_regions_at_once(tmp_path: Path) -> None:
    (tmp_path / "microtvm.map").write_text(MAP)
    error = _explained(SAID + "ld: region `FLASH' overflowed by 7 bytes\n", tmp_path)
    assert error.expected == "at most 524,288 bytes in FLASH, at most 1,024 bytes in RAM"


@pytest.mark.parametrize("said", [SAID, "ld: region \u2018RAM\u2019 overflowed by 512 bytes"])
def test_without_a_map_the_numbers_remain(said: str, tmp_path: Path) -> None:
    error = _explained(said, tmp_path)
    assert error.found.endswith("board nucleo_f446re: region RAM overflowed by 512 bytes")
    assert error.expected == "less in RAM"


def test_a_region_that_the_map_does_not_know(tmp_path: Path) -> None:
    (tmp_path / "microtvm.map").write_text(MAP)
    error = _explained("region `IDT_LIST' overflowed by 3 bytes", tmp_path)
    assert error.expected == "less in IDT_LIST"


@pytest.mark.parametrize(
    "said",
    [
        "x.c:1: error: unknown type name",
        "region `RAM' overflowed by many bytes",
        f"region `{'A' * 65}' overflowed by 5 bytes",
        f"region `RAM' overflowed by {'9' * 5000} bytes",
        "region `R\x1b[2J' overflowed by 5 bytes",
    ],
)
def test_other_errors_are_left_alone(said: str, tmp_path: Path) -> None:
    error = BuildError(said)
    assert explain_overflow(error, tmp_path, BOARD, ["kws"]) is error


def test_damaged_words_and_maps_end_in_a_build_error(tmp_path: Path) -> None:
    generator = random.Random(9)
    letters = "0x9f \n.*`'(a\t\u2019"
    for _ in range(200):
        texts = []
        for whole in (SAID, MAP):
            text = list(whole)
            for _ in range(generator.randrange(4)):
                text[generator.randrange(len(text))] = generator.choice(letters)
            texts.append("".join(text))
        (tmp_path / "microtvm.map").write_text(texts[1])
        assert isinstance(_explained(texts[0], tmp_path), BuildError)
