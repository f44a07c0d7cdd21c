# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What is read of GNU ld's maps, of both platforms, and of maps that are none."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from microtvm_project.elf import Symbol
from microtvm_project.link_map import LinkerRegion, LinkMap, parse_link_map, read_link_map

NOTHING = LinkMap((), (), ())

MAP = """\
Archive member included to satisfy reference by file (symbol)

Discarded input sections

 .text.unused   0x00000000      0x100 CMakeFiles/microtvm.dir/src/rpc.c.obj

Memory Configuration

Name             Origin             Length             Attributes
FLASH            0x08000000         0x00001000         xr
RAM              0x20000000         0x00000400         xw
*default*        0x00000000         0xffffffff

Linker script and memory map

LOAD CMakeFiles/microtvm.dir/src/rpc.c.obj

.text           0x08000000      0x330
 *(.vectors)
 .vectors       0x08000000       0x40 CMakeFiles/microtvm.dir/startup.c.obj
                0x08000000                vectors
 .text.feed     0x08000040       0xf0 app/libapp.a(rpc.c.obj)
                0x08000040                feed
 *fill*         0x08000130        0x8
 .rodata.packed_1
                0x08000138      0x1f0 CMakeFiles/m.dir/model/kws_lib0.c.obj
                0x08000328                        . = ALIGN (0x8)

.stack          0x20000000      0x200
                0x20000000                        __main_stack_start = .

datas           0x20000200       0x18 load address 0x08000330
 .data.level    0x20000200       0x18 log.o

noinit          0x20000218       0x80
 .noinit."ZEPHYR_BASE/kernel/init.c".2
                0x20000218       0x80 zephyr/kernel/libkernel.a(init.c.obj)

.bss            0x20000298      0x300
 .bss.pool_global_workspace
                0x20000298      0x2f0 app/libapp.a(models.c.obj)
 COMMON         0x20000588       0x10 old.o

.microtvm.pools.fast
                0x10000000       0x40
 .microtvm.pools.fast
                0x10000000       0x40 app/libapp.a(models.c.obj)

.debug_info     0x00000000     0xf5bc
 .debug_info    0x00000000     0xf5bc app/libapp.a(models.c.obj)
"""


def test_regions_and_what_was_placed_are_read() -> None:
    read = parse_link_map(MAP)
    assert read.regions == (
        LinkerRegion("FLASH", 0x08000000, 0x1000),
        LinkerRegion("RAM", 0x20000000, 0x400),
    )
    assert read.symbols == (
        Symbol(".vectors", 0x08000000, 0x40, "object", "startup.c"),
        Symbol("feed", 0x08000040, 0xF0, "function", "rpc.c"),
        Symbol("packed_1", 0x08000138, 0x1F0, "object", "kws_lib0.c"),
        Symbol(".stack", 0x20000000, 0x200, "object", ""),
        Symbol("level", 0x20000200, 0x18, "object", "log"),
        Symbol(".noinit", 0x20000218, 0x80, "object", "init.c"),
        Symbol("pool_global_workspace", 0x20000298, 0x2F0, "object", "models.c"),
        Symbol("COMMON", 0x20000588, 0x10, "object", "old"),
        Symbol("pool_fast", 0x10000000, 0x40, "object", "models.c"),
    )
    assert read.loads == ((0x08000330, 0x18),)


@pytest.mark.parametrize(
    "text",
    ["", "x", "Memory Configuration\n", "\nLinker script and memory map\n", "\0" * 1000],
)
def test_other_texts_tell_nothing(text: str) -> None:
    assert parse_link_map(text) == NOTHING


def test_files_that_cannot_be_read_tell_nothing(tmp_path: Path) -> None:
    assert read_link_map(tmp_path / "none.map") == NOTHING
    assert read_link_map(tmp_path) == NOTHING
    (tmp_path / "x.map").write_bytes(b"\xff\xfe" * 100)
    assert read_link_map(tmp_path / "x.map") == NOTHING


def test_damage_is_never_an_error() -> None:
    generator = random.Random(5)
    letters = "0x1f \n.*(a\t\"'\u00e9"
    for _ in range(300):
        text = list(MAP)
        for _ in range(generator.randrange(1, 40)):
            text[generator.randrange(len(text))] = generator.choice(letters)
        read = parse_link_map("".join(text))
        assert all(0 <= symbol.size < 1 << 64 for symbol in read.symbols)


def test_a_map_made_to_take_long_does_not() -> None:
    head = MAP.partition(".text ")[0]
    start = time.monotonic()
    for line in (" " * 1_000_000, " ." + "a" * 1_000_000, "0x" + "f" * 1_000_000, "\n" * 1_000_000):
        parse_link_map(head + line + " 0x1 0x2 x.o\n" + line)
    assert time.monotonic() - start < 10
