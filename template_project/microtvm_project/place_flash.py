# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Brings an image to a board in a lab, by the bootstrap driver that the lab's users name."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from microtvm_project.errors import BuildError
from microtvm_project.lab import PROGRAM, last_words, own_name
from microtvm_project.process import run_within

if TYPE_CHECKING:
    from pathlib import Path

    from microtvm_project.held_place import HeldPlace
    from microtvm_project.lab import Lab, PlaceChoice
    from microtvm_project.options import OptionValues

_LOG = logging.getLogger(__name__)

# Slow probes write about 10 KB a second.
FLASH_TIMEOUT_S = 300.0


def flash_place(
    held: HeldPlace, lab: Lab, choice: PlaceChoice, image: Path, options: OptionValues
) -> None:
    """Takes the place, and lets labgrid's driver load the image.

    Args:
        held: takes the place; it is for the caller to release it.
        lab: where the place is.
        choice: which place.
        image: the linked program, as ELF.
        options: of the call; with `dry_run` the commands are logged, and nothing runs.

    Raises:
        TransportError: the place cannot be had.
        BuildError: the driver failed, or there is none.
    """
    if options.flag("dry_run"):
        _log_commands(lab, choice, image)
        return
    name = held.take(lab, choice)
    command = lab.driver_command(name, "bootstrap", str(image))
    outcome = run_within(command, FLASH_TIMEOUT_S)
    if options.flag("verbose"):
        _LOG.info("%s", outcome.text)
    if outcome.code is None:
        raise BuildError(f"{command} did not end within {FLASH_TIMEOUT_S:g} s")
    if outcome.code != 0:
        environment = os.environ.get("LG_ENV") or "not set"
        raise BuildError(
            f"{PROGRAM} could not load the image at place {name}: {last_words(outcome.text)}",
            expected=f"a bootstrap driver for {name} in LG_ENV, which is {environment}",
            hint=f"run it by hand: {command}",
        )


def _log_commands(lab: Lab, choice: PlaceChoice, image: Path) -> None:
    load = lab.driver_command(choice.name, "bootstrap", str(image))
    acquire = lab.command(choice.name, "acquire")
    release = lab.command(choice.name, "release-from", own_name())
    for command in (load,) if choice.held else (acquire, load, release):
        _LOG.info("Would run: %s", command)
