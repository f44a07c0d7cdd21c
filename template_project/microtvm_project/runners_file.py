# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What Zephyr's build has set up for flashing: build/zephyr/runners.yaml as a typed value.

CMake writes the file line by line in one form, so that no reader of YAML is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECTION = re.compile(r"([a-z-]+):\s*([^\s#].*)?")
_ENTRY = re.compile(r"  ([A-Za-z0-9_-]+):\s*(\S.*)?")
_ITEM = re.compile(r"(?:    )?- *(\S.*)")


@dataclass(frozen=True)
class RunnersFile:
    """The runners of a build.

    Attributes:
        names: those that can be asked for, in Zephyr's order.
        flash_runner: that which west takes if none is asked for; "" where the file says none.
        config: what all runners are told, such as a program's place.
        arguments: what Zephyr's board gives each runner.
    """

    names: tuple[str, ...] = ()
    flash_runner: str = ""
    config: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def board_folder(self) -> Path:
        """Zephyr's folder of the board."""
        return Path(self.config.get("board_dir", ""))

    def argument(self, runner: str, option: str) -> str:
        """The last value of an option, which counts; "" where it is not given."""
        return (self.all_arguments(runner, option) or ("",))[-1]

    def all_arguments(self, runner: str, option: str) -> tuple[str, ...]:
        """The values of an option that may be given several times."""
        words = self.arguments.get(runner, ())
        values = []
        for index, word in enumerate(words):
            if word == option and index + 1 < len(words):
                values.append(words[index + 1])
            elif word.startswith(f"{option}="):
                values.append(word[len(option) + 1 :])
        return tuple(values)


def read_runners_file(build: Path) -> RunnersFile:
    """Reads what a build folder has; nothing where Zephyr wrote nothing."""
    try:
        path = build / "zephyr" / "runners.yaml"
        return parse_runners(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return RunnersFile()


def parse_runners(text: str) -> RunnersFile:
    """The same, from the file's text. Lines of another form are passed over."""
    names: list[str] = []
    single: dict[str, str] = {}
    config: dict[str, str] = {}
    arguments: dict[str, list[str]] = {}
    section = entry = ""
    for line in text.splitlines():
        item, inner, outer = _ITEM.fullmatch(line), _ENTRY.fullmatch(line), _SECTION.fullmatch(line)
        if item and section == "runners":
            names.append(item[1])
        elif item and section == "args" and entry:
            arguments[entry].append(item[1])
        elif inner and section == "config":
            config[inner[1]] = inner[2] or ""
        elif inner and section == "args":
            entry = inner[1]
            arguments[entry] = []
        elif outer:
            section, entry = outer[1], ""
            single[section] = outer[2] or ""
    return RunnersFile(
        tuple(names),
        single.get("flash-runner", ""),
        config,
        {name: tuple(words) for name, words in arguments.items()},
    )
