# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Sums over a memory's parts, and the refusal of a memory that is too full."""

from __future__ import annotations

import pytest
from microtvm_project.errors import CapacityError
from microtvm_project.memory_use import MemoryUse, Part, check_room

_RAM = MemoryUse(
    "ram",
    "ram",
    1000,
    (
        Part("pool", 700, (Part("scratch", 500),)),
        Part("stack", 400, is_estimate=True),
        Part("data", 200),
        Part("code", None),
    ),
)


def test_details_and_what_is_unknown_do_not_count() -> None:
    assert (_RAM.used, _RAM.needed, _RAM.free) == (1300, 900, -300)


def test_estimates_refuse_nothing() -> None:
    check_room([_RAM], "It", "b", "less")


def test_the_largest_parts_are_told_first() -> None:
    parts = tuple(Part(f"p{size}", size) for size in (1, 300, 2, 200, 100, 4, 4000))
    with pytest.raises(CapacityError) as caught:
        check_room([MemoryUse("ram", "ram", 4606, parts), _RAM], "The image", "small", "less")
    assert str(caught.value) == (
        "The image does not fit board small: ram would take 4,607 bytes"
        " (p4000 4,000, p300 300, p200 200, p100 100, p4 4)\n"
        "  expected: at most 4,606 bytes in ram\n"
        "  try: less"
    )
