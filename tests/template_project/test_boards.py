# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""board.toml to Board: what is wrong is refused, by file, table and key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from microtvm_project.boards import (
    Board,
    MemoryRegion,
    Qemu,
    find_board,
    list_boards,
    load_board,
)
from microtvm_project.errors import BoardError
from microtvm_project.toml_reader import parse_simple_toml, parse_toml
from support.archives import ROOT

BOARDS = ROOT / "boards"

GOOD = """
schema = 1
name = "thing"
description = "A thing"
platforms = ["zephyr"]

[core]
cpu = "cortex-m33+nodsp"
fpu = "none"
clock_hz = 64_000_000

[[memory]]
name = "flash"
kind = "flash"
address = 0x0
size = 0x8_0000

[[memory]]
name = "ram"
kind = "ram"
address = 0x2000_0000
size = 65536
devicetree_label = "sram0"

[console]
baudrate = 115200

[usb]
ids = ["1366:1055"]

[flash]
runners = ["nrfjprog", "jlink"]

[zephyr]
board = "thing_cpuapp"
board_hwmv2 = "thing/soc/cpuapp"
"""


def load(tmp_path: Path, text: str) -> Board:
    folder = tmp_path / "thing"
    folder.mkdir(exist_ok=True)
    (folder / "board.toml").write_text(text, encoding="utf-8")
    return load_board(folder)


def test_all_keys(tmp_path: Path) -> None:
    board = Board(
        name="thing",
        description="A thing",
        platforms=("zephyr",),
        cpu="cortex-m33+nodsp",
        fpu="none",
        clock_hz=64_000_000,
        memory=(
            MemoryRegion("flash", "flash", 0, 0x80000),
            MemoryRegion("ram", "ram", 0x20000000, 65536, "sram0"),
        ),
        baudrate=115200,
        usb_ids=("1366:1055",),
        flash_runners=("nrfjprog", "jlink"),
        zephyr_board="thing_cpuapp",
        zephyr_board_hwmv2="thing/soc/cpuapp",
    )
    assert load(tmp_path, GOOD) == board
    assert board.regions("ram") == board.memory[1:]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("schema = 1", "schema = 2", "has schema 2"),
        ('name = "thing"', 'name = "other"', "names the board 'other'"),
        ('name = "thing"', 'name = "../x"', r"name is '\.\./x'"),
        ('["zephyr"]', '["arduino"]', "platforms is"),
        ('["zephyr"]', "[]", "platforms is"),
        ('["zephyr"]', "[1]", "'platforms' is a list"),
        ("cortex-m33+nodsp", "x86", "cpu is 'x86'"),
        ('fpu = "none"', 'fpu = "half"', "'fpu' is 'half'"),
        ("64_000_000", "0", "'clock_hz' is 0"),
        ("64_000_000", '"fast"', "'clock_hz' is 'fast'"),
        ("size = 65536", "size = -1", "'size' is -1"),
        ('kind = "ram"', 'kind = "flash"', "memory is 'without RAM'"),
        ("address = 0x2000_0000", "address = 0x7_FFFF", "flash and ram overlap"),
        ("baudrate = 115200", "", "has no 'baudrate'"),
        ("1366:1055", "1366", "usb id is '1366'"),
        ("board_hwmv2", "hwmv2", "has no 'board_hwmv2'"),
        ('name = "ram"', 'name = "RAM 1"', "memory region is 'RAM 1'"),
        ('name = "ram"', 'name = "flash"', "both named 'flash'"),
        ("[usb]", "[usb]\nvid = 1", "unknown keys: vid"),
        ("[core]", "[core]\nmhz = 1", "unknown keys: mhz"),
        ("[flash]", "[other]\nx = 1\n[flash]", "unknown keys: other"),
        ("[console]", "[console", "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(BoardError, match=told):
        load(tmp_path, GOOD.replace(old, new, 1))


def test_a_zephyr_board_needs_its_names(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match="zephyr is 'incomplete'"):
        load(tmp_path, GOOD[: GOOD.index("[zephyr]")])


def test_nested_too_deeply(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match="is not valid TOML"):
        load(tmp_path, "x = " + "[" * 100_000)


def test_the_boards_that_there_are() -> None:
    names = list_boards(BOARDS)
    assert len(names) >= 14
    for name in names:
        assert find_board(BOARDS, name).name == name


def test_the_emulated_boards() -> None:
    m4, m7 = find_board(BOARDS, "mps2_an386"), find_board(BOARDS, "mps2_an500")
    assert (m4.cpu, m4.fpu, m4.qemu) == ("cortex-m4", "single", Qemu("mps2-an386", 0))
    assert (m7.cpu, m7.fpu, m7.qemu) == ("cortex-m7", "double", Qemu("mps2-an500", 0))
    assert m7.memory[: len(m4.memory)] == m4.memory
    same = replace(
        m7,
        memory=m4.memory,
        name=m4.name,
        description=m4.description,
        cpu=m4.cpu,
        fpu=m4.fpu,
        qemu=m4.qemu,
        zephyr_board=m4.zephyr_board,
        zephyr_board_hwmv2=m4.zephyr_board_hwmv2,
    )
    assert same == m4


def test_an_unknown_board() -> None:
    with pytest.raises(BoardError, match="'nowhere' is not known") as caught:
        find_board(BOARDS, "nowhere")
    assert "mps2_an386" in caught.value.expected


def test_old_pythons_read_every_board_alike() -> None:
    for name in list_boards(BOARDS):
        text = (BOARDS / name / "board.toml").read_text(encoding="utf-8")
        assert parse_simple_toml(text) == parse_toml(text)
    assert parse_simple_toml(GOOD) == parse_toml(GOOD)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "x = ",
        "x = 1 2",
        "x = [1 2]",
        "x = [1",
        'x = "a',
        "x = 1_",
        "x = 1\nx = 2",
        "[a]\n[a]",
        "[a]\n[[a]]",
        "[a",
        "[[a]",
        "x = [[1]]",
    ],
)
def test_old_pythons_refuse_what_they_cannot_read(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_simple_toml(text)


def test_comments_and_flags_on_old_pythons() -> None:
    text = 'x = true # yes\n# no\ny = ["a", false,] # list\n[t] # table\n'
    assert parse_simple_toml(text) == parse_toml(text)
