# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which boards the options of pytest mean, and how it is told what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from microtvm_project.ports import PortInfo
from support.hardware import device
from support.hardware.device import Device, named_devices, what_is_needed

from microtvm.errors import BoardError, MicroTVMError, TransportError

STLINK = PortInfo("/dev/ttyACM0", "0483:374b", "066FFF5151", "STM32 STLink")
OTHER = PortInfo("/dev/ttyACM1", "0483:374b", "0667FF3837", "STM32 STLink")


@pytest.fixture(autouse=True)
def attached(monkeypatch: pytest.MonkeyPatch) -> list[PortInfo]:
    ports = [STLINK, OTHER]
    monkeypatch.setattr(device, "attached_ports", lambda: tuple(ports))
    monkeypatch.setenv("ZEPHYR_BASE", "/zephyr")
    return ports


def test_boards_of_several_kinds(tmp_path: Path) -> None:
    port = str(tmp_path)
    numbers = ["066FFF5151", "", ""]
    boards = ["nucleo_l4r5zi", "mps2_an386", "mps2_an500"]
    assert named_devices(boards, {"serial_number": numbers, "port": ["", "", port]}) == [
        Device("nucleo_l4r5zi", "zephyr", (("serial_number", "066FFF5151"),)),
        Device("mps2_an386", "baremetal"),
        Device("mps2_an500", "baremetal", (("port", port),)),
    ]


def test_several_boards_of_one_kind() -> None:
    numbers = ["066FFF5151", "0667FF3837"]
    named = named_devices(["nucleo_l4r5zi"], {"serial_number": numbers, "port": []})
    assert [one.options()["serial_number"] for one in named] == numbers
    assert [str(one) for one in named] == [f"nucleo_l4r5zi-zephyr-{number}" for number in numbers]


def test_no_boards() -> None:
    assert named_devices([], {"serial_number": [], "port": []}) == []


@pytest.mark.parametrize(
    ("boards", "choices", "error", "complaint"),
    [
        (["nucleo_l4r5zi"], {}, TransportError, r"Several ports .* /dev/ttyACM0 .* /dev/ttyACM1"),
        (["nrf52840dk"], {}, TransportError, r"attached: /dev/ttyACM0 .*; /dev/ttyACM1 .*"),
        (["nucleo_l4r5zi"], {"serial_number": ["1"]}, TransportError, "attached: /dev/ttyACM0"),
        (["mps2_an386"], {"serial_number": ["1"]}, TransportError, "attached: /dev/ttyACM0"),
        (["nucleo_l4r5zi"], {"port": ["/dev/no"]}, TransportError, "(?s)/dev/no.*one of /dev/ttyA"),
        (["nope"], {}, BoardError, "(?s)'nope'.*nucleo_l4r5zi"),
        ([], {"port": ["socket://a:1"]}, BoardError, "--board NAME"),
        (["mps2_an386", "mps2_an500"], {"port": ["socket://a:1"]}, BoardError, "2 boards"),
    ],
)
def test_boards_that_are_not_there(
    boards: list[str],
    choices: dict[str, list[str]],
    error: type[MicroTVMError],
    complaint: str,
) -> None:
    with pytest.raises(error, match=complaint):
        named_devices(boards, choices)


def test_a_board_for_zephyr_needs_its_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZEPHYR_BASE")
    with pytest.raises(BoardError, match="set ZEPHYR_BASE"):
        named_devices(["nucleo_l4r5zi"], {"serial_number": ["066FFF5151"]})


def test_what_is_needed_tells_what_is_attached(attached: list[PortInfo]) -> None:
    told = what_is_needed()
    assert "--board NAME [--serial-number TEXT] [--port TEXT]" in told
    assert "/dev/ttyACM0 (066FFF5151)" in told
    attached.clear()
    assert what_is_needed().endswith("no board is attached; serial ports: none")
