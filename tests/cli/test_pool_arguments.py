# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""--workspace-pools, --constant-pools and their attributes, as the older tvmc took them."""

from __future__ import annotations

import argparse
import shlex

import pytest

from microtvm.cli.command import UsageError
from microtvm.cli.pool_arguments import KINDS, add_pool_arguments, parse_pools
from microtvm.compiler.memory_pools import MemoryPool
from microtvm.errors import PoolError


def _parse(line: str, kind: str = "workspace") -> tuple[MemoryPool, ...]:
    parser = argparse.ArgumentParser()
    add_pool_arguments(parser)
    return parse_pools(parser.parse_args(shlex.split(line)), kind)


def _all_attributes(kind: str) -> str:
    """As a command line of the older tvmc has them."""
    flag = f"--{kind}-pools"
    return (
        f"{flag}=dtcm,sram {flag}-targets=dtcm:c {flag}-targets=sram:c"
        f" {flag}-size-hint-bytes=dtcm:65536 {flag}-clock-frequency-hz=dtcm:216000000"
        f" {flag}-read-bandwidth-bytes-per-cycle=dtcm:8,sram:2"
        f" {flag}-write-bandwidth-bytes-per-cycle=dtcm:4 {flag}-read-latency-cycles=sram:3"
        f" {flag}-write-latency-cycles=sram:0 {flag}-target-burst-bytes=sram:c:32"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_attribute(kind: str) -> None:
    other = next(name for name in KINDS if name != kind)
    line = _all_attributes(kind)
    assert _parse(line, other) == ()
    assert _parse(line, kind) == (
        MemoryPool("dtcm", 65536, 216_000_000, read_bandwidth=8, write_bandwidth=4),
        MemoryPool("sram", read_bandwidth=2, read_latency=3, write_latency=0, burst_bytes=32),
    )


def test_no_flags_are_no_pools() -> None:
    assert _parse("") == ()


def test_values_with_commas_between() -> None:
    pools = _parse("--workspace-pools 'a, b' --workspace-pools-size-hint-bytes 'a:1, b:4294967295'")
    assert pools == (MemoryPool("a", 1), MemoryPool("b", 2**32 - 1))


def test_minus_one_is_what_is_not_known() -> None:
    assert _parse(
        "--workspace-pools a --workspace-pools-size-hint-bytes a:-1"
        " --workspace-pools-clock-frequency-hz a:-1 --workspace-pools-read-latency-cycles a:-1"
        " --workspace-pools-target-burst-bytes a:c:-1"
    ) == (MemoryPool("a"),)


@pytest.mark.parametrize(
    ("line", "found", "expected"),
    [
        ("-size-hint-bytes b:1", "speaks of the pool 'b'", "one of a"),
        ("-size-hint-bytes 1024", "names no pool", "POOL:VALUE"),
        ("-size-hint-bytes a:", "is no number", "a whole number from 1"),
        ("-size-hint-bytes a:64k", "is no number", "a whole number from 1"),
        ("-size-hint-bytes a:1_000", "is no number", "a whole number from 1"),
        ("-size-hint-bytes a:1.5", "is no number", "a whole number from 1"),
        ("-size-hint-bytes a:--1", "is no number", "a whole number from 1"),
        ("-size-hint-bytes a:\u0661", "is no number", "a whole number from 1"),
        ("-size-hint-bytes a:" + "9" * 5000, "is no number", "a whole number from 1"),
        ("-size-hint-bytes a:0", "is out of range", "from 1 to 4294967295"),
        ("-size-hint-bytes a:-2", "is out of range", "from 1 to 4294967295"),
        ("-size-hint-bytes a:4294967296", "is out of range", "from 1 to 4294967295"),
        ("-clock-frequency-hz a:0", "is out of range", "from 1"),
        ("-read-bandwidth-bytes-per-cycle a:0", "is out of range", "from 1"),
        ("-write-bandwidth-bytes-per-cycle a:0", "is out of range", "from 1"),
        ("-read-latency-cycles a:-3", "is out of range", "from 0"),
        ("-size-hint-bytes a:1,a:2", "speaks of pool a twice", "one value a pool"),
        ("-target-burst-bytes a:4", "names no target", "a:c:BYTES"),
        ("-target-burst-bytes a:ethos-u:4", "the target 'ethos-u'", "c, the only one"),
        ("-target-burst-bytes a:c:0", "is out of range", "from 1"),
        ("-targets a:llvm", "the target 'llvm'", "c, the only one"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_attributes_that_cannot_be_honoured(
    kind: str, line: str, found: str, expected: str
) -> None:
    with pytest.raises(UsageError) as caught:
        _parse(f"--{kind}-pools a --{kind}-pools{line}", kind)
    assert found in caught.value.found
    assert f"--{kind}-pools" in caught.value.found
    assert expected in caught.value.expected


def test_attributes_of_pools_that_nobody_names() -> None:
    with pytest.raises(UsageError, match="speaks of the pool 'dtcm'") as caught:
        _parse("--workspace-pools-size-hint-bytes dtcm:64")
    assert caught.value.hint == "--workspace-pools dtcm"


@pytest.mark.parametrize("names", ["", ",", "a,,b", "a,"])
def test_names_that_are_empty(names: str) -> None:
    with pytest.raises(UsageError, match="has an empty name"):
        _parse(f"--workspace-pools '{names}'")


@pytest.mark.parametrize("names", ["a,a", "a,b,a"])
def test_two_pools_of_one_name(names: str) -> None:
    with pytest.raises(PoolError, match="two pools are named 'a'"):
        _parse(f"--workspace-pools {names}")


@pytest.mark.parametrize("name", ["A", "int", "io", "../a", "a b", "\u00e4"])
def test_names_that_cannot_be_part_of_c(name: str) -> None:
    with pytest.raises(PoolError, match="cannot be the name of a pool"):
        _parse(shlex.join(["--constant-pools", name]), "constant")
