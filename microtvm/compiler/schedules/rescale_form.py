# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The ways to rescale a sum, by the numbers that rescale.h gives them."""

from __future__ import annotations

_FORMS = ("twice", "once", "twice_any", "once_any", "relu")


def rescale_form(form: str) -> int:
    """The value of enum microtvm_rescale for a packed form such as "w8_twice_any"."""
    return _FORMS.index(form.split("_", 1)[1])
