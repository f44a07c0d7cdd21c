# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What is run to build and to flash, in which order, and what is said when it fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from microtvm_project import builder, runners
from microtvm_project.boards import find_board
from microtvm_project.build_info import BUILD_FOLDER, ProjectInfo
from microtvm_project.builder import Project, build_project, flash_project, load_project
from microtvm_project.elf import read_image
from microtvm_project.errors import BuildError, CapacityError
from microtvm_project.held_place import HeldPlace
from microtvm_project.layout import find_layout
from microtvm_project.memory_report import load_memory_report
from microtvm_project.options import OptionValues
from microtvm_project.process import Command
from microtvm_project.stack.graph import Bound, Step
from microtvm_project.stack.report import StackReport, load_stack_report
from support.archives import ROOT
from support.images import elf
from support.projects import build_stub

NONE = OptionValues({})
STACK = StackReport(Bound(600, (Step("main", 600),)), 108, 0, 968, {})


class FakeRun:
    """Notes each command; pretends to configure and to link."""

    def __init__(self, folder: Path, image: bytes = b"") -> None:
        self.commands: list[Command] = []
        self._folder = folder
        self._image = image or elf([(0, 256, 0, 256)])

    def install(self, monkeypatch: pytest.MonkeyPatch, *stacks: StackReport) -> None:
        """Takes the place of programs, and `stacks` that of what is measured of each image."""
        measured = iter([*stacks, *[stacks[-1] if stacks else STACK] * 9])
        monkeypatch.setattr(builder, "run", self)
        monkeypatch.setattr(builder, "measure_stack", lambda *_: next(measured))

    def __call__(self, command: Command, *, verbose: bool) -> str:
        self.commands.append(command)
        build = self._folder / BUILD_FOLDER
        if "--build" in command.arguments:
            (build / "microtvm.elf").write_bytes(self._image)
        elif "-G" in command.arguments:
            build.mkdir()
            (build / "build.ninja").touch()
        return ""

    def words(self) -> list[str]:
        return [command.arguments[1] for command in self.commands]


def make(tmp_path: Path, board: str = "mps2_an386", platform: str = "baremetal") -> Project:
    info = ProjectInfo(platform, board, "host_driven", ("stub",), NONE)
    return Project(tmp_path, info, find_board(ROOT / "boards", board))


def test_the_second_build_only_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = FakeRun(tmp_path)
    run.install(monkeypatch)
    for _ in range(3):
        build_project(make(tmp_path), NONE)
    assert run.words() == ["-G", "--build", "--build", "--build"]


def test_another_configuration_starts_afresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = FakeRun(tmp_path)
    run.install(monkeypatch)
    build_project(make(tmp_path), NONE)
    (tmp_path / BUILD_FOLDER / "stale").touch()
    build_project(make(tmp_path, "mps2_an500"), NONE)
    assert run.words() == ["-G", "--build", "-G", "--build"]
    assert not (tmp_path / BUILD_FOLDER / "stale").exists()


def test_a_failed_configuration_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = FakeRun(tmp_path)

    def fail(command: Command, *, verbose: bool) -> str:
        run(command, verbose=verbose)
        raise BuildError("CMake Error")

    monkeypatch.setattr(builder, "run", fail)
    with pytest.raises(BuildError, match="CMake Error"):
        build_project(make(tmp_path), NONE)
    run.install(monkeypatch)
    build_project(make(tmp_path), NONE)
    assert run.words() == ["-G", "-G", "--build"]


def test_the_main_stack_becomes_the_bound_and_a_margin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = FakeRun(tmp_path)
    run.install(monkeypatch, replace(STACK, configured=4096), STACK)
    for _ in range(2):
        build_project(make(tmp_path), NONE)
    assert run.words() == [
        *("-G", "--build", "-DMICROTVM_MAIN_STACK_SIZE=968", "--build"),
        "--build",
    ]
    assert load_stack_report(tmp_path / BUILD_FOLDER) == STACK


