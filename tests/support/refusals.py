# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Whether models can be read, as a function that a child process can call."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.model_file import read_model
from microtvm.errors import ModelError


def reads(models: Sequence[bytes]) -> int:
    """How many of the models can be read."""
    count = 0
    for model in models:
        try:
            read_model(model)
            count += 1
        except ModelError:
            continue
    return count
