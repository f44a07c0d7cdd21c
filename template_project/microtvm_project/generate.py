# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Creates a project: a table of copies, the models, project.json; whole or not at all."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from microtvm_project.boards import (
    GLOBAL_WORKSPACE,
    Board,
    board_called,
    find_board,
    list_boards,
)
from microtvm_project.build_info import ProjectInfo
from microtvm_project.definitions import split_definitions
from microtvm_project.errors import BoardError, OptionError, ProjectError
from microtvm_project.layout import BOARDS_FOLDER, MODEL_ARCHIVE, Layout
from microtvm_project.model_library import ModelLibrary, read_model_library, write_files
from microtvm_project.options import OptionValues
from microtvm_project.pool_regions import (
    check_pool_names,
    check_pools,
    parse_pool_regions,
)
from microtvm_project.stack.report import ALIGNMENT_BYTES, SMALLEST_BYTES
from microtvm_project.tar_reader import read_tar
from microtvm_project.zephyr import load_tree
from microtvm_project.zephyr_boards import find_zephyr_board

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from microtvm_project.model_library import Module
    from microtvm_project.project_option import OptionValue

MODELS_FOLDER = "models"

_NEVER_COPIED = ("__pycache__", "build", "*.pyc", ".*")

# Options that later steps read from project.json.
_KEPT_OPTIONS = (
    "compile_definitions",
    "layer_timeout_ms",
    "main_stack_size",
    "pool_regions",
    "warning_as_error",
    "west_cmd",
    "workspace",
    "workspace_size_bytes",
    "zephyr_base",
    "zephyr_modules",
)


# What a port's timer can count to at least.
_LONGEST_TIMEOUT_MS = 100_000


