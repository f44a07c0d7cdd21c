# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What lies in each memory of an image, by what it is; and the figures stored with a build."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from microtvm_project.boards import MemoryRegion, find_board
from microtvm_project.elf import Image, Segment, Symbol
from microtvm_project.errors import BuildError, CapacityError
from microtvm_project.image_memory import image_memory
from microtvm_project.memory_report import load_memory_report, save_memory_report
from microtvm_project.memory_use import Part
from support.archives import ROOT

FLASH = MemoryRegion("flash", "flash", 0x08000000, 4096)
RAM = MemoryRegion("ram", "ram", 0x20000000, 1024)
DTCM = MemoryRegion("dtcm", "ram", 0x10000000, 512)
BOARD = replace(find_board(ROOT / "boards", "mps2_an386"), memory=(FLASH, RAM, DTCM))
MODULES = ("kws", "kws_two")

IMAGE = Image(
    segments=(
        Segment(0x08000000, 2000, 0x08000000, 2000),
        Segment(0x20000000, 100, 0x080007D0, 100),
        Segment(0x20000064, 700, 0x20000064, 0),
        Segment(0x10000000, 300, 0x10000000, 0),
    ),
    sections=(),
    symbols=(
        Symbol("tvmgen_kws_layer_1", 0x08000000, 200, "function", ""),
        Symbol("tvmgen_kws_two_run", 0x08000100, 64, "function", ""),
        Symbol("rows.constprop.0", 0x08000200, 100, "function", "kws_lib1.c"),
        Symbol("feed", 0x08000300, 40, "function", "rpc.c"),
        Symbol("feed_alias", 0x08000300, 40, "function", ""),
        Symbol("packed_1", 0x08000400, 500, "object", "kws_lib0.c"),
        Symbol("table", 0x08000600, 30, "object", "text.c"),
        Symbol("names_lib0.c", 0x08000700, 0, "object", ""),
        Symbol("__main_stack_start", 0x20000064, 0, "", ""),
        Symbol("__main_stack_end", 0x20000164, 0, "", ""),
        Symbol("__kept_start", 0x20000360, 0, "", ""),
        Symbol("__kept_end", 0x20000400, 0, "", ""),
        Symbol("fault_stack", 0x20000164, 64, "object", "fault.c"),
        Symbol("server", 0x200001A4, 48, "object", "main.c"),
        Symbol("pool_global_workspace", 0x10000000, 256, "object", "models.c"),
        Symbol("pool_of_threads", 0x10000100, 16, "object", "kernel.c"),
    ),
)


def test_every_byte_of_the_segments_is_in_one_part() -> None:
    flash, ram, dtcm = image_memory(IMAGE, BOARD, MODULES, 200)
    assert [(part.name, part.size) for part in flash.parts] == [
        ("constants of kws", 500),
        ("code of kws", 300),
        ("code of kws_two", 64),
        ("code of the firmware", 40),
        ("constants of the firmware", 30),
        ("initial values of data", 100),
        ("other, and alignment", 1066),
    ]
    assert [(part.name, part.size) for part in ram.parts] == [
        ("main stack", 256),
        ("other stacks", 64),
        ("data of the firmware", 48),
        ("kept over a reset", 160),
        ("other, and alignment", 432),
    ]
    assert ram.parts[0].details == (Part("in it the bound", 200),)
    assert [(part.name, part.size) for part in dtcm.parts] == [
        ("pool global_workspace", 256),
        ("data of the firmware", 16),
        ("other, and alignment", 28),
    ]
    assert (flash.used, ram.used, dtcm.used) == (2100, 960, 300)
    assert flash.largest_symbols().startswith("packed_1 of kws_lib0.c 500, tvmgen_kws_layer_1 200")


def test_a_stack_without_a_bound_tells_none() -> None:
    ram = image_memory(IMAGE, BOARD, MODULES)[1]
    assert ram.parts[0] == Part("main stack", 256)


def test_what_does_not_fit_names_what_is_there() -> None:
    small = replace(BOARD, memory=(FLASH, replace(RAM, size=799), DTCM))
    told = (
        r"700 bytes at 0x20000064 end 1 bytes after region ram of board mps2_an386; the largest:"
        r" main stack 256, fault_stack of fault.c 64, server of main.c 48\n"
        r"  expected: at most 799 bytes from 0x20000000"
    )
    with pytest.raises(CapacityError, match=told):
        image_memory(IMAGE, small, MODULES)


def test_reading_is_the_inverse_of_writing(tmp_path: Path) -> None:
    uses = image_memory(IMAGE, BOARD, MODULES, 200)
    save_memory_report(tmp_path, "mps2_an386", uses)
    assert load_memory_report(tmp_path) == uses
    first = json.loads((tmp_path / "memory.json").read_text())["memories"][0]
    assert (first["used_bytes"], first["free_bytes"]) == (2100, 1996)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"schema": 2}, "another schema"),
        ({"memories": {}}, "'memories' is a dict"),
        ({"memories": [{"name": 7}]}, "'name' is 7"),
        ({"memories": [5]}, "is 5"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    save_memory_report(tmp_path, "b", image_memory(IMAGE, BOARD, MODULES))
    path = tmp_path / "memory.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(BuildError, match=told):
        load_memory_report(tmp_path)


def test_a_build_without_figures(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="build the project"):
        load_memory_report(tmp_path)
    (tmp_path / "memory.json").write_text("[" * 100_000)
    with pytest.raises(BuildError, match="build the project"):
        load_memory_report(tmp_path)
