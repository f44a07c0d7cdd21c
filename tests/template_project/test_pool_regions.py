# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Pools find a region that is large enough, or are refused with numbers."""

from __future__ import annotations

import pytest
from microtvm_project.boards import find_board
from microtvm_project.errors import CapacityError, MicroTVMError, OptionError
from microtvm_project.model_library import Module, Pool
from microtvm_project.options import OptionValues
from microtvm_project.pool_regions import check_pools, parse_pool_regions
from support.archives import ROOT

# 4 MB of ram and 64 KB of dtcm.
BOARD = find_board(ROOT / "boards", "mps2_an500")
LARGEST = 65_536


def module(name: str, pools: dict[str, int], constants: dict[str, int] | None = None) -> Module:
    return Module(
        name=name,
        target="cortex-m7",
        checksum=1,
        pools=tuple(Pool(*pool) for pool in pools.items()),
        constant_pools=tuple(Pool(*pool) for pool in (constants or {}).items()),
        constant_bytes=100_000,
        stack_bytes=0,
    )


def check(*modules: Module, **options: str | int) -> None:
    check_pools(modules, BOARD, OptionValues(options))


def refusal(error: type[MicroTVMError], *modules: Module, **options: str | int) -> MicroTVMError:
    with pytest.raises(error) as caught:
        check(*modules, **options)
    return caught.value


def test_pairs() -> None:
    assert parse_pool_regions("") == {}
    assert parse_pool_regions("a=ram, b_2=dtcm,") == {"a": "ram", "b_2": "dtcm"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a", "has 'a'"),
        ("a=", "has 'a='"),
        ("=ram", "has '=ram'"),
        ("a=b=c", "has 'a=b=c'"),
        ("a=ram;b=ram", "has 'a=ram;b=ram'"),
        ("a-b=ram", "has 'a-b=ram'"),
        ("a=ram,a=dtcm", "maps the pool 'a' twice"),
    ],
)
def test_texts_that_are_no_pairs(text: str, told: str) -> None:
    with pytest.raises(OptionError, match=told):
        parse_pool_regions(text)


def test_pools_have_their_names_region_or_the_mapped_one() -> None:
    check(module("a", {"global_workspace": 100_000, "dtcm": LARGEST, "io": 70_000}))
    check(module("a", {"fast": LARGEST, "slow": 70_000}), pool_regions="fast=dtcm,slow=ram")
    check(module("a", {"dtcm": 70_000}), pool_regions="dtcm=ram")
    check(module("a", {"ram": 1}, {"flash": 100_000, "dtcm": LARGEST}))


def test_a_pool_that_is_no_region() -> None:
    error = refusal(OptionError, module("a", {"sram": 8}))
    assert error.found == "Board mps2_an500 has no memory region for the pool 'sram'"
    assert error.expected == "one of ram (ram, 4,194,304 bytes), dtcm (ram, 65,536 bytes)"
    assert error.hint.startswith("--project-option pool_regions=sram=ram")


def test_a_region_that_there_is_not() -> None:
    error = refusal(OptionError, module("a", {"sram": 8}), pool_regions="sram=itcm")
    assert error.found == "Option 'pool_regions' maps the pool 'sram' to 'itcm'"
    assert "dtcm (ram, 65,536 bytes)" in error.expected


def test_a_workspace_in_flash() -> None:
    error = refusal(OptionError, module("a", {"sram": 8}), pool_regions="sram=flash")
    assert "flash (" not in error.expected


def test_constants_may_be_in_any_region() -> None:
    error = refusal(OptionError, module("a", {"ram": 8}, {"qspi": 1}))
    assert error.found.endswith("no memory region for the pool 'qspi'")
    assert "flash (flash, 4,194,304 bytes)" in error.expected


def test_a_pool_that_no_model_has() -> None:
    error = refusal(OptionError, module("a", {"dtcm": 8}, {"x": 1}), pool_regions="y=ram")
    assert error.found == "Option 'pool_regions' maps the pool 'y', which no model has"
    assert error.expected == "one of dtcm, x"


def test_a_pool_that_is_too_large() -> None:
    error = refusal(CapacityError, module("a", {"dtcm": LARGEST + 1}))
    assert "mps2_an500: dtcm would take 65,537 bytes (dtcm 65,537)" in error.found
    assert error.expected == "at most 65,536 bytes in dtcm"


def test_pools_that_do_not_fit_one_region_together() -> None:
    pools = {"dtcm": 40_000, "fast": 20_000}
    check(module("a", pools), pool_regions="fast=dtcm")
    error = refusal(CapacityError, module("a", pools, {"dtcm": 5_537}), pool_regions="fast=dtcm")
    parts = "dtcm 40,000, fast 20,000, constants of a 5,537"
    assert f"dtcm would take 65,537 bytes ({parts})" in error.found


def test_models_share_memory_or_have_their_own() -> None:
    pair = (module("a", {"dtcm": 40_000}), module("b", {"dtcm": 30_000}))
    check(*pair)
    check(*pair, workspace="shared")
    error = refusal(CapacityError, *pair, workspace="own")
    assert "dtcm would take 70,000 bytes (dtcm of a 40,000, dtcm of b 30,000)" in error.found


def test_constants_are_never_shared() -> None:
    pair = [module(name, {"ram": 1}, {"dtcm": 40_000}) for name in ("a", "b")]
    error = refusal(CapacityError, *pair)
    assert "80,000 bytes (constants of a 40,000, constants of b 40,000)" in error.found


def test_the_workspace_may_be_asked_to_be_larger() -> None:
    one = module("a", {"global_workspace": 1})
    options = {"pool_regions": "global_workspace=dtcm"}
    check(one, workspace_size_bytes=LARGEST, **options)
    error = refusal(CapacityError, one, workspace_size_bytes=LARGEST + 1, **options)
    assert "dtcm would take 65,537 bytes (global_workspace 65,537)" in error.found