@dataclass(frozen=True)
class Copy:
    """One row of what goes into a project: a folder, where to, and what of it stays behind."""

    source: Path
    destination: str
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A project that has been checked and can be written."""

    info: ProjectInfo
    archive: Path
    libraries: tuple[ModelLibrary, ...]
    copies: tuple[Copy, ...]
    extra_files: dict[str, bytes]


def generate_project(plan: Plan, project: Path) -> None:
    """Writes the project beside its place and moves it there when it is whole.

    Raises:
        ProjectError: the place is taken, or cannot be written to.
    """
    if project.exists() or project.is_symlink():
        raise ProjectError(
            f"{project} exists already",
            expected="a directory that does not exist yet",
            hint="choose another directory, or -f to replace it",
        )
    if not project.parent.is_dir():
        raise ProjectError(f"There is no folder {project.parent} to create {project.name} in")
    try:
        _write_atomically(plan, project)
    except OSError as error:
        raise ProjectError(f"Cannot write {project}: {error}") from error


def plan_project(
    layout: Layout, archive: Path, options: OptionValues, zephyr_base: Path | None
) -> Plan:
    """Reads and checks all that a project is made from; writes nothing.

    Args:
        zephyr_base: the Zephyr tree that is known, if one is: then Zephyr is the usual platform.
    """
    board, name, platform = _choose_board(layout, options, zephyr_base)
    libraries = _read_libraries(archive, options.text("additional_models") or "")
    values = _normalise(options)
    modules = tuple(module for library in libraries for module in library.modules)
    _check_workspace(modules, values)
    if board is None:
        check_pool_names(modules, values)
    else:
        check_pools(modules, board, values)
    _check_stack(values)
    _check_timeout(values)
    extra = options.text("extra_files_tar")
    info = ProjectInfo(
        platform=platform,
        board=name,
        project_type=options.text("project_type") or "",
        modules=tuple(module.name for module in modules),
        options=values,
    )
    return Plan(
        info=info,
        archive=archive,
        libraries=libraries,
        copies=copies_of(layout, board.name if board else None),
        extra_files=read_tar(Path(extra)) if extra else {},
    )


def copies_of(layout: Layout, board: str | None) -> tuple[Copy, ...]:
    """What is copied where; later rows may overwrite earlier ones."""
    copies = (
        Copy(layout.firmware, ".", (MODELS_FOLDER,)),
        Copy(layout.server, ".", ("README.md",)),
    )
    if board is None:
        return copies
    return (*copies, Copy(layout.boards / board, f"{BOARDS_FOLDER}/{board}"))


def _write_atomically(plan: Plan, project: Path) -> None:
    holder = Path(tempfile.mkdtemp(prefix=f".{project.name}.", dir=project.parent))
    try:
        unfinished = holder / project.name
        unfinished.mkdir()
        _write(plan, unfinished)
        unfinished.rename(project)
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def _write(plan: Plan, project: Path) -> None:
    for copy in plan.copies:
        ignored = _ignore_at(copy.source, copy.skipped)
        target = project / copy.destination
        shutil.copytree(copy.source, target, ignore=ignored, dirs_exist_ok=True)
    shutil.copyfile(plan.archive, project / MODEL_ARCHIVE)
    for library in plan.libraries:
        library.unpack(project / MODELS_FOLDER / library.name)
    plan.info.save(project)
    write_files(project, plan.extra_files)


def _ignore_at(top: Path, skipped: tuple[str, ...]) -> Callable[[str, list[str]], set[str]]:
    """What copytree leaves out: files that builds make anywhere, and `skipped` at the top."""
    patterns = shutil.ignore_patterns(*_NEVER_COPIED)

    def ignore(folder: str, names: list[str]) -> set[str]:
        here = set(skipped) if Path(folder) == top else set()
        return patterns(folder, names) | here

    return ignore


def _read_libraries(archive: Path, additional: str) -> tuple[ModelLibrary, ...]:
    paths = [archive, *(Path(part.strip()) for part in additional.split(",") if part.strip())]
    libraries: list[ModelLibrary] = []
    seen: dict[str, Path] = {}
    for path in paths:
        library = read_model_library(path)
        for module in library.modules:
            if module.name in seen:
                raise OptionError(
                    f"{path} and {seen[module.name]} both have a module named {module.name!r}",
                    expected="another name for each model of a firmware",
                    hint="compile one of them with another --module-name",
                )
            seen[module.name] = path
        libraries.append(library)
    return tuple(libraries)


def _normalise(options: OptionValues) -> OptionValues:
    """The options to keep, in one spelling each."""
    given = options.as_dict()
    kept: dict[str, OptionValue] = {name: given[name] for name in _KEPT_OPTIONS if name in given}
    older = options.integer("config_main_stack_size")
    if older is not None:
        kept.setdefault("main_stack_size", older)
    definitions = split_definitions(options.text("compile_definitions") or "")
    if definitions:
        kept["compile_definitions"] = shlex.join(definitions)
    regions = parse_pool_regions(options.text("pool_regions") or "")
    if regions:
        kept["pool_regions"] = ",".join(f"{pool}={region}" for pool, region in regions.items())
    for name in ("zephyr_base", "zephyr_modules"):
        paths = options.text(name)
        if paths:
            kept[name] = ";".join(str(Path(path).absolute()) for path in paths.split(";"))
    return OptionValues(kept)


def _check_workspace(modules: Sequence[Module], options: OptionValues) -> None:
    given = options.integer("workspace_size_bytes")
    if given is None:
        return
    sizes = {
        module.name: pool.size_bytes
        for module in modules
        for pool in module.pools
        if pool.name == GLOBAL_WORKSPACE
    }
    if not sizes:
        raise OptionError(
            f"Option 'workspace_size_bytes' is {given}, and no model has a pool {GLOBAL_WORKSPACE}",
            hint="leave the option out: pools that were named have the sizes that the models need",
        )
    largest = max(sizes, key=lambda name: sizes[name])
    if given < sizes[largest]:
        raise OptionError(
            f"Option 'workspace_size_bytes' is {given}",
            expected=f"at least {sizes[largest]}, which model {largest!r} needs",
            hint="leave the option out: the largest model's need is the default",
        )


def _check_stack(options: OptionValues) -> None:
    given = options.integer("main_stack_size")
    if given is not None and (given < SMALLEST_BYTES or given % ALIGNMENT_BYTES):
        raise OptionError(
            f"Option 'main_stack_size' is {given}",
            expected=f"a multiple of {ALIGNMENT_BYTES}, at least {SMALLEST_BYTES}",
        )


def _check_timeout(options: OptionValues) -> None:
    given = options.integer("layer_timeout_ms")
    if given is not None and given > _LONGEST_TIMEOUT_MS:
        raise OptionError(
            f"Option 'layer_timeout_ms' is {given}",
            expected=f"at most {_LONGEST_TIMEOUT_MS}",
        )


def _choose_board(
    layout: Layout, options: OptionValues, zephyr_base: Path | None
) -> tuple[Board | None, str, str]:
    """The board's data, its name and the platform; no data where only Zephyr knows the board.

    Then the name is all that is needed here: memory, console and core follow from Zephyr's build.
    """
    asked, name = options.text("platform"), options.text("board") or ""
    default = "baremetal" if zephyr_base is None else "zephyr"
    board = board_called(layout.boards, name)
    if board is not None:
        return board, board.name, _choose_platform(board, asked, default)
    if (asked or default) != "zephyr" or zephyr_base is None:
        find_board(layout.boards, name)
    find_zephyr_board(load_tree(zephyr_base), name, list_boards(layout.boards))
    return None, name, "zephyr"


def _choose_platform(board: Board, asked: str | None, default: str) -> str:
    if asked is None:
        return default if default in board.platforms else board.platforms[0]
    if asked not in board.platforms:
        raise BoardError(
            f"Board {board.name!r} has no port for platform {asked!r}",
            expected=f"platform={' or platform='.join(board.platforms)}",
        )
    return asked
