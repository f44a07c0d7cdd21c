# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which names a mistyped one may have meant."""

from __future__ import annotations

import pytest
from microtvm_project.suggest import nearest

NAMES = ("nucleo_f429zi", "nucleo_f746zg", "nrf52840dk/nrf52840", "mps2_an385")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nucleo_f429z", "nucleo_f429zi or nucleo_f746zg"),
        ("an385", "mps2_an385"),
        ("nrf52840dk", "nrf52840dk/nrf52840"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_names_like_it(name: str, told: str) -> None:
    assert nearest(name, [*NAMES, *NAMES]) == told


def test_no_more_than_four() -> None:
    assert nearest("board", [f"board{number}" for number in range(9)]).count(" or ") == 3
