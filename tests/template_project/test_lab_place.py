# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What labgrid-client prints of a place: its holder, its serial ports, and all that may be odd."""

from __future__ import annotations

import pytest
from microtvm_project.errors import TransportError
from microtvm_project.lab_place import Place, SerialResource, parse_place

_HEAD = """\
Place 'nucleo-1':
  aliases: l4
  comment: on the left
  tags: board=nucleo
  matches:
    east/nucleo-1/*
  acquired: here/alice
  acquired resources:
    east/nucleo-1/NetworkSerialPort/USBSerialPort
    east/nucleo-1/NetworkUSBDebugger/USBDebugger
  allowed: there/bob, here/carol
  created: 2026-11-26 15:31:51.133733
  changed: 2026-11-26 15:31:53.186901
  reservation: 52902Z28XZ
"""
_PORT = """\
Acquired resource '{name}' (east/nucleo-1/NetworkSerialPort/USBSerialPort):
  {{'acquired': 'nucleo-1',
   'avail': {available},
   'cls': 'NetworkSerialPort',
   'params': {{'extra': {{'path': '/dev/ttyACM0',
                        'proxy': 'east.lab',
                        'proxy_required': {proxy}}},
              'host': {host},
              'port': {port},
              'speed': 115200{more}}}}}
"""
_DEBUGGER = """\
Acquired resource 'USBDebugger' (east/nucleo-1/NetworkUSBDebugger/USBDebugger):
  {'acquired': 'nucleo-1', 'avail': True, 'cls': 'NetworkUSBDebugger', 'params': {}}
"""


def port_text(
    name: str = "USBSerialPort",
    available: str = "True",
    proxy: str = "False",
    host: str = "'east.lab'",
    port: str = "40123",
    more: str = "",
) -> str:
    return _PORT.format(
        name=name, available=available, proxy=proxy, host=host, port=port, more=more
    )


def test_a_place_with_all_there_can_be() -> None:
    place = parse_place(_HEAD + _DEBUGGER + port_text())
    assert (place.name, place.holder, place.since, place.reservation) == (
        *("nucleo-1", "here/alice", "2026-11-26 15:31:53", "52902Z28XZ"),
    )
    assert place.allowed == ("there/bob", "here/carol")
    port = place.serial_port("")
    assert port == SerialResource("USBSerialPort", "east.lab", 40123, "rfc2217", 115200)
    assert port.url() == "rfc2217://east.lab:40123?ign_set_control&timeout=5"


def test_a_place_that_nobody_holds() -> None:
    text = "Place 'a':\n  matches:\n  acquired: None\n  acquired resources:\n  changed: x\n"
    assert parse_place(text) == Place("a", since="x")


@pytest.mark.parametrize(
    ("host", "url"),
    [("'127.0.0.1'", "socket://127.0.0.1:40123"), ("'fe80::1'", "socket://[fe80::1]:40123")],
)
def test_a_port_without_telnet(host: str, url: str) -> None:
    text = _HEAD + port_text(host=host, more=", 'protocol': 'raw'")
    assert parse_place(text).serial_port("").url() == url


def test_several_ports() -> None:
    place = parse_place(_HEAD + port_text("console") + port_text("trace", port="40124"))
    assert place.serial_port("trace").port == 40124
    with pytest.raises(TransportError, match="are: console, trace") as caught:
        place.serial_port("")
    assert "port=NAME" in caught.value.hint
    with pytest.raises(TransportError) as caught:
        place.serial_port("gps")
    assert caught.value.expected == "one named gps"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (_DEBUGGER, "are: none"),
        (port_text(available="False"), "is not available"),
        (port_text(port="None"), "is not available"),
        (port_text(proxy="True"), "behind an SSH tunnel to 'east.lab'"),
        (port_text(port="0"), "'port': 0"),
        (port_text(port="70000"), "'port': 70000"),
        (port_text(port="'9'"), "'port': '9'"),
        (port_text(host="'x/?y'"), "'host': 'x/[?]y'"),
        (port_text(host="7"), "'host': 7"),
        (port_text(more=", 'protocol': 'smoke'"), "'protocol': 'smoke'"),
        (port_text(more=", 'protocol': ['raw']"), r"'protocol': \['raw'\]"),
        (port_text(host="open('x')"), "are: none"),
        (port_text(host="(" * 5000), "are: none"),
        (port_text(host="1" * 5000), "are: none"),
        ("Acquired resource 'a' (b):\n  [1, 2]\n", "are: none"),
        ("Orphaned resource 'a' (east/b/c/d)\n", "lost its exporter east"),
    ],
)
def test_a_port_that_cannot_be_opened(text: str, found: str) -> None:
    with pytest.raises(TransportError, match=found) as caught:
        parse_place(_HEAD + text).serial_port("")
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("text", ["", "no place", "\0\x1b[31m" * 100_000])
def test_no_place(text: str) -> None:
    with pytest.raises(TransportError, match="told of no place") as caught:
        parse_place(text)
    assert len(str(caught.value)) < 1000
