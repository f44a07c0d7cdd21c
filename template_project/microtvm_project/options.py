# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The project options, once: name, type, methods, choices, default, help.

The server's description, the command line's help and every check come from
this table. A value counts in this order: given with the call, given when the
project was created, the default.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from microtvm_project.boards import PLATFORMS
from microtvm_project.errors import OptionError
from microtvm_project.project_option import ProjectOption

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from microtvm_project.project_option import OptionValue

GENERATE = "generate_project"
BUILD = "build"
FLASH = "flash"
OPEN = "open_transport"
METHODS = (GENERATE, BUILD, FLASH, OPEN)

PROGRAMS = ("host_driven", "standalone")
RESET_AUTO, RESET_PROBE, _ = RESETS = ("auto", "probe", "none")

_ALL = (GENERATE, BUILD, FLASH, OPEN)

OPTIONS = (
    ProjectOption(
        "board", "str", "Board to build for; its data are in boards/.", required=(GENERATE,)
    ),
    ProjectOption(
        "project_type",
        "str",
        "Program to build: host_driven obeys a session on the host, standalone runs the model"
        " on a built-in input and prints the outcome.",
        optional=(GENERATE,),
        choices=PROGRAMS,
        default="host_driven",
    ),
    ProjectOption(
        "platform",
        "str",
        "Port of the firmware. If not given: zephyr where a Zephyr tree is known (zephyr_base,"
        " ZEPHYR_BASE or a west workspace), else baremetal.",
        optional=(GENERATE,),
        choices=PLATFORMS,
    ),
    ProjectOption("verbose", "bool", "Log what programs print.", optional=_ALL, default=False),
    ProjectOption(
        "warning_as_error",
        "bool",
        "Let a compiler's warning end the build.",
        optional=(GENERATE,),
        default=False,
    ),
    ProjectOption(
        "compile_definitions",
        "str",
        "Definitions for the C compiler, separated by blanks: NAME or NAME=VALUE, with or"
        " without -D.",
        optional=(GENERATE,),
    ),
    ProjectOption(
        "extra_files_tar",
        "str",
        "Uncompressed tar archive to unpack over the project.",
        optional=(GENERATE,),
    ),
    ProjectOption(
        "additional_models",
        "str",
        "More module.tar files for the same firmware, separated by commas.",
        optional=(GENERATE,),
    ),
    ProjectOption(
        "workspace_size_bytes",
        "int",
        "Bytes of the pool global_workspace, which models have where no pools were named. If not"
        " given: what the largest model needs.",
        optional=(GENERATE,),
    ),
    ProjectOption(
        "workspace",
        "str",
        "Whether models share the memory of their pools, one running at a time, or have memory of"
        " their own, where tensors stay whole while other models run. If not given: shared.",
        optional=(GENERATE,),
        choices=("shared", "own"),
    ),
    ProjectOption(
        "pool_regions",
        "str",
        "Memory regions of the board for pools, POOL=REGION or POOL:REGION separated by commas. If"
        " not given: the region of the pool's name; the main RAM for global_workspace and io.",
        optional=(GENERATE,),
    ),
    ProjectOption(
        "main_stack_size",
        "int",
        "Bytes of the main thread's stack; less than the bound that the build computes is refused."
        " If not given: on bare metal the bound and a margin, on Zephyr the firmware's default.",
        optional=(GENERATE,),
    ),
    ProjectOption(
        "config_main_stack_size", "int", "Older name of main_stack_size.", optional=(GENERATE,)
    ),
    ProjectOption(
        "layer_timeout_ms",
        "int",
        "Milliseconds that a layer may take before the firmware ends it as a fault. If not given:"
        " 10000.",
        optional=(GENERATE,),
    ),
    ProjectOption("zephyr_base", "str", "Zephyr tree. If not given: ZEPHYR_BASE.", optional=_ALL),
    ProjectOption(
        "zephyr_modules",
        "str",
        "Zephyr modules to use outside a west workspace, separated by semicolons. If not"
        " given: ZEPHYR_MODULES.",
        optional=(GENERATE, BUILD),
    ),
    ProjectOption(
        "west_cmd",
        "str",
        "Command that starts west, quoted as for a shell. If not given: the west of this"
        " Python, else the one on PATH.",
        optional=_ALL,
    ),
    ProjectOption(
        "serial_number",
        "str",
        "Serial number of the board's probe, where several boards are attached.",
        optional=(FLASH, OPEN),
    ),
    ProjectOption(
        "runner",
        "str",
        "West's flash runner, such as openocd. If not given: the one that Zephyr chooses.",
        optional=(FLASH, OPEN),
    ),
    ProjectOption(
        "erase",
        "bool",
        "Erase the whole flash before the image is written, not only what it takes.",
        optional=(FLASH,),
        default=False,
    ),
    ProjectOption(
        "dry_run",
        "bool",
        "Log the command that would flash the board, and run nothing.",
        optional=(FLASH,),
        default=False,
    ),
    ProjectOption(
        "port",
        "str",
        "Serial port, as a path or any URL that pyserial knows; with a place, the name of its"
        " resource. If not given: found from serial_number or the board's USB ids.",
        optional=(OPEN,),
    ),
    ProjectOption(
        "baudrate",
        "int",
        "Bits a second on the serial port. If not given: the board's.",
        optional=(OPEN,),
    ),
    ProjectOption(
        "reset",
        "str",
        "How a session starts the board: by its program, else its probe; by the probe; not.",
        optional=(OPEN,),
        choices=RESETS,
        default="auto",
    ),
    ProjectOption(
        "board_timeout",
        "int",
        "Seconds to wait for a board that another process uses, or a place that is held. If not"
        " given: none.",
        optional=(FLASH, OPEN),
    ),
    ProjectOption(
        "place",
        "str",
        "Place of a labgrid lab whose board is used; taken for the call, and released after it."
        " +TOKEN is the one that a reservation got.",
        optional=(FLASH, OPEN),
    ),
    ProjectOption(
        "place_held",
        "bool",
        "The place has been acquired by hand: use it, and leave it held.",
        optional=(FLASH, OPEN),
    ),
    ProjectOption(
        "coordinator",
        "str",
        "Address of the lab's coordinator, HOST:PORT. If not given: LG_COORDINATOR.",
        optional=(FLASH, OPEN),
    ),
    ProjectOption(
        "gdbserver_port",
        "int",
        "TCP port on which QEMU waits for a debugger before it starts the firmware.",
        optional=(OPEN,),
    ),
    ProjectOption(
        "qemu_icount",
        "bool",
        "Let QEMU count instructions, so that measured times are exact and the same each time.",
        optional=(OPEN,),
        default=True,
    ),
)


