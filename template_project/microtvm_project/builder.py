# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Builds a generated project, and flashes it: chooses the commands, runs them, checks the image."""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from microtvm_project import baremetal, flash, zephyr
from microtvm_project.boards import Board, board_called
from microtvm_project.build_info import (
    BUILD_FOLDER,
    ProjectInfo,
    is_configured,
    load_project_info,
    mark_configured,
)
from microtvm_project.built_board import load_built_board
from microtvm_project.elf import read_image
from microtvm_project.errors import BoardError, BuildError
from microtvm_project.image import check_image
from microtvm_project.image_memory import image_memory
from microtvm_project.lab import chosen_place, find_lab
from microtvm_project.memory_report import REPORT_FILE, save_memory_report
from microtvm_project.options import OptionValues
from microtvm_project.overflow import explain_overflow
from microtvm_project.place_flash import flash_place
from microtvm_project.process import Command, run
from microtvm_project.stack.measure import measure_stack
from microtvm_project.stack.report import REPORT_FILE as STACK_FILE
from microtvm_project.stack.report import load_stack_report
from microtvm_project.toolchain import find_program

if TYPE_CHECKING:
    from microtvm_project.held_place import HeldPlace
    from microtvm_project.layout import Layout
    from microtvm_project.memory_use import MemoryUse
    from microtvm_project.stack.report import StackReport

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Project:
    """A generated project on disk.

    Attributes:
        own_board: the project's own data of its board; None where only Zephyr knows it.
    """

    folder: Path
    info: ProjectInfo
    own_board: Board | None

    @property
    def board(self) -> Board:
        """The board, which Zephyr's build may have to describe first."""
        return self.own_board or load_built_board(self.folder / BUILD_FOLDER)

    def options_for(self, given: OptionValues) -> OptionValues:
        """The options of a call, over those that the project was created with."""
        return OptionValues({**self.info.options.as_dict(), **given.as_dict()})


def load_project(layout: Layout) -> Project:
    """Reads what the project is."""
    info = load_project_info(layout.server)
    return Project(layout.server, info, board_called(layout.boards, info.board))


def build_project(project: Project, given: OptionValues) -> None:
    """Configures the build folder where that has not been done, builds, and checks the image.

    Raises:
        BuildError: a program is missing or failed, or the image or its stack does not fit.
    """
    options = project.options_for(given)
    configure, build = _commands(project, options)
    folder = project.folder / BUILD_FOLDER
    verbose = options.flag("verbose")
    # A build that fails leaves no figures of an older one.
    (folder / REPORT_FILE).unlink(missing_ok=True)
    try:
        if not is_configured(folder, configure):
            shutil.rmtree(folder, ignore_errors=True)
            run(configure, verbose=verbose)
            mark_configured(folder, configure)
        run(build, verbose=verbose)
    except BuildError as error:
        raise _explained(error, project) from error
    _memory_of(project)
    report = _measure_stack(project)
    wanted = report.recommended
    sized_here = project.info.platform == "baremetal" and not options.integer("main_stack_size")
    if sized_here and wanted != report.configured:
        run(baremetal.resize_command(project.folder, build, wanted), verbose=verbose)
        run(build, verbose=verbose)
        report = _measure_stack(project)
    report.save(folder)
    uses = _memory_of(project, report.bound)
    _LOG.info("Image: %s", ", ".join(f"{use.name}: {use.used} of {use.size} bytes" for use in uses))
    save_memory_report(folder, project.board.name, uses)
    if report.bound is None:
        _LOG.warning("The main stack has no bound: %s", report.program.problem)
    report.check()


def _explained(error: BuildError, project: Project) -> BuildError:
    """The error of a build, said better where it is one of memory."""
    try:
        board = project.board
    except BoardError:
        return error
    return explain_overflow(error, project.folder / BUILD_FOLDER, board, project.info.modules)


def flash_project(project: Project, given: OptionValues, held: HeldPlace) -> None:
    """Brings the image to the board; for QEMU, which loads it itself, only checks it.

    Args:
        project: a built one.
        given: the options of the call.
        held: keeps the place of a lab, where the board is in one.
    """
    options = project.options_for(given)
    check_image(project.info.image(project.folder), project.board)
    _check_stack(project)
    place = chosen_place(options)
    if place is not None:
        flash_place(held, find_lab(options), place, project.info.image(project.folder), options)
        return
    if project.board.qemu:
        _LOG.info("QEMU loads the image of %s by itself", project.board.name)
        return
    build = project.folder / BUILD_FOLDER
    choice = flash.FlashChoice(
        options.text("runner") or "", options.text("serial_number") or "", options.flag("erase")
    )
    command = flash.flash_command(
        build=build,
        tree=_zephyr_tree(project, options),
        west=zephyr.find_west(options.text("west_cmd")),
        board=project.board,
        choice=choice,
    )
    if options.flag("dry_run"):
        _LOG.info("Would run in %s: %s", command.folder, command)
        return
    flash.require_program(build, project.board, choice, Path.home())
    run(command, verbose=options.flag("verbose"))


def _check_stack(project: Project) -> None:
    """Refuses an image whose build was refused for its stack; other programs may have built it."""
    folder = project.folder / BUILD_FOLDER
    if (folder / STACK_FILE).is_file():
        load_stack_report(folder).check()


def _measure_stack(project: Project) -> StackReport:
    info, folder = project.info, project.folder / BUILD_FOLDER
    image = info.image(project.folder)
    return measure_stack(image, folder, info.platform, project.board.fpu, info.modules)


def _memory_of(project: Project, stack_bound: int | None = None) -> tuple[MemoryUse, ...]:
    """What the image takes; one that does not fit is refused."""
    image = read_image(project.info.image(project.folder))
    return image_memory(image, project.board, project.info.modules, stack_bound)


def _commands(project: Project, options: OptionValues) -> tuple[Command, Command]:
    """How to configure the build folder, and how to build in it."""
    if project.info.platform == "baremetal":
        programs = {name: find_program(name) for name in baremetal.PROGRAMS}
        configure = baremetal.configure_command(project.folder, project.info, programs)
        return configure, baremetal.build_command(project.folder, programs)
    tree = _zephyr_tree(project, options)
    zephyr.check_paths(project.folder, tree.base)
    find_program("ninja")
    build = zephyr.ZephyrBuild(
        project=project.folder,
        board=tree.board_name(project.own_board) if project.own_board else project.info.board,
        tree=tree,
        west=zephyr.find_west(options.text("west_cmd")),
        cmake=find_program("cmake"),
        modules=zephyr.modules_for(tree, options, os.environ),
        environment=zephyr.toolchain_environment(os.environ, Path.home()),
    )
    return build.configure_command(), build.build_command()


def _zephyr_tree(project: Project, options: OptionValues) -> zephyr.ZephyrTree:
    named = options.text("zephyr_base")
    return zephyr.load_tree(zephyr.find_zephyr_base(named, os.environ, project.folder))
