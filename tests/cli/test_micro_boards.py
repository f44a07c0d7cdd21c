# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc micro boards, with recorded ports."""

from __future__ import annotations

import pytest
from microtvm_project import ports
from microtvm_project.boards import find_board, list_boards
from microtvm_project.ports import PortInfo
from support.archives import ROOT

from microtvm.cli.main import main
from microtvm.cli.micro_boards import boards_text

BOARDS = [find_board(ROOT / "boards", name) for name in list_boards(ROOT / "boards")]
STLINK = PortInfo("/dev/ttyACM0", "0483:374b", "066FFF5151", "STM32 STLink")
JLINK = PortInfo("/dev/ttyACM1", "1366:1051", "", "J-Link")
BUILT_IN = PortInfo("/dev/ttyS0")


def lines(*attached: PortInfo, only_attached: bool = False) -> dict[str, str]:
    """The table's lines by board."""
    text = boards_text(BOARDS, attached, only_attached=only_attached)
    return {line.split()[0]: line for line in text.splitlines()[2:]}


def test_every_board_is_listed_with_what_it_has() -> None:
    table = lines(BUILT_IN)
    assert list(table) == [board.name for board in BOARDS]
    assert "cortex-m7" in table["nucleo_f746zg"]
    assert " 216 " in table["nucleo_f746zg"]
    assert " 256+64 KB " in table["nucleo_f746zg"]
    assert " QEMU " in table["mps2_an500"]
    assert not any("tty" in line for line in table.values())


def test_attached_boards_are_marked() -> None:
    table = lines(STLINK, JLINK)
    assert "/dev/ttyACM0 (066FFF5151)" in table["nucleo_f746zg"]
    assert "/dev/ttyACM1 " in table["nrf5340dk"]
    assert "tty" not in table["frdm_k64f"]


def test_only_attached_ones() -> None:
    assert set(lines(JLINK, only_attached=True)) == {"nrf52840dk", "nrf5340dk"}
    text = boards_text(BOARDS, [BUILT_IN], only_attached=True)
    assert text == "no board is attached; serial ports: /dev/ttyS0 (no USB data)"


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(ports, "attached_ports", lambda: (STLINK,))
    assert main(["micro", "boards", "--attached"]) == 0
    printed = capsys.readouterr().out
    assert "nucleo_l4r5zi" in printed
    assert "nrf52840dk" not in printed
