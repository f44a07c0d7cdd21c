# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a project was created as (project.json), and what CMake was last asked, as typed values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.boards import PLATFORMS
from microtvm_project.errors import ProjectError
from microtvm_project.fields import Fields
from microtvm_project.options import PROGRAMS, OptionValues

if TYPE_CHECKING:
    from pathlib import Path

    from microtvm_project.process import Command

SCHEMA = 1
PROJECT_FILE = "project.json"
BUILD_FOLDER = "build"

# The command that configured the build folder; another command needs another build.
_STAMP = "microtvm_configured.txt"

# Where each platform's build leaves its image.
IMAGES = {"baremetal": "build/microtvm.elf", "zephyr": "build/zephyr/zephyr.elf"}


@dataclass(frozen=True)
class ProjectInfo:
    """The decisions of `generate_project` that later steps need."""

    platform: str
    board: str
    project_type: str
    modules: tuple[str, ...]
    options: OptionValues

    def image(self, project: Path) -> Path:
        """The ELF file that a build leaves."""
        return project / IMAGES[self.platform]

    def save(self, project: Path) -> None:
        """Writes project.json."""
        values = {
            "schema": SCHEMA,
            "platform": self.platform,
            "board": self.board,
            "project_type": self.project_type,
            "modules": list(self.modules),
            "options": self.options.as_dict(),
        }
        text = json.dumps(values, indent=2) + "\n"
        (project / PROJECT_FILE).write_text(text, encoding="utf-8")


def load_project_info(project: Path) -> ProjectInfo:
    """Reads project.json.

    Raises:
        ProjectError: there is none, or it is not as `save` writes it.
    """
    path = project / PROJECT_FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProjectError(
            f"Cannot read {path}: {error.strerror}", expected="a generated project"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ProjectError(
            f"{path} is not JSON: {error}", hint="create the project again"
        ) from error
    fields = Fields(values, str(path), ProjectError)
    if fields.integer("schema") != SCHEMA:
        raise ProjectError(f"{path} has another schema than {SCHEMA}", hint="create it again")
    info = ProjectInfo(
        platform=fields.choice("platform", PLATFORMS),
        board=fields.text("board"),
        project_type=fields.choice("project_type", PROGRAMS),
        modules=fields.texts("modules"),
        options=_options(fields),
    )
    fields.finish()
    return info


def is_configured(build: Path, command: Command) -> bool:
    """Whether the build folder was configured by just this command, and has what ninja needs."""
    try:
        stamped = (build / _STAMP).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    return stamped == str(command) and (build / "build.ninja").is_file()


def mark_configured(build: Path, command: Command) -> None:
    """Notes the command that configured the build folder."""
    (build / _STAMP).write_text(str(command), encoding="utf-8")


def _options(fields: Fields) -> OptionValues:
    values = fields.mapping("options")
    for name, value in values.items():
        if not isinstance(value, (str, int, bool)):
            raise ProjectError(f"{fields.where}: option {name!r} is {value!r}")
    return OptionValues(values)
