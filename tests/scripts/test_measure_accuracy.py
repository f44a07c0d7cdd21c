# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Accuracy counted over a device that is a few lines of numpy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from measure_accuracy import count_correct


class Device:
    """Answers with its input; each run takes a quarter of a second."""

    def set_input(self, key: str | int, values: npt.NDArray[np.int8]) -> None:
        self._values = values

    def run(self) -> float:
        return 0.25

    def get_output(self, key: str | int = 0) -> npt.NDArray[np.int8]:
        return self._values


IMAGES = np.array([[9, 1, 2], [1, 9, 2], [1, 2, 9]], dtype=np.int8)


def test_count() -> None:
    assert count_correct(Device(), IMAGES, [0, 1, 0]) == (2, 0.75)


def test_labels_must_be_as_many_as_images() -> None:
    with pytest.raises(ValueError, match="shorter"):
        count_correct(Device(), IMAGES, [0, 1])
