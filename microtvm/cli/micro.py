# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc micro: the commands that list boards, and make, build and flash projects."""

from __future__ import annotations

from typing import ClassVar

from microtvm.cli.command import Command, CommandGroup
from microtvm.cli.micro_boards import BoardsCommand
from microtvm.cli.micro_build import BuildCommand
from microtvm.cli.micro_create import CreateCommand
from microtvm.cli.micro_flash import FlashCommand


class MicroCommand(CommandGroup):
    name = "micro"
    summary = "List boards; create, build and flash firmware projects"
    commands: ClassVar[tuple[Command, ...]] = (
        BoardsCommand(),
        CreateCommand(),
        BuildCommand(),
        FlashCommand(),
    )
