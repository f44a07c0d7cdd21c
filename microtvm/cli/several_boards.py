# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which boards a command is to use, where its options list several, and the work on all at once."""

from __future__ import annotations

import dataclasses
import io
import re
import threading
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from microtvm.cli.command import UsageError
from microtvm.errors import MicroTVMError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from microtvm.cli.console import Console

# Project options that choose a board; commas separate several.
CHOOSING = ("serial_number", "port", "place")


@dataclasses.dataclass(frozen=True)
class BoardTarget:
    """One board: the project whose firmware it has, and the options that reach it.

    Attributes:
        label: tells the board from the others; "" where it is the only one.
    """

    folder: Path
    options: Mapping[str, str]
    label: str = ""

    def own_path(self, path: Path) -> Path:
        """The path, with the label in it where there are several boards."""
        return path.with_name(f"{path.stem}-{self.slug}{path.suffix}") if self.label else path

    @property
    def slug(self) -> str:
        """The label as a part of a file's name."""
        return re.sub(r"[^\w.-]+", "_", self.label).strip("_.")


class BoardsError(MicroTVMError):
    """What went wrong on some of several boards; the exit code is that of the worst."""

    def __init__(self, errors: Mapping[str, MicroTVMError | OSError], count: int) -> None:
        told = (f"{label}: {error}".replace("\n", "\n  ") for label, error in errors.items())
        super().__init__("\n  ".join((f"{len(errors)} of {count} boards failed", *told)))
        self.exit_code = max(getattr(error, "exit_code", 1) for error in errors.values())


def board_targets(folders: Sequence[Path], options: Mapping[str, str]) -> list[BoardTarget]:
    """The boards: one for each project, or for one project each that its options list.

    Raises:
        UsageError: the options list several boards, and not as many as there are projects.
    """
    lists = {name: options[name].split(",") for name in CHOOSING if "," in options.get(name, "")}
    for name, values in lists.items():
        _check_list(name, values)
    counts = {name: len(values) for name, values in lists.items()}
    if len(folders) > 1 and counts:
        counts["the projects"] = len(folders)
    if len(set(counts.values())) > 1:
        raise UsageError(
            f"{' and '.join(f'{name} ({count})' for name, count in counts.items())} do not go"
            " together",
            expected="as many in each; one project alone runs on every board of a list",
        )
    count = max([len(folders), *counts.values()])
    targets = []
    for index in range(count):
        own = {name: values[index] for name, values in lists.items()}
        folder = folders[index % len(folders)]
        names = [folder.name] if len(folders) > 1 else []
        targets.append(BoardTarget(folder, {**options, **own}, " ".join((*names, *own.values()))))
    return _with_unique_labels(targets)


def run_all(works: Mapping[str, Callable[[Console], None]], console: Console) -> None:
    """Does the work of all boards at once; prints the results of each whole, in their order.

    Args:
        works: by the boards' labels; each is given a console of its own.

    Raises:
        BoardsError: some failed; the others went on to their end.
    """
    outputs = {label: io.StringIO() for label in works}
    started = {
        label: _start(partial(work, console.labelled(label, outputs[label])), label)
        for label, work in works.items()
    }
    errors: dict[str, MicroTVMError | OSError] = {}
    for label, future in started.items():
        error = future.exception()
        if outputs[label].getvalue():
            console.print(f"board {label}\n{outputs[label].getvalue()}")
        if isinstance(error, (MicroTVMError, OSError)):
            errors[label] = error
        elif error is not None:
            raise error
    if errors:
        raise BoardsError(errors, len(works)) from next(iter(errors.values()))


def _start(work: Callable[[], None], label: str) -> Future[None]:
    """A thread that does not keep an interrupted process; its server ends with the process."""
    future: Future[None] = Future()

    def run() -> None:
        try:
            work()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(None)

    threading.Thread(target=run, name=label, daemon=True).start()
    return future


def _check_list(name: str, values: Sequence[str]) -> None:
    twice = sorted({value for value in values if values.count(value) > 1})
    if "" in values or twice:
        found = f"project option '{name}' names {f'{twice[0]!r} twice' if twice else 'nothing'}"
        raise UsageError(found, expected="boards that differ, with commas between them")


def _with_unique_labels(targets: Sequence[BoardTarget]) -> list[BoardTarget]:
    """The targets; where two would write to the same file, the labels have numbers too."""
    slugs = [target.slug for target in targets]
    return [
        dataclasses.replace(target, label=f"{target.label} {number}")
        if slugs.count(target.slug) > 1
        else target
        for number, target in enumerate(targets, 1)
    ]
