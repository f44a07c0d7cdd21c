# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Cycles a term, from how often each layer had which terms and what it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import nnls

from microtvm.compiler.cost_model import ScheduleCosts

_DIGITS = 4


def fit(works: Sequence[Mapping[str, int]], cycles: Sequence[int]) -> ScheduleCosts:
    """Least squares of the relative errors, no term below 0.

    Small layers count as much as large ones so: a choice between schedules is one of ratios.
    """
    terms = sorted({term for work in works for term in work})
    measured = np.array(cycles, np.float64)
    counts = np.array([[work.get(term, 0) for term in terms] for work in works], np.float64)
    solution, _ = nnls(counts / measured[:, None], np.ones(len(measured)))
    # Rounded first, so that the errors are those of the figures that are written.
    figures = np.array([_rounded(value) for value in solution])
    errors = np.abs(counts @ figures / measured - 1)
    return ScheduleCosts(
        dict(zip(terms, figures.tolist(), strict=True)),
        median_error=round(float(np.median(errors)), _DIGITS),
        worst_error=round(float(errors.max()), _DIGITS),
    )


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