def test_without_a_bound_the_main_stack_has_its_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = FakeRun(tmp_path)
    run.install(monkeypatch, replace(STACK, program=Bound(None, (), "f -> f")))
    build_project(make(tmp_path), NONE)
    assert run.words() == ["-G", "--build", "-UMICROTVM_MAIN_STACK_SIZE", "--build"]
    assert "The main stack has no bound: f -> f" in caplog.text


def test_a_main_stack_that_was_asked_for_is_kept_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = FakeRun(tmp_path)
    run.install(monkeypatch, replace(STACK, configured=4096), replace(STACK, configured=704))
    options = OptionValues({"main_stack_size": 4096})
    build_project(make(tmp_path), options)
    assert run.words() == ["-G", "--build"]
    with pytest.raises(BuildError, match="has 704 bytes, and the program may need 708: main 600"):
        build_project(make(tmp_path), options)
    assert load_stack_report(tmp_path / BUILD_FOLDER).configured == 704


@pytest.mark.arm
def test_a_real_stack_that_is_too_small_is_refused(tmp_path: Path) -> None:
    project = build_stub(tmp_path / "large", board="mps2_an386")
    report = load_stack_report(project.folder / BUILD_FOLDER)
    assert report.bound is not None
    assert report.configured == report.recommended
    small, fitting = 512, report.bound + report.bound % 8
    with pytest.raises(BuildError, match=f"has {small} bytes, and the program may need"):
        build_stub(tmp_path / "small", board="mps2_an386", main_stack_size=small)
    with pytest.raises(BuildError, match=f"has {small} bytes, and the program may need"):
        flash_project(load_project(find_layout(tmp_path / "small")), NONE, HeldPlace())
    build_stub(tmp_path / "fitting", board="mps2_an386", main_stack_size=fitting)


def test_an_image_that_does_not_fit_fails_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FakeRun(tmp_path, elf([(0, 0x400010, 0, 0x400010)])).install(monkeypatch)
    with pytest.raises(BuildError, match="4,194,320 bytes at 0x00000000 end 16 bytes after"):
        build_project(make(tmp_path), NONE)


def test_a_linker_that_has_no_room_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "ld: microtvm.elf section `.bss' will not fit in region `RAM'\n" + (
        "ld: region `RAM' overflowed by 123456 bytes\n" * 2
    )

    def fail(command: Command, *, verbose: bool) -> str:
        raise BuildError(said)

    monkeypatch.setattr(builder, "run", fail)
    with pytest.raises(BuildError) as caught:
        build_project(make(tmp_path), NONE)
    assert caught.value.found == (
        "The image does not fit board mps2_an386: region RAM overflowed by 123,456 bytes"
    )
    assert caught.value.expected == "less in RAM"


@pytest.mark.arm
def test_an_image_that_is_larger_than_the_board(tmp_path: Path) -> None:
    told = (
        r"does not fit board mps2_an386: region RAM overflowed by [\d,]+ bytes: it would take"
        r" 4,\d+,\d+ \(pool global_workspace 4,190,000, .*; the largest:"
        r" pool_global_workspace of models.c 4,190,000, .*\)\n"
        # The board's 4 MB without the 160 bytes that outlast a start.
        r"  expected: at most 4,194,144 bytes in RAM"
    )
    with pytest.raises(CapacityError, match=told):
        build_stub(tmp_path / "project", board="mps2_an386", workspace_size_bytes=4_190_000)
    assert not (tmp_path / "project" / "build" / "memory.json").exists()


@pytest.mark.arm
def test_what_a_build_takes_is_stored_with_it(tmp_path: Path) -> None:
    project = build_stub(tmp_path / "project", board="mps2_an386")
    build = project.folder / BUILD_FOLDER
    flash, ram = load_memory_report(build)
    sizes = {part.name: part.size for part in (*flash.parts, *ram.parts)}
    assert sizes["pool global_workspace"] == 32
    assert {"code of stub", "constants of stub"} <= set(sizes)
    stack = load_stack_report(build)
    (main,) = [part for part in ram.parts if part.name == "main stack"]
    assert main.size == stack.configured
    assert [(part.name, part.size) for part in main.details] == [("in it the bound", stack.bound)]
    loaded = read_image(project.info.image(project.folder)).segments
    assert sizes["kept over a reset"] == 160
    in_ram = sum(each.run_size for each in loaded if each.run_address >= 0x20000000)
    assert ram.used == in_ram + 160
    assert all(part.size and part.size > 0 for part in (*flash.parts, *ram.parts))


