# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""--workspace-pools, --constant-pools and what is said of each pool, with the older tvmc's names.

Every attribute is a flag of its own, whose values are POOL:VALUE, repeated or with commas between.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm.cli.command import UsageError

if TYPE_CHECKING:
    from microtvm.compiler.memory_pools import MemoryPool

KINDS = ("workspace", "constant")
# The one kind of target that code is made for.
_TARGET = "c"
_MOST = 2**32 - 1
# The older tvmc's value of an attribute that is not known.
_UNKNOWN = -1


@dataclass(frozen=True)
class _Attribute:
    """A flag's name behind that of its kind, the field of MemoryPool, and what it may be."""

    flag: str
    field: str
    least: int
    meaning: str


_ATTRIBUTES = (
    _Attribute("size-hint-bytes", "size_bytes", 1, "bytes that may be used, at most"),
    _Attribute("clock-frequency-hz", "clock_hz", 1, "clock of the memory"),
    _Attribute("read-bandwidth-bytes-per-cycle", "read_bandwidth", 1, "bytes read in a cycle"),
    _Attribute("write-bandwidth-bytes-per-cycle", "write_bandwidth", 1, "bytes written in a cycle"),
    _Attribute("read-latency-cycles", "read_latency", 0, "cycles before each burst that is read"),
    _Attribute("write-latency-cycles", "write_latency", 0, "cycles before each that is written"),
)
_BURST = "target-burst-bytes"
_TARGETS = "targets"


def add_pool_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the flags in a group of their own."""
    group = parser.add_argument_group(
        "memories",
        "Each VALUE is POOL:VALUE; -1 stands for what is not known. Memories of a board have the "
        "names of its regions.",
    )
    places = {"workspace": "tensors and scratch", "constant": "weights and other constants"}
    for kind in KINDS:
        group.add_argument(
            f"--{kind}-pools",
            metavar="POOL[,POOL]",
            help=f"memories for {places[kind]}, the favourite first",
        )
        group.add_argument(
            f"--{kind}-pools-{_TARGETS}",
            action="append",
            default=[],
            metavar="POOL:TARGET",
            help=f"accepted for the older tvmc's sake: {_TARGET} is the only target",
        )
        for attribute in _ATTRIBUTES:
            group.add_argument(
                f"--{kind}-pools-{attribute.flag}",
                action="append",
                default=[],
                metavar="POOL:VALUE",
                help=attribute.meaning,
            )
        group.add_argument(
            f"--{kind}-pools-{_BURST}",
            action="append",
            default=[],
            metavar="POOL:TARGET:VALUE",
            help="bytes of a burst, for which one latency is paid (default: 4)",
        )


def parse_pools(arguments: argparse.Namespace, kind: str) -> tuple[MemoryPool, ...]:
    """The pools that the flags of one of KINDS name; none without --KIND-pools.

    Raises:
        UsageError: the flags cannot be read, or speak of a pool that is not named.
        PoolError: a pool's name or a value is out of its range, or a name is there twice.
    """
    from microtvm.compiler.memory_pools import MemoryPool, check_names

    flag = f"--{kind}-pools"
    names = _names(getattr(arguments, f"{kind}_pools"), flag)
    check_names(names)
    _check_targets(_values(arguments, f"{flag}-{_TARGETS}", names), f"{flag}-{_TARGETS}")
    fields: dict[str, dict[str, int]] = {name: {} for name in names}
    for attribute in _ATTRIBUTES:
        own = f"{flag}-{attribute.flag}"
        for name, text in _values(arguments, own, names):
            value = _number(text, own, name, attribute.least)
            _set(fields[name], attribute.field, value, own, name)
    own = f"{flag}-{_BURST}"
    for name, text in _values(arguments, own, names):
        target, separator, size = text.partition(":")
        if not separator:
            raise UsageError(f"{own} {name}:{text} names no target", expected=f"{name}:c:BYTES")
        _check_targets([(name, target)], own)
        _set(fields[name], "burst_bytes", _number(size, own, name, 1), own, name)
    return tuple(MemoryPool(name, **fields[name]) for name in names)


def _names(text: str | None, flag: str) -> list[str]:
    if text is None:
        return []
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise UsageError(f"{flag} '{text}' has an empty name", expected="names with commas between")
    return names


def _values(
    arguments: argparse.Namespace, flag: str, names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Pairs of a pool and what is said of it."""
    texts: Sequence[str] = getattr(arguments, flag.lstrip("-").replace("-", "_"))
    for text in (part.strip() for entry in texts for part in entry.split(",")):
        name, separator, value = text.partition(":")
        if not separator:
            raise UsageError(f"{flag} '{text}' names no pool", expected="POOL:VALUE")
        if name not in names:
            pools = flag[: flag.index("-pools") + len("-pools")]
            raise UsageError(
                f"{flag} speaks of the pool '{name}'",
                expected=f"one of {', '.join(names)}" if names else f"pools, named by {pools}",
                hint=f"{pools} {','.join([*names, name])}",
            )
        yield name, value


def _check_targets(pairs: Iterable[tuple[str, str]], flag: str) -> None:
    for name, target in pairs:
        if target != _TARGET:
            raise UsageError(
                f"{flag} gives pool {name} the target '{target}'",
                expected=f"{_TARGET}, the only one",
            )


def _number(text: str, flag: str, name: str, least: int) -> int | None:
    """None where it is not known."""
    expected = f"a whole number from {least} to {_MOST}"
    # Python would take blanks, underlines and the digits of all scripts.
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(_MOST))):
        raise UsageError(f"{flag} {name}:{text} is no number", expected=expected)
    value = int(text)
    if value == _UNKNOWN:
        return None
    if not least <= value <= _MOST:
        raise UsageError(f"{flag} {name}:{text} is out of range", expected=expected)
    return value


def _set(fields: dict[str, int], field: str, value: int | None, flag: str, name: str) -> None:
    if field in fields:
        raise UsageError(f"{flag} speaks of pool {name} twice", expected="one value a pool")
    if value is not None:
        fields[field] = value
