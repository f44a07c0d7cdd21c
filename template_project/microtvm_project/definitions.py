# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A project's decisions as CMake cache entries, by the names that the bare-metal port reads."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from microtvm_project.errors import OptionError

if TYPE_CHECKING:
    from microtvm_project.build_info import ProjectInfo

_DEFINITION = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(=[^;\"\\\n]*)?")


def cache_entries(info: ProjectInfo) -> tuple[str, ...]:
    """The -D arguments; what is not given keeps its default."""
    options = info.options
    entries = [f"-DMICROTVM_PROGRAM={info.project_type}"]
    stack = options.integer("main_stack_size")
    if stack is not None:
        entries.append(f"-DMICROTVM_MAIN_STACK_SIZE={stack}")
    timeout = options.integer("layer_timeout_ms")
    if timeout is not None:
        entries.append(f"-DMICROTVM_LAYER_TIMEOUT_MS={timeout}")
    workspace = options.integer("workspace_size_bytes")
    if workspace is not None:
        entries.append(f"-DMICROTVM_WORKSPACE_SIZE={workspace}")
    for option in ("workspace", "pool_regions"):
        text = options.text(option)
        if text:
            entries.append(f"-DMICROTVM_{option.upper()}={text}")
    definitions = split_definitions(options.text("compile_definitions") or "")
    if definitions:
        entries.append(f"-DMICROTVM_COMPILE_DEFINITIONS={';'.join(definitions)}")
    if options.flag("warning_as_error"):
        entries.append("-DWARNINGS_AS_ERRORS=ON")
    return tuple(entries)


def split_definitions(text: str) -> tuple[str, ...]:
    """The option compile_definitions as NAME or NAME=VALUE each.

    Raises:
        OptionError: a part is not a definition.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise OptionError(f"Option 'compile_definitions' is {text!r}: {error}") from error
    definitions = tuple(word[2:] if word.startswith("-D") else word for word in words)
    for definition in definitions:
        if not _DEFINITION.fullmatch(definition):
            raise OptionError(
                f"Option 'compile_definitions' has {definition!r}",
                expected='NAME or NAME=VALUE, with or without -D, without ; " \\',
            )
    return definitions
