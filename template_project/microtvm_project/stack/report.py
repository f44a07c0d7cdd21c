# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The bound on a build's main stack, stored with the build, and the check of the one configured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from microtvm_project.errors import BuildError
from microtvm_project.fields import Fields
from microtvm_project.report_file import load_report, save_report
from microtvm_project.stack.graph import Bound, Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMA = 1
REPORT_FILE = "stack.json"

# More than the bound, for what a debugger or a later change of a few lines may take.
MARGIN_BYTES = 256
# What a core's calling convention and its start-up code ask for, whatever the program.
ALIGNMENT_BYTES = 8
SMALLEST_BYTES = 512


@dataclass(frozen=True)
class StackReport:
    """What is known of a build's main stack.

    Attributes:
        program: the bound of all that runs on the main stack.
        interrupt_bytes: what an interrupt stores there at most.
        guard_bytes: what the operating system may take of it for its guard.
        configured: bytes of the main stack as it was linked.
        models: for each model the bound of one inference, from the function that runs a layer down.
    """

    program: Bound
    interrupt_bytes: int
    guard_bytes: int
    configured: int
    models: Mapping[str, Bound]

    @property
    def bound(self) -> int | None:
        """Bytes that the main stack must have; None where the program has no bound."""
        if self.program.size is None:
            return None
        return self.program.size + self.interrupt_bytes + self.guard_bytes

    @property
    def recommended(self) -> int | None:
        """The bound with the margin, as a size that a main stack may have."""
        if self.bound is None:
            return None
        return max(_aligned(self.bound + MARGIN_BYTES), SMALLEST_BYTES)

    def check(self) -> None:
        """Refuses a main stack that is smaller than the bound.

        Raises:
            BuildError: with both numbers, and the functions on the deepest way.
        """
        if self.bound is not None and self.configured < self.bound:
            raise BuildError(
                f"The main stack has {self.configured} bytes, and the program may need"
                f" {self.bound}: {self.describe()}",
                expected=f"main_stack_size of {_aligned(self.bound)} or more",
                hint=f"--project-option main_stack_size={self.recommended}, a margin included",
            )

    def describe(self) -> str:
        """The deepest way, with the bytes of each function on it."""
        parts = [f"{step.function} {step.size}" for step in self.program.path]
        parts += [f"interrupt {self.interrupt_bytes}"] if self.interrupt_bytes else []
        parts += [f"guard {self.guard_bytes}"] if self.guard_bytes else []
        return ", ".join(parts)

    def save(self, build: Path) -> None:
        """Writes stack.json into the build folder."""
        values = {
            "bound_bytes": self.bound,
            "main_stack_bytes": self.configured,
            "interrupt_bytes": self.interrupt_bytes,
            "guard_bytes": self.guard_bytes,
            "program": _to_json(self.program),
            "models": {name: _to_json(bound) for name, bound in sorted(self.models.items())},
        }
        save_report(build / REPORT_FILE, SCHEMA, values)


def load_stack_report(build: Path) -> StackReport:
    """Reads stack.json from a build folder.

    Raises:
        BuildError: there is none, or it is not as `save` writes it.
    """
    fields = load_report(build / REPORT_FILE, SCHEMA)
    models = fields.table("models")
    return StackReport(
        program=_from_json(fields.table("program")),
        interrupt_bytes=fields.integer("interrupt_bytes"),
        guard_bytes=fields.integer("guard_bytes"),
        configured=fields.integer("main_stack_bytes"),
        models={name: _from_json(models.table(name)) for name in models.names()},
    )


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT_BYTES) * ALIGNMENT_BYTES


def _to_json(bound: Bound) -> dict[str, Any]:
    return {
        "bytes": bound.size,
        "problem": bound.problem,
        "path": [{"function": step.function, "bytes": step.size} for step in bound.path],
    }


def _from_json(fields: Fields) -> Bound:
    path = tuple(Step(row.text("function"), row.integer("bytes")) for row in fields.tables("path"))
    size = None if fields.is_null("bytes") else fields.integer("bytes")
    return Bound(size, path, fields.text("problem"))
