# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Boards: boards/<name>/board.toml as a checked value. boards/README.md explains each key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.errors import BoardError, UnknownBoardError
from microtvm_project.fields import Fields
from microtvm_project.suggest import nearest
from microtvm_project.toml_reader import parse_toml

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = 1
BOARD_FILE = "board.toml"
PLATFORMS = ("baremetal", "zephyr")
FPUS = ("none", "single", "double")
# The pools of a model for which no other was named; the second is its caller's inputs and outputs.
GLOBAL_WORKSPACE = "global_workspace"
DEFAULT_POOLS = (GLOBAL_WORKSPACE, "io")
MEMORY_KINDS = ("flash", "ram")

# Zephyr's names may have a revision and qualifiers.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@/-]*")
_REGION_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CPU = re.compile(r"cortex-m[0-9]+p?(plus)?(\+[a-z0-9]+)*")
_USB_ID = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}")


@dataclass(frozen=True)
class MemoryRegion:
    """A range of addresses that an image may use."""

    name: str
    kind: str
    address: int
    size: int
    devicetree_label: str = ""

    @property
    def end(self) -> int:
        """The first address after the region."""
        return self.address + self.size


@dataclass(frozen=True)
class Qemu:
    """How QEMU stands in for the board: its machine, and which of its UARTs is the console."""

    machine: str
    serial: int


@dataclass(frozen=True)
class Board:
    """What is known of a board without asking Zephyr or the board."""

    name: str
    description: str
    platforms: tuple[str, ...]
    cpu: str
    fpu: str
    clock_hz: int
    memory: tuple[MemoryRegion, ...]
    baudrate: int
    qemu: Qemu | None = None
    usb_ids: tuple[str, ...] = ()
    flash_runners: tuple[str, ...] = ()
    zephyr_board: str = ""
    zephyr_board_hwmv2: str = ""

    def __post_init__(self) -> None:
        _require(bool(_NAME.fullmatch(self.name)), self, "name", self.name, "letters, digits and _")
        _require(bool(_CPU.fullmatch(self.cpu)), self, "cpu", self.cpu, "a core like cortex-m4")
        for region in self.memory:
            good = bool(_REGION_NAME.fullmatch(region.name))
            _require(good, self, "memory region", region.name, "a letter, then a-z, 0-9 and _")
        for usb_id in self.usb_ids:
            good = bool(_USB_ID.fullmatch(usb_id))
            _require(good, self, "usb id", usb_id, "four hex digits, a colon, four hex digits")
        if "zephyr" in self.platforms:
            named = bool(self.zephyr_board and self.zephyr_board_hwmv2)
            _require(named, self, "zephyr", "incomplete", "board and board_hwmv2")
        _require(bool(self.regions("ram")), self, "memory", "without RAM", "a region of kind ram")
        _check_overlaps(self)

    @property
    def zephyr_names(self) -> tuple[str, ...]:
        """What Zephyr calls the board, up to 3.6 and from 3.7 on."""
        return tuple(name for name in (self.zephyr_board, self.zephyr_board_hwmv2) if name)

    def regions(self, kind: str) -> tuple[MemoryRegion, ...]:
        """The memory regions of one kind, in the file's order."""
        return tuple(region for region in self.memory if region.kind == kind)

    def region_name_of_pool(self, pool: str) -> str:
        """The region that a pool goes to if nothing else is said: its own name, or the main RAM."""
        return self.regions("ram")[0].name if pool in DEFAULT_POOLS else pool

    def region_of_pool(self, pool: str) -> MemoryRegion | None:
        """That region; None where the board has none of that name."""
        name = self.region_name_of_pool(pool)
        return next((region for region in self.memory if region.name == name), None)


def load_board(directory: Path) -> Board:
    """Reads the board.toml in a board's folder."""
    path = directory / BOARD_FILE
    board = read_board(path)
    if board.name != directory.name:
        raise BoardError(f"{path} names the board {board.name!r}", expected=repr(directory.name))
    return board


