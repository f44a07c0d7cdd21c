# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Rules that turn one quantised site of a QDQ graph into one integer operator.

A rule returns None where it does not apply; the first that applies wins.
"""

from __future__ import annotations

from collections.abc import Callable

from microtvm.compiler.operators import Operator
from microtvm.compiler.qdq import Site
from microtvm.compiler.rules.convolution import fold_convolution
from microtvm.compiler.rules.dense import fold_dense

Rule = Callable[[Site], Operator | None]

RULES: tuple[Rule, ...] = (
    fold_convolution,
    fold_dense,
)
