# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The life of a project: created from a model archive, built, flashed, and talked to."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from microtvm_project.boards import list_boards
from microtvm_project.build_info import BUILD_FOLDER, PROJECT_FILE, ProjectInfo, load_project_info
from microtvm_project.generate import MODELS_FOLDER
from microtvm_project.layout import MODEL_ARCHIVE
from microtvm_project.memory_report import load_memory_report
from microtvm_project.options import RESET_AUTO, option_rows
from microtvm_project.project_option import ProjectOption
from microtvm_project.stack.report import StackReport, load_stack_report

from microtvm import resources
from microtvm.errors import ProjectError
from microtvm.project.client import OptionMap, ProjectClient
from microtvm.project.function_names import FunctionNames
from microtvm.project.server_process import SERVER_SCRIPT, LogSink
from microtvm.project.transport import ProjectTransport

if TYPE_CHECKING:
    from microtvm_project.memory_use import MemoryUse

    from microtvm.session import Session

_NO_OPTIONS: OptionMap = {}


def list_options(template: Path | None = None) -> tuple[ProjectOption, ...]:
    """The options of our own projects, for which nothing is started, or of another template."""
    if template is None:
        return option_rows(list_boards(resources.boards_dir()))
    with ProjectClient(template) as client:
        return client.info().options


def create_project(
    folder: Path,
    archive: Path,
    options: OptionMap,
    *,
    template: Path | None = None,
    force: bool = False,
    log: LogSink | None = None,
) -> GeneratedProject:
    """Creates a project from a module.tar; it is there whole, or not at all.

    Args:
        folder: of the project; it must not exist.
        archive: what `tvmc compile` wrote.
        options: of generate_project; text is converted.
        template: another template than our own.
        force: replace a project that is in the folder already.
        log: is given each line that the template's server logs.

    Raises:
        ProjectError: the folder is taken.
        MicroTVMError: an option, the archive or the board is wrong.
    """
    folder = folder.absolute()
    taken = folder.exists() or folder.is_symlink()
    if taken:
        _check_replaceable(folder, force)
    with ProjectClient(template or resources.template_dir(), log) as client:
        if taken:
            _replace(client, folder, archive, options)
        else:
            client.generate_project(archive, folder, options)
    return GeneratedProject(folder, log)


class GeneratedProject:
    """A project on disk. Each call starts the project's own server and ends it.

    Args:
        folder: of the project.
        log: is given each line that the server logs.
    """

    def __init__(self, folder: Path, log: LogSink | None = None) -> None:
        self.folder = folder.absolute()
        self._log = log

    def options(self) -> tuple[ProjectOption, ...]:
        """The options that the project's server takes."""
        with ProjectClient(self.folder, self._log) as client:
            return client.info().options

    def is_built(self) -> bool:
        """Whether there is a build folder."""
        return (self.folder / BUILD_FOLDER).exists()

    def clean(self) -> None:
        """Removes the build folder."""
        shutil.rmtree(self.folder / BUILD_FOLDER, ignore_errors=True)

    def build(self, options: OptionMap = _NO_OPTIONS) -> None:
        """Builds the firmware; what has not changed is not built again."""
        with ProjectClient(self.folder, self._log) as client:
            client.build(options)

    def flash(self, options: OptionMap = _NO_OPTIONS) -> None:
        """Brings the firmware to the board."""
        with ProjectClient(self.folder, self._log) as client:
            client.flash(options)

    def open_session(
        self,
        module: str | None = None,
        options: OptionMap = _NO_OPTIONS,
        *,
        flash: bool = False,
    ) -> Session:
        """A session with one model of the project, the main one where none is named.

        With `flash` the firmware is brought to the board when the session is entered, and no other
        process can use the board in between.
        """
        from microtvm.session import Session, read_metadata

        info = self.info()
        name = module or info.modules[0]
        metadata = read_metadata(self._metadata_file(name), name)
        transport = ProjectTransport(self.folder, options, self._log, flash=flash)
        names = FunctionNames(info.image(self.folder))
        by_program = options.get("reset", RESET_AUTO) == RESET_AUTO
        return Session(transport, metadata, name_of=names, reset=by_program)

    def stack_report(self) -> StackReport:
        """The bound of the main stack, as the last build computed it."""
        return load_stack_report(self.folder / BUILD_FOLDER)

    def memory_report(self) -> tuple[MemoryUse, ...]:
        """What the last build takes of each memory of the board."""
        return load_memory_report(self.folder / BUILD_FOLDER)

    def info(self) -> ProjectInfo:
        """What the project was created as."""
        return load_project_info(self.folder)

    def _metadata_file(self, module: str) -> Path:
        known: list[str] = []
        for path in sorted((self.folder / MODELS_FOLDER).glob("*/metadata.json")):
            names = _module_names(path)
            if module in names:
                return path
            known += names
        raise ProjectError(
            f"{self.folder} has no model named {module!r}",
            expected=f"one of {', '.join(known)}" if known else "a generated project",
        )


def open_session(
    project_dir: Path | str,
    module: str | None = None,
    options: OptionMap = _NO_OPTIONS,
    *,
    flash: bool = False,
) -> Session:
    """A session with a built project: a context manager. Several may be open at once, in threads.

    Args:
        project_dir: the generated project.
        module: which of its models; the main one where it is None.
        options: of open_transport, and of flash, for instance `{"serial_number": "..."}`.
        flash: bring the firmware to the board first; else it must have been flashed before.
    """
    return GeneratedProject(Path(project_dir)).open_session(module, options, flash=flash)


def _check_replaceable(folder: Path, force: bool) -> None:
    """Refuses to overwrite what is there, and always what is no project."""
    if not force:
        raise ProjectError(
            f"{folder} exists already",
            expected="a directory that does not exist yet",
            hint="choose another directory, or -f to replace it",
        )
    marks = (PROJECT_FILE, MODEL_ARCHIVE, SERVER_SCRIPT)
    plain = folder.is_dir() and not folder.is_symlink()
    if not plain or (any(folder.iterdir()) and not any((folder / mark).exists() for mark in marks)):
        raise ProjectError(
            f"{folder} exists and is no generated project, so it is not replaced",
            expected=f"a directory with {' or '.join(marks)}, or an empty one",
            hint="choose another directory, or remove this one",
        )


def _replace(client: ProjectClient, folder: Path, archive: Path, options: OptionMap) -> None:
    """Creates the project beside the old one, which goes only when the new one is whole."""
    try:
        holder = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise ProjectError(f"Cannot write beside {folder}: {error.strerror}") from error
    try:
        client.generate_project(archive, holder / folder.name, options)
        folder.rename(holder / "replaced")
        (holder / folder.name).rename(folder)
    except OSError as error:
        raise ProjectError(f"Cannot replace {folder}: {error}") from error
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def _module_names(path: Path) -> list[str]:
    """The modules that a metadata.json names; none where it cannot be read."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    modules = values.get("modules") if isinstance(values, Mapping) else None
    return list(modules) if isinstance(modules, Mapping) else []
