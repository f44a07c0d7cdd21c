# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a build tells of itself, as a JSON file of a known schema in its folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from microtvm_project.errors import BuildError
from microtvm_project.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def save_report(path: Path, schema: int, values: Mapping[str, Any]) -> None:
    """Writes the file, with the schema first."""
    text = json.dumps({"schema": schema, **values}, indent=2) + "\n"
    path.write_text(text, encoding="utf-8")


def load_report(path: Path, schema: int) -> Fields:
    """Reads the file.

    Raises:
        BuildError: there is none, or it has another schema.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BuildError(f"Cannot read {path}: {error}", hint="build the project") from error
    fields = Fields(values, str(path), BuildError)
    if fields.integer("schema") != schema:
        raise BuildError(f"{path} has another schema than {schema}", hint="build the project again")
    return fields