class OptionValues:
    """The options of one call, checked and typed; what is not set is None."""

    def __init__(self, values: Mapping[str, OptionValue]) -> None:
        self._values = dict(values)

    def text(self, name: str) -> str | None:
        """The value of an option of type str."""
        value = self._values.get(name)
        return value if isinstance(value, str) else None

    def integer(self, name: str) -> int | None:
        """The value of an option of type int."""
        value = self._values.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def flag(self, name: str) -> bool:
        """The value of an option of type bool; False where it is not set."""
        return self._values.get(name) is True

    def as_dict(self) -> dict[str, OptionValue]:
        """All that is set, sorted by name."""
        return dict(sorted(self._values.items()))


def option_rows(boards: Iterable[str]) -> tuple[ProjectOption, ...]:
    """The table, with the boards that there are in the help of `board`.

    They are no choices, which clients check by themselves: Zephyr may know others.
    """
    text = f"Board to build for: {', '.join(boards)}, or any Cortex-M by the name that Zephyr has."
    return tuple(replace(row, help=text) if row.name == "board" else row for row in OPTIONS)


def convert_options(
    rows: Iterable[ProjectOption], method: str, given: Mapping[str, Any]
) -> OptionValues:
    """Checks and types the options of a call.

    Options of other methods are passed over, and so are empty ones: older
    clients send every option that they know with every call.

    Raises:
        OptionError: an option is unknown, missing, mistyped or not among its choices.
    """
    by_name = {row.name: row for row in rows}
    check_names(by_name.values(), given)
    values: dict[str, OptionValue] = {}
    for row in by_name.values():
        value = given.get(row.name)
        if not row.applies_to(method):
            continue
        if value is None or value == "":
            value = row.default
        if value is not None:
            values[row.name] = row.convert(value)
        elif method in row.required:
            raise OptionError(
                f"Option {row.name!r} is required but was not given", expected=row.help
            )
    return OptionValues(values)


def check_names(rows: Iterable[ProjectOption], given: Iterable[str]) -> None:
    """Refuses options that no row names."""
    names = sorted(row.name for row in rows)
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise OptionError(
            f"Option {unknown[0]!r} is not known",
            expected=f"one of {', '.join(names)}",
        )


def options_of(rows: Iterable[ProjectOption], method: str) -> tuple[ProjectOption, ...]:
    """The rows that a method takes, required ones first."""
    taken = [row for row in rows if row.applies_to(method)]
    return tuple(sorted(taken, key=lambda row: method not in row.required))
