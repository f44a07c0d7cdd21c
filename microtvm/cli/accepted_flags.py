# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Flags that choose between things of which there is one here: accepted where they name it.

A command line written for the older tvmc keeps working as it stands, and one that asks for what is
not there is refused, not obeyed in part.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from microtvm.cli.command import UsageError


@dataclass(frozen=True)
class AcceptedFlag:
    """A flag, the values of it that hold here, and why the others do not."""

    flags: tuple[str, ...]
    values: tuple[str, ...]
    reason: str

    @property
    def destination(self) -> str:
        return "accepted_" + self.flags[-1].lstrip("-").replace("-", "_")


_ALIGNMENTS = ("1", "2", "4", "8", "16")

FLAGS = (
    AcceptedFlag(("-f", "--output-format"), ("mlf",), "the output is in Model Library Format"),
    AcceptedFlag(("--model-format",), ("tflite",), "the models that can be read are TFLite's"),
    AcceptedFlag(("--executor",), ("aot",), "the code is made ahead of time; there is no graph"),
    AcceptedFlag(("--executor-aot-interface-api",), ("c",), "the interface is plain C"),
    AcceptedFlag(("--executor-aot-unpacked-api",), ("1",), "functions take plain pointers"),
    AcceptedFlag(("--executor-aot-link-params",), ("1",), "constants are part of the code"),
    AcceptedFlag(
        ("--executor-aot-workspace-byte-alignment",), _ALIGNMENTS, "all are aligned to 16 bytes"
    ),
    AcceptedFlag(
        ("--executor-aot-constant-byte-alignment",),
        _ALIGNMENTS,
        "all are aligned to 16 bytes",
    ),
    AcceptedFlag(("--runtime",), ("crt",), "the code is C for bare metal; there is no C++ runtime"),
    AcceptedFlag(("--runtime-crt-system-lib",), ("0",), "the code needs no function registry"),
    AcceptedFlag(("-O", "--opt-level"), ("3",), "there is one level of optimisation"),
    AcceptedFlag(("--target-c-keys",), ("arm_cpu,cpu", "cpu"), "--target-c-mcpu says it all"),
    AcceptedFlag(("--target-c-march",), ("armv7e-m",), "the Cortex-M4 and M7 are armv7e-m"),
    AcceptedFlag(("--target-c-device",), ("arm_cpu",), "--target-c-mcpu says it all"),
)

# What the older passes' configuration can ask for and holds here, the last by --io.
PASS_CONFIG: Mapping[str, tuple[str, ...]] = {
    "tir.disable_vectorize": ("1", "true"),
    "tir.usmp.enable": ("1", "true"),
    "tir.usmp.use_workspace_io": ("1", "true", "0", "false"),
}


def add_accepted_flags(parser: argparse.ArgumentParser) -> None:
    """Declares the flags in a group of their own."""
    group = parser.add_argument_group(
        "accepted for the older tvmc's sake", "Each may be left out; other values are refused."
    )
    for flag in FLAGS:
        group.add_argument(
            *flag.flags,
            dest=flag.destination,
            metavar="{" + "|".join(flag.values) + "}",
            help=flag.reason,
        )
    group.add_argument(
        "--pass-config",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"one of: {', '.join(f'{name}={values[0]}' for name, values in PASS_CONFIG.items())}",
    )


def check_accepted_flags(arguments: argparse.Namespace) -> None:
    """Raises UsageError for a value that cannot be honoured."""
    for flag in FLAGS:
        value = getattr(arguments, flag.destination)
        if value is not None and value not in flag.values:
            raise UsageError(
                f"{flag.flags[-1]} {value} cannot be honoured: {flag.reason}",
                expected=f"{flag.flags[-1]} {' or '.join(flag.values)}",
                hint="leave the flag out",
            )
    _check_pass_config(arguments.pass_config)


def _check_pass_config(settings: Sequence[str]) -> None:
    for setting in settings:
        name, _, value = setting.partition("=")
        if value.lower() not in PASS_CONFIG.get(name, ()):
            raise UsageError(
                f"--pass-config {setting} cannot be honoured",
                expected="; ".join(f"{known}={values[0]}" for known, values in PASS_CONFIG.items()),
                hint="leave it out",
            )


def pass_config(arguments: argparse.Namespace) -> Mapping[str, str]:
    """What --pass-config says, values in lower case; a later one of a name counts."""
    _check_pass_config(arguments.pass_config)
    pairs = (setting.partition("=") for setting in arguments.pass_config)
    return {name: value.lower() for name, _, value in pairs}
