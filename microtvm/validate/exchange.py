# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""How batches of tensors travel in one .npz file: a name "batch/tensor" for each array."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from microtvm.errors import ModelError
from microtvm.validate.reference import Tensor

_COUNT = "count"


def save_batches(path: Path, batches: Sequence[Mapping[int, Tensor]]) -> None:
    arrays = {
        f"{batch}/{index}": value
        for batch, tensors in enumerate(batches)
        for index, value in tensors.items()
    }
    np.savez(path, allow_pickle=False, **{_COUNT: np.array(len(batches))}, **arrays)


def load_batches(path: Path) -> list[dict[int, Tensor]]:
    """What `save_batches` wrote; raises ModelError if the file is not whole."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            batches: list[dict[int, Tensor]] = [{} for _ in range(int(archive[_COUNT]))]
            for name in archive.files:
                if name != _COUNT:
                    batch, index = name.split("/")
                    batches[int(batch)][int(index)] = archive[name]
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise ModelError(f"the tensors in '{path}' cannot be read: {error}") from error
    return batches
