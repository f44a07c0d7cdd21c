# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Whether models are refused, as functions that a child process can call."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler import compile_model
from microtvm.compiler.model_file import read_model
from microtvm.errors import ModelError


def compiles(model: bytes) -> str:
    """The reason of a refusal, or ""."""
    try:
        compile_model(model)
    except ModelError as error:
        return str(error)
    return ""


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
