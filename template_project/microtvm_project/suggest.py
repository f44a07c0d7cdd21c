# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Names that a mistyped one may have meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 4
_LIKENESS = 0.8


def nearest(name: str, known: Sequence[str]) -> str:
    """The names that have this one in them, then those most like it, with "or"; "" for none."""
    unique = list(dict.fromkeys(known))
    inside = sorted((each for each in unique if name and name in each), key=len)
    alike = difflib.get_close_matches(name, unique, n=_MOST, cutoff=_LIKENESS)
    return " or ".join(list(dict.fromkeys([*inside, *alike]))[:_MOST])
