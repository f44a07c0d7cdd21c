# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The digits model: that a short training learns, and what the committed files hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from digits.training import Schedule
from train_digits import Split, held_out_set, int8_accuracy, load_split, make_model

MODELS = Path(__file__).resolve().parents[1] / "models"


@pytest.fixture(scope="module")
def split() -> Split:
    return load_split()


def test_no_image_is_in_both_sets(split: Split) -> None:
    seen = {image.tobytes() for image in split.train_images}
    assert len(split.test_images) == 360
    assert not any(image.tobytes() in seen for image in split.test_images)


def test_a_short_training_learns_and_repeats(split: Split) -> None:
    model, real = make_model(split, Schedule(epochs=8))
    images, _ = held_out_set(split)
    assert real > 0.85
    assert abs(int8_accuracy(model, images, split.test_labels) - real) < 0.02
    assert make_model(split, Schedule(epochs=8)) == (model, real)


def test_committed_model_is_small_and_accurate() -> None:
    model = (MODELS / "digits_int8.tflite").read_bytes()
    with np.load(MODELS / "digits_test.npz") as archive:
        images, labels = archive["images"], archive["labels"]
    assert len(model) < 50_000
    assert int8_accuracy(model, images, labels) >= 0.97


def test_committed_test_set_is_the_held_out_one(split: Split) -> None:
    images, _ = held_out_set(split)
    with np.load(MODELS / "digits_test.npz") as archive:
        np.testing.assert_array_equal(archive["images"], images)
        np.testing.assert_array_equal(archive["labels"], split.test_labels)
