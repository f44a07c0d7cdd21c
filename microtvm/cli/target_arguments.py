# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""--target and --target-c-mcpu: several ways of writing down one core."""

from __future__ import annotations

import argparse
import shlex

from microtvm.cli.accepted_flags import FLAGS
from microtvm.cli.command import UsageError
from microtvm.target import CORES, Target

_KIND = "c"
# Legacy's target strings carry the chip's name, which chose nothing but tuning logs.
_INFORMATIVE = frozenset({"model"})
_ACCEPTED = {
    flag.flags[0].removeprefix("--target-c-"): flag.values
    for flag in FLAGS
    if flag.flags[0].startswith("--target-c-")
}


def add_target_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--target",
        default=_KIND,
        metavar="TARGET",
        help="c (the default), a core's name, or both in one as in 'c -mcpu=cortex-m7'",
    )
    parser.add_argument(
        "--target-c-mcpu",
        metavar="CORE",
        help=f"the core: {', '.join(CORES)}; with '+nodsp' to leave its DSP instructions alone",
    )
    parser.add_argument("--target-c-model", metavar="NAME", help="the chip's name; chooses nothing")


def parse_target(text: str, mcpu: str | None) -> Target:
    """The target that `--target TEXT` and `--target-c-mcpu MCPU` name together.

    Raises:
        UsageError: they name no core, or two, or something else that cannot be honoured.
        TargetError: there is no such core.
    """
    named = _named_core(text)
    if mcpu and named and mcpu != named:
        raise UsageError(
            f"--target names the core {named} and --target-c-mcpu {mcpu}",
            hint="leave one of the two out",
        )
    chosen = mcpu or named
    if not chosen:
        raise UsageError(
            "no core is named",
            expected=f"--target-c-mcpu with one of {', '.join(CORES)}",
            hint="--target c --target-c-mcpu cortex-m4",
        )
    return Target(chosen)


def _named_core(text: str) -> str | None:
    """The core in `--target`, if there is one."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--target '{text}' cannot be read: {error}") from error
    kind, attributes = (words[0], words[1:]) if words else ("", [])
    if kind.partition("+")[0] in CORES and not attributes:
        return kind
    if kind != _KIND:
        raise UsageError(
            f"--target '{text}' cannot be honoured",
            expected="c, or a core's name",
            hint="--target c --target-c-mcpu cortex-m4",
        )
    return _core_attribute(attributes)


def _core_attribute(attributes: list[str]) -> str | None:
    core = None
    for attribute in attributes:
        name, _, value = attribute.lstrip("-").partition("=")
        if name == "mcpu":
            core = value
        elif name not in _INFORMATIVE and value not in _ACCEPTED.get(name, ()):
            raise UsageError(
                f"'{attribute}' in --target cannot be honoured",
                expected="-mcpu=CORE",
                hint="--target 'c -mcpu=cortex-m4'",
            )
    return core
