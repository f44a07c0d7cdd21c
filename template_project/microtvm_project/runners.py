# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""West's flash runners: one class each, with what it can do and how it is told to.

Every runner flashes. What else one can do stands in `Capability`; what it cannot is refused before
west is started.
"""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from microtvm_project.toolchain import has_program

if TYPE_CHECKING:
    from microtvm_project.runners_file import RunnersFile

_JLINK_RESET = Path(__file__).with_name("jlink_reset.txt")


class Capability(enum.Enum):
    """What some runners can do and others cannot; the value ends a sentence about it."""

    CHOOSE_PROBE = "be told which probe to use"
    ERASE = "erase the whole flash first"
    RESET = "reset a board"


class Runner:
    """What a runner of west's can do, and what it needs.

    Attributes:
        program: what it starts; Zephyr's build may know another place of it.
        install: how people get the program.
        can: what it can do beside flashing.
        places: below the home folder, where its installer puts it if not on PATH.
    """

    name: ClassVar[str]
    program: ClassVar[str]
    install: ClassVar[str]
    can: ClassVar[frozenset[Capability]] = frozenset(Capability)
    places: ClassVar[tuple[str, ...]] = ()

    def choose_probe(self, serial_number: str) -> tuple[str, ...]:
        """The arguments of `west flash` for one probe."""
        return ("--dev-id", serial_number)

    def reset_command(self, serial_number: str, build: RunnersFile) -> tuple[str, ...]:
        """The words that reset a board and let it run, without west; () where there are none.

        Args:
            serial_number: of the probe; "" where one is attached.
            build: what Zephyr has set up for the board, such as the part's name.
        """
        return ()

    def is_installed(self, home: Path) -> bool:
        """Whether its program is on PATH, beside this Python or in its installer's place."""
        return has_program(self.program) or any((home / place).exists() for place in self.places)


class JLink(Runner):
    """SEGGER's J-Link; its commands come from a file."""

    name = "jlink"
    program = "JLinkExe"
    install = "get the J-Link software from SEGGER's download page"

    def reset_command(self, serial_number: str, build: RunnersFile) -> tuple[str, ...]:
        """J-Link needs the part's name, which Zephyr knows."""
        device = build.argument(self.name, "--device")
        if not device:
            return ()
        probe = ("-USB", serial_number) if serial_number else ()
        speed = build.argument(self.name, "--speed") or "auto"
        words = ("-nogui", "1", "-if", "swd", "-speed", speed, "-device", device)
        return (self.program, *probe, *words, "-CommanderScript", str(_JLINK_RESET))


class LinkServer(Runner):
    """NXP's; its program has no command that resets alone."""

    name = "linkserver"
    program = "LinkServer"
    install = "get LinkServer from NXP's web site"
    can = frozenset({Capability.CHOOSE_PROBE, Capability.ERASE})

    def choose_probe(self, serial_number: str) -> tuple[str, ...]:
        """Its own option, which takes a number in a list as well."""
        return ("--probe", serial_number)

    def reset_command(self, serial_number: str, build: RunnersFile) -> tuple[str, ...]:
        """None."""
        return ()


class NrfJprog(Runner):
    """Nordic's older program."""

    name = "nrfjprog"
    program = "nrfjprog"
    install = "get the nRF Command Line Tools from Nordic's site"

    def reset_command(self, serial_number: str, build: RunnersFile) -> tuple[str, ...]:
        """A reset of the system."""
        return (self.program, "--reset", *(("--snr", serial_number) if serial_number else ()))


class NrfUtil(Runner):
    """Nordic's newer program."""

    name = "nrfutil"
    program = "nrfutil"
    install = "get nRF Util from Nordic's web site"

    def reset_command(self, serial_number: str, build: RunnersFile) -> tuple[str, ...]:
        """A reset of the system."""
        probe = ("--serial-number", serial_number) if serial_number else ()
        return (self.program, "device", "reset", *probe)


class OpenOcd(Runner):
    """OpenOCD; what erases is each board's own, and few of Zephyr's name it."""

    name = "openocd"
    program = "openocd"
    install = "sudo apt-get install openocd"
    can = frozenset({Capability.CHOOSE_PROBE, Capability.RESET})

    def choose_probe(self, serial_number: str) -> tuple[str, ...]:
        """A command of OpenOCD's own; west has no option for it."""
        return ("--cmd-pre-init", f"adapter serial {serial_number}")

    def reset_command(self, serial_number: str, build: RunnersFile) -> tuple[str, ...]:
        """With the configuration that Zephyr has for the board."""
        support = build.board_folder / "support"
        named = build.all_arguments(self.name, "--config")
        configured = named or tuple(
            str(path) for path in [support / "openocd.cfg"] if path.exists()
        )
        commands = list(build.all_arguments(self.name, "--cmd-pre-init"))
        if not configured and not commands:
            return ()
        if serial_number:
            commands.append(f"adapter serial {serial_number}")
        commands += ["init", "reset run", "shutdown"]
        words = [word for path in configured for word in ("-f", path)]
        words += [word for command in commands for word in ("-c", command)]
        return (self.program, "-s", str(support), *words)


class PyOcd(Runner):
    """pyOCD."""

    name = "pyocd"
    program = "pyocd"
    install = "pip install pyocd"

    def reset_command(self, serial_number: str, build: RunnersFile) -> tuple[str, ...]:
        """For the part that Zephyr names, else for any Cortex-M."""
        target = build.argument(self.name, "--target")
        return (
            *(self.program, "reset"),
            *(("-t", target) if target else ()),
            *(("-u", serial_number) if serial_number else ()),
        )


class Stm32CubeProgrammer(Runner):
    """ST's."""

    name = "stm32cubeprogrammer"
    program = "STM32_Programmer_CLI"
    install = "get STM32CubeProgrammer from ST's web site"
    places = ("STMicroelectronics/STM32Cube/STM32CubeProgrammer",)

    def choose_probe(self, serial_number: str) -> tuple[str, ...]:
        """An argument of the program's own, which belongs to its --connect."""
        return (f"--tool-opt=sn={serial_number}",)

    def reset_command(self, serial_number: str, build: RunnersFile) -> tuple[str, ...]:
        """By the reset pin, joining the running program rather than stopping it."""
        probe = (f"sn={serial_number}",) if serial_number else ()
        return (self.program, "--connect", "port=swd", "mode=HOTPLUG", *probe, "-hardRst")


RUNNERS: dict[str, Runner] = {
    runner.name: runner
    for runner in (
        JLink(),
        LinkServer(),
        NrfJprog(),
        NrfUtil(),
        OpenOcd(),
        PyOcd(),
        Stm32CubeProgrammer(),
    )
}
