# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A place of a labgrid lab, as `labgrid-client show` prints it: its holder and serial ports."""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass
from typing import Any

from microtvm_project.errors import TransportError

_CLASS = "NetworkSerialPort"
_PROTOCOLS = {
    "raw": "socket://{}",
    # Most servers of ports leave the control lines alone and would not answer about them.
    "rfc2217": "rfc2217://{}?ign_set_control&timeout=5",
}

_NAME = re.compile(r"^Place '(.*)':$", re.MULTILINE)
_FIELD = re.compile(r"^  (acquired|allowed|changed|reservation): (.*)$", re.MULTILINE)
_RESOURCE = re.compile(
    r"^(?:Acquired|Matching) resource '(.*)' \(.*\):\n((?: .*(?:\n|\Z))+)", re.MULTILINE
)
_ORPHAN = re.compile(r"^Orphaned resource '(.*)' \((.*?)/.*\)$", re.MULTILINE)
_HOST = re.compile(r"[A-Za-z0-9_.-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")


@dataclass(frozen=True)
class SerialResource:
    """A serial port that an exporter offers over the network; `speed` in bits a second."""

    name: str
    host: str
    port: int
    protocol: str
    speed: int

    def url(self) -> str:
        """What pyserial opens it by."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return _PROTOCOLS[self.protocol].format(f"{host}:{self.port}")


@dataclass(frozen=True)
class Place:
    """What a coordinator knows of a place.

    Attributes:
        holder: HOST/USER who has acquired it, or "".
        allowed: those whom the holder lets use it too.
        since: when that last changed, in the words of labgrid.
        reservation: the token of the reservation that it was given to, or "".
        resources: its serial ports as they were printed, by name.
        lost: exporters that had a resource of it and are gone.
    """

    name: str
    holder: str = ""
    allowed: tuple[str, ...] = ()
    since: str = ""
    reservation: str = ""
    resources: tuple[tuple[str, dict[str, Any]], ...] = ()
    lost: tuple[str, ...] = ()

    def serial_port(self, name: str) -> SerialResource:
        """The serial port of that name; the only one where the name is "".

        Raises:
            TransportError: there is none, or more than one, or it cannot be used now.
        """
        fitting = [(key, values) for key, values in self.resources if name in ("", key)]
        if len(fitting) == 1:
            return self._resource(*fitting[0])
        if self.lost:
            raise TransportError(
                f"Place {self.name} has lost its exporter {', '.join(self.lost)}",
                expected="a labgrid-exporter that runs on the host of the board",
            )
        names = ", ".join(key for key, _ in self.resources) or "none"
        raise TransportError(
            f"The serial ports of place {self.name} are: {names}",
            expected=f"one named {name}" if name else f"one resource {_CLASS}",
            hint="name one of them with --project-option port=NAME"
            if self.resources
            else f"labgrid-client -p {self.name} show",
        )

    def _resource(self, name: str, values: dict[str, Any]) -> SerialResource:
        parameters = _table(values.get("params"))
        self._check_reachable(name, values, parameters)
        host, port, protocol, speed = (
            parameters.get(key, default)
            for key, default in (("host", ""), ("port", 0), ("protocol", "rfc2217"), ("speed", 0))
        )
        if not (
            isinstance(host, str)
            and _HOST.fullmatch(host)
            and isinstance(port, int)
            and 0 < port < 1 << 16
            and isinstance(protocol, str)
            and protocol in _PROTOCOLS
            and isinstance(speed, int)
        ):
            raise TransportError(
                f"Serial port {name} of place {self.name} is {_shorten(parameters)}",
                expected=f"host, port, speed, and a protocol of {', '.join(_PROTOCOLS)}",
            )
        return SerialResource(name, host, port, protocol, speed)

    def _check_reachable(
        self, name: str, values: dict[str, Any], parameters: dict[str, Any]
    ) -> None:
        if values.get("avail") is not True or parameters.get("port") is None:
            raise TransportError(
                f"Serial port {name} of place {self.name} is not available",
                expected="a board that is attached to its exporter's host",
                hint="look at the board's cable and power, and at the exporter's log",
            )
        extra = _table(parameters.get("extra"))
        if extra.get("proxy_required") is True:
            raise TransportError(
                f"Serial port {name} of place {self.name} is behind an SSH tunnel to"
                f" {_shorten(extra.get('proxy'))}",
                expected="an exporter that is not isolated",
                hint="make the tunnel, and give its end here as --project-option port=URL",
            )


def parse_place(text: str) -> Place:
    """The place that the text tells of; what is not understood is left out.

    Raises:
        TransportError: it tells of none.
    """
    named = _NAME.search(text)
    if named is None:
        raise TransportError(
            f"labgrid-client told of no place: {_shorten(text)}", expected="Place 'NAME':"
        )
    found = list(_RESOURCE.finditer(text))
    fields = dict(_FIELD.findall(text[: found[0].start()] if found else text))
    holder = fields.get("acquired", "")
    blocks = ((match[1], _values(match[2])) for match in found)
    return Place(
        name=named[1],
        holder="" if holder == "None" else holder,
        allowed=tuple(name for name in fields.get("allowed", "").split(", ") if name),
        since=fields.get("changed", "")[: len("2000-01-01 00:00:00")],
        reservation=fields.get("reservation", ""),
        resources=tuple(pair for pair in blocks if pair[1].get("cls") == _CLASS),
        lost=tuple(sorted({match[2] for match in _ORPHAN.finditer(text)})),
    )


def _values(block: str) -> dict[str, Any]:
    """What Python's pprint printed; nothing where it is no table."""
    try:
        return _table(ast.literal_eval(textwrap.dedent(block)))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return {}


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."