@pytest.mark.arm
def test_what_the_compiler_says_is_told(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="error: unknown type name"):
        build_stub(tmp_path / "project", board="mps2_an386", compile_definitions="int=nothing")


@pytest.mark.parametrize(
    ("missing", "package"),
    [
        ("arm-none-eabi-gcc", "gcc-arm-none-eabi"),
        ("cmake", "cmake"),
        ("ninja", "ninja-build"),
    ],
)
def test_a_missing_program_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str, package: str
) -> None:
    for name in {"arm-none-eabi-gcc", "cmake", "ninja"} - {missing}:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr("microtvm_project.toolchain.search_path", lambda: str(tmp_path))
    with pytest.raises(BuildError, match=f"program {missing} is not installed") as caught:
        build_project(make(tmp_path), NONE)
    assert caught.value.hint == f"sudo apt-get install {package}"


def test_options_of_the_call_count_before_the_project_s(tmp_path: Path) -> None:
    info = ProjectInfo("zephyr", "mps2_an386", "x", (), OptionValues({"west_cmd": "a", "b": 1}))
    project = Project(tmp_path, info, make(tmp_path).board)
    merged = project.options_for(OptionValues({"west_cmd": "c"}))
    assert merged.as_dict() == {"west_cmd": "c", "b": 1}


def test_flashing_qemu_checks_the_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = FakeRun(tmp_path)
    run.install(monkeypatch)
    with pytest.raises(BuildError, match="Cannot read") as caught:
        flash_project(make(tmp_path), NONE, HeldPlace())
    assert caught.value.hint == "build the project first"
    build_project(make(tmp_path), NONE)
    flash_project(make(tmp_path), NONE, HeldPlace())
    assert run.words() == ["-G", "--build"]


@pytest.fixture
def nucleo(tmp_path: Path) -> Callable[[], Project]:
    """A built project for a board that has a probe, in a workspace."""
    (tmp_path / ".west").mkdir()
    (tmp_path / ".west" / "config").write_text("[zephyr]\nbase = zephyr\n")
    (tmp_path / "zephyr").mkdir()
    version = "VERSION_MAJOR = 3\nVERSION_MINOR = 4\nPATCHLEVEL = 0\n"
    (tmp_path / "zephyr" / "VERSION").write_text(version)
    image = tmp_path / "build" / "zephyr" / "zephyr.elf"
    image.parent.mkdir(parents=True)
    image.write_bytes(elf([(0x08000000, 64, 0x08000000, 64)]))
    return lambda: make(tmp_path, "nucleo_l4r5zi", "zephyr")


def test_flashing_a_board_calls_west(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    nucleo: Callable[[], Project],
) -> None:
    monkeypatch.delenv("ZEPHYR_BASE", raising=False)
    commands: list[Command] = []
    monkeypatch.setattr(builder, "run", lambda command, verbose: commands.append(command))
    monkeypatch.setattr(runners, "has_program", lambda program: program == "openocd")
    given = {"west_cmd": "west", "serial_number": "066F"}
    flash_project(nucleo(), OptionValues(given), HeldPlace())
    (command,) = commands
    assert command.arguments == (
        *("west", "flash", "--build-dir", str(tmp_path / "build")),
        *("--runner", "openocd", "--cmd-pre-init", "adapter serial 066F"),
    )
    assert command.folder == tmp_path

    with caplog.at_level(logging.INFO):
        flash_project(
            nucleo(), OptionValues({**given, "runner": "jlink", "dry_run": True}), HeldPlace()
        )
    assert commands == [command]
    assert "--runner jlink --dev-id 066F" in caplog.text
    with pytest.raises(BuildError, match="'openocd' cannot erase"):
        flash_project(nucleo(), OptionValues({**given, "erase": True}), HeldPlace())
    with pytest.raises(BuildError, match="needs the program JLinkExe"):
        flash_project(nucleo(), OptionValues({**given, "runner": "jlink"}), HeldPlace())
    assert commands == [command]