def read_board(path: Path, least_clock_hz: int = 1) -> Board:
    """Reads a file in the form of a board.toml."""
    try:
        values = parse_toml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BoardError(f"Cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise BoardError(f"{path} is not valid TOML: {error}") from error
    return board_from_fields(Fields(values, str(path), BoardError), least_clock_hz)


def list_boards(boards_dir: Path) -> tuple[str, ...]:
    """The names of the boards that have a folder, sorted."""
    return tuple(sorted(path.parent.name for path in boards_dir.glob(f"*/{BOARD_FILE}")))


def find_board(boards_dir: Path, name: str) -> Board:
    """Loads a board by the name of its folder, or by one of Zephyr's."""
    board = board_called(boards_dir, name)
    if board is None:
        known = list_boards(boards_dir)
        raise UnknownBoardError(
            f"Board {name!r} is not known",
            expected=f"one of {', '.join(known)}",
            hint=nearest(name, known),
        )
    return board


def board_called(boards_dir: Path, name: str) -> Board | None:
    """The same; None where no folder is about that board."""
    known = list_boards(boards_dir)
    if name in known:
        return load_board(boards_dir / name)
    boards = (load_board(boards_dir / each) for each in known)
    return next((board for board in boards if name in board.zephyr_names), None)


def board_from_fields(fields: Fields, least_clock_hz: int = 1) -> Board:
    """Checks and types the tables of a board.toml; a clock of 0 stands for one not known."""
    schema = fields.integer("schema")
    if schema != SCHEMA:
        raise BoardError(f"{fields.where} has schema {schema}", expected=f"schema {SCHEMA}")
    core = fields.table("core")
    zephyr = fields.table("zephyr") if "zephyr" in fields else None
    board = Board(
        name=fields.text("name"),
        description=fields.text("description"),
        platforms=_platforms(fields),
        cpu=core.text("cpu"),
        fpu=core.choice("fpu", FPUS),
        clock_hz=core.integer("clock_hz", minimum=least_clock_hz),
        memory=tuple(_memory_region(table) for table in fields.tables("memory")),
        baudrate=_baudrate(fields.table("console")),
        qemu=_qemu(fields.table("qemu")) if "qemu" in fields else None,
        usb_ids=_only_list(fields, "usb", "ids"),
        flash_runners=_only_list(fields, "flash", "runners"),
        zephyr_board=zephyr.text("board") if zephyr else "",
        zephyr_board_hwmv2=zephyr.text("board_hwmv2") if zephyr else "",
    )
    for table in (core, zephyr, fields):
        if table is not None:
            table.finish()
    return board


def _platforms(fields: Fields) -> tuple[str, ...]:
    platforms = fields.texts("platforms")
    wrong = sorted(set(platforms) - set(PLATFORMS))
    if wrong or not platforms:
        found = f"{fields.where}: platforms is {list(platforms)}"
        raise BoardError(found, expected=f"some of {', '.join(PLATFORMS)}")
    return platforms


def _memory_region(fields: Fields) -> MemoryRegion:
    region = MemoryRegion(
        name=fields.text("name"),
        kind=fields.choice("kind", MEMORY_KINDS),
        address=fields.integer("address"),
        size=fields.integer("size", minimum=1),
        devicetree_label=fields.text("devicetree_label", ""),
    )
    fields.finish()
    return region


def _baudrate(fields: Fields) -> int:
    baudrate = fields.integer("baudrate", minimum=1)
    fields.finish()
    return baudrate


def _qemu(fields: Fields) -> Qemu:
    qemu = Qemu(machine=fields.text("machine"), serial=fields.integer("serial", 0))
    fields.finish()
    return qemu


def _only_list(fields: Fields, table: str, key: str) -> tuple[str, ...]:
    """The one array of an optional table."""
    if table not in fields:
        return ()
    inner = fields.table(table)
    values = inner.texts(key)
    inner.finish()
    return values


def _require(good: bool, board: Board, key: str, found: str, expected: str) -> None:
    if not good:
        raise BoardError(f"Board {board.name!r}: {key} is {found!r}", expected=expected)


def _check_overlaps(board: Board) -> None:
    regions = sorted(board.memory, key=lambda region: region.address)
    for index in range(1, len(regions)):
        before, after = regions[index - 1], regions[index]
        if after.address < before.end:
            raise BoardError(
                f"Board {board.name!r}: memory regions {before.name} and {after.name} overlap:"
                f" {after.name} begins at {after.address:#010x}",
                expected=f"{before.end:#010x} or later, where {before.name} ends",
            )
    names = [region.name for region in board.memory]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BoardError(f"Board {board.name!r}: two memory regions are both named {twice[0]!r}")
