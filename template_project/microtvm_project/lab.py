# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A labgrid lab, spoken to through its own program labgrid-client: command lines and errors.

labgrid is not imported. It brings another pyserial under the same name, and a
server whose Python has only its own library must do.
"""

from __future__ import annotations

import getpass
import os
import shlex
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from microtvm_project.errors import OptionError, TransportError
from microtvm_project.lab_place import Place, parse_place
from microtvm_project.process import Command, Outcome, run_within
from microtvm_project.toolchain import find_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from microtvm_project.options import OptionValues

PROGRAM = "labgrid-client"

# Where labgrid looks by itself.
_ADDRESS = "127.0.0.1:20408"

# How long the coordinator may take; gRPC itself gives up on one that is silent after 20 s.
CALL_TIMEOUT_S = 15.0

# Set for whole pytest runs or shells; with them a call would touch every place of the environment.
_NO_ENVIRONMENT = {"LG_ENV": "", "LG_STATE": "", "LG_INITIAL_STATE": ""}

_UNREACHABLE = ("Could not connect to coordinator", "coordinator is unavailable")
_TOLD_LINES = 4
_TOLD_COLUMNS = 300


@dataclass(frozen=True)
class PlaceChoice:
    """Which place is wanted, and how.

    Attributes:
        name: a name, an alias or +TOKEN, as labgrid-client takes them.
        port: which of its serial ports, "" where it has one.
        held: the user has acquired it.
        timeout_s: how long to wait for it.
    """

    name: str
    port: str = ""
    held: bool = False
    timeout_s: int = 0


@dataclass(frozen=True)
class Lab:
    """A coordinator, and the program that speaks to it."""

    program: str
    address: str

    def command(self, place: str, *words: str) -> Command:
        """A command about a place alone, whatever environment file there is."""
        return Command(self._arguments(place, words), Path.cwd(), _NO_ENVIRONMENT)

    def driver_command(self, place: str, *words: str) -> Command:
        """A command for a place's drivers, which the environment file in LG_ENV names."""
        return Command(self._arguments(place, words), Path.cwd())

    def release_command(self, place: str) -> str:
        """What a person types to free a place whoever holds it."""
        return self.typed("-p", place, "release", "--kick")

    def typed(self, *words: str) -> str:
        """What a person types; with LG_ENV set, labgrid would do it to all places named there."""
        return " ".join(("LG_ENV=", PROGRAM, "-x", self.address, *map(shlex.quote, words)))

    def show(self, place: str, check: Callable[[], None]) -> Place:
        """What the coordinator knows of a place.

        Raises:
            TransportError: the coordinator does not answer, or knows no such place.
        """
        outcome = run_within(
            self.command(place, "show"), CALL_TIMEOUT_S, check, error=TransportError
        )
        if outcome.code != 0:
            raise self.explain(place, outcome)
        return parse_place(outcome.text)

    def explain(self, place: str, outcome: Outcome) -> TransportError:
        """The error for a call that failed."""
        if outcome.code is None or any(words in outcome.text for words in _UNREACHABLE):
            within = f" within {CALL_TIMEOUT_S:g} s" if outcome.code is None else ""
            return TransportError(
                f"No labgrid coordinator answers at {self.address}{within}",
                expected="a running labgrid-coordinator",
                hint="set LG_COORDINATOR, or --project-option coordinator=HOST:PORT",
            )
        return TransportError(
            f"{PROGRAM} cannot use place {place}: {last_words(outcome.text)}",
            hint=f"{self.typed('places')} lists what there is",
        )

    def _arguments(self, place: str, words: tuple[str, ...]) -> tuple[str, ...]:
        return (self.program, "-x", self.address, "-p", place, *words)


def find_lab(options: OptionValues) -> Lab:
    """The lab that the options or labgrid's own variable name.

    Raises:
        TransportError: labgrid-client is not installed.
    """
    address = options.text("coordinator") or os.environ.get("LG_COORDINATOR") or _ADDRESS
    return Lab(str(Path(find_program(PROGRAM, TransportError)).absolute()), address)


def chosen_place(options: OptionValues) -> PlaceChoice | None:
    """The place that the options ask for, if they do.

    Raises:
        OptionError: an option is given that is for boards attached here.
    """
    name = options.text("place")
    if not name:
        return None
    for other in ("runner", "serial_number", "erase"):
        if options.as_dict().get(other):
            raise OptionError(
                f"Options place and {other} do not go together",
                expected="a place, whose board and flash driver labgrid knows",
                hint=f"leave {other} out",
            )
    return PlaceChoice(
        name=name,
        port=options.text("port") or "",
        held=options.flag("place_held"),
        timeout_s=options.integer("board_timeout") or 0,
    )


def own_name() -> str:
    """HOST/USER, as which labgrid-client acquires places for us."""
    host = os.environ.get("LG_HOSTNAME", socket.gethostname())
    return f"{host}/{os.environ.get('LG_USERNAME') or getpass.getuser()}"


def last_words(text: str) -> str:
    """The last lines that a program printed, fit to be shown."""
    clean = ("".join(c for c in line if c.isprintable()).strip() for line in text.splitlines())
    lines = [line[:_TOLD_COLUMNS] for line in clean if line]
    return "; ".join(lines[-_TOLD_LINES:]) or "it said nothing"
