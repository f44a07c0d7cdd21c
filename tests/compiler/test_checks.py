# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Odd and hostile operators: each equals LiteRT or is refused with a word on what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from support.differential import disagreements
from support.hostile import int16, lists, reshapes, values, weighted, windows
from support.hostile.case import Case

_GROUPS = {
    "windows and weights": (windows.cases, weighted.cases),
    "lists and shapes": (lists.cases, reshapes.cases),
    "values": (values.cases,),
    "int16": (int16.cases,),
}


@pytest.mark.parametrize("group", _GROUPS)
def test_each_is_equal_or_refused_with_a_reason(group: str) -> None:
    cases = list(_cases(_GROUPS[group]))
    wrong = disagreements([(case.name, case.model, case.answer) for case in cases])
    assert not wrong, wrong


def test_names_of_cases_differ() -> None:
    names = [case.name for sources in _GROUPS.values() for case in _cases(sources)]
    assert len(set(names)) == len(names)


def _cases(sources: tuple[Callable[[], Iterator[Case]], ...]) -> Iterator[Case]:
    for source in sources:
        yield from source()
