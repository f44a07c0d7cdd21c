# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The port of a board among those attached, from recorded lists of none, one and three boards."""

from __future__ import annotations

import pytest
from microtvm_project.boards import find_board
from microtvm_project.errors import TransportError
from microtvm_project.ports import PortInfo, choose_port, identities
from support.archives import ROOT

BOARD = find_board(ROOT / "boards", "nucleo_f746zg")
ONE = PortInfo("/dev/ttyACM0", "0483:374b", "0667FF3837", "STM32 STLink")
TWO = PortInfo("/dev/ttyACM1", "0483:374b", "066FFF5151", "STM32 STLink")
OTHER = PortInfo("/dev/ttyACM2", "1366:1055", "000683459357", "J-Link")
BUILT_IN = PortInfo("/dev/ttyS0")


@pytest.mark.parametrize(
    ("ports", "serial_number", "device"),
    [
        ([BUILT_IN, ONE], None, "/dev/ttyACM0"),
        ([ONE, OTHER], None, "/dev/ttyACM0"),
        ([ONE, TWO, OTHER], "066FFF5151", "/dev/ttyACM1"),
        ([ONE, TWO, OTHER], "000683459357", "/dev/ttyACM2"),
    ],
)
def test_one_port_fits(ports: list[PortInfo], serial_number: str | None, device: str) -> None:
    assert choose_port(ports, BOARD, serial_number) == device


@pytest.mark.parametrize(
    ("ports", "serial_number", "found", "expected"),
    [
        ([], None, "attached: none", "0483:374b"),
        ([BUILT_IN], None, "/dev/ttyS0 (no USB data)", "0483:374b"),
        ([OTHER], None, "/dev/ttyACM2 (1366:1055, 000683459357, J-Link)", "0483:374b"),
        ([ONE, TWO, OTHER], None, "/dev/ttyACM0 (0483:374b, 0667FF3837", "0483:374b"),
        ([ONE, TWO], "123", "/dev/ttyACM1 (0483:374b, 066FFF5151", "serial number 123"),
        ([ONE, ONE], "0667FF3837", "Several ports", "serial number 0667FF3837"),
    ],
)
def test_no_port_or_several_are_listed(
    ports: list[PortInfo], serial_number: str | None, found: str, expected: str
) -> None:
    with pytest.raises(TransportError) as caught:
        choose_port(ports, BOARD, serial_number)
    assert found in caught.value.found
    assert expected in caught.value.expected


def test_a_board_without_usb_ids_needs_a_choice() -> None:
    emulated = find_board(ROOT / "boards", "mps2_an386")
    with pytest.raises(TransportError, match="No port is board mps2_an386's"):
        choose_port([BUILT_IN, ONE], emulated, None)


@pytest.mark.parametrize(
    ("port", "serial_number", "names"),
    [
        ("", "066FFF5151", ("serial number 66FFF5151",)),
        ("/dev/ttyACM1", "", ("port /dev/ttyACM1", "serial number 66FFF5151")),
        ("/dev/../dev/ttyACM1", "", ("port /dev/ttyACM1", "serial number 66FFF5151")),
        ("/dev/ttyACM1", "7", ("port /dev/ttyACM1", "serial number 66FFF5151", "serial number 7")),
        ("/dev/ttyS0", "", ("port /dev/ttyS0",)),
        ("socket://a:1", "", ("port socket://a:1",)),
        ("", "683459357", ("serial number 683459357",)),
        ("/dev/ttyACM2", "", ("port /dev/ttyACM2", "serial number 683459357")),
        ("", "", ()),
    ],
)
def test_all_that_a_board_is_known_by(
    port: str, serial_number: str, names: tuple[str, ...]
) -> None:
    assert identities([BUILT_IN, ONE, TWO, OTHER], port, serial_number) == names
