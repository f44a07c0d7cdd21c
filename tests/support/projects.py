# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Generated and built projects around the stub model, made in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from microtvm_project.builder import Project, build_project, load_project
from microtvm_project.generate import generate_project, plan_project
from microtvm_project.layout import find_layout
from microtvm_project.options import GENERATE, OptionValues, convert_options, option_rows

from support.archives import ROOT, write_stub_archive


def generate_stub(folder: Path, **options: Any) -> Project:
    """A bare-metal project in a folder that does not exist yet."""
    archive = write_stub_archive(folder.parent / f"{folder.name}.tar")
    values = convert_options(option_rows(["mps2_an386", "mps2_an500"]), GENERATE, options)
    layout = find_layout(ROOT / "template_project")
    generate_project(plan_project(layout, archive, values, None), folder)
    return load_project(find_layout(folder))


def build_stub(folder: Path, **options: Any) -> Project:
    """The same, built."""
    project = generate_stub(folder, **options)
    build_project(project, OptionValues({}))
    return project
