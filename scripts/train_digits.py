#!/usr/bin/env python3
# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Trains the digits model and writes tests/models/digits_int8.tflite and digits_test.npz.

The digits are scikit-learn's. One in five is held out and becomes the test set. The seed is
fixed, so that the same numpy gives the same model; another one may differ in its last digits.
"""

from __future__ import annotations

import argparse
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from digits.export import INPUT, export
from digits.layers import Array
from digits.training import Labels, Schedule, accuracy, build_network, train
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from microtvm.validate import ReferenceModel

_SEED = 0
_HELD_OUT = 360
_BRIGHTEST = 16.0
_LEAST_ACCURACY = 0.97
_FOLDER = Path(__file__).resolve().parent.parent / "tests" / "models"


@dataclass(frozen=True)
class Split:
    """Images as real numbers from 0 to 1, NHWC, and which digit each shows."""

    train_images: Array
    train_labels: Labels
    test_images: Array
    test_labels: Labels


def load_split() -> Split:
    images, labels = load_digits(return_X_y=True)
    pixels = (images / _BRIGHTEST).reshape(-1, 8, 8, 1)
    train_images, test_images, train_labels, test_labels = train_test_split(
        pixels, labels, test_size=_HELD_OUT, random_state=_SEED, stratify=labels
    )
    return Split(train_images, train_labels, test_images, test_labels)


def make_model(split: Split, schedule: Schedule) -> tuple[bytes, float]:
    """The .tflite file and the held-out accuracy of the network before quantising."""
    rng = np.random.default_rng(_SEED)
    network = build_network(rng)
    train(network, split.train_images, split.train_labels, rng, schedule)
    real = accuracy(network, split.test_images, split.test_labels)
    return export(network, split.train_images), real


def int8_accuracy(model: bytes, images: npt.NDArray[np.int8], labels: Labels) -> float:
    """The share of images that LiteRT's reference kernels get right."""
    reference = ReferenceModel(model)
    result = reference.outputs[0].index
    guesses = [int(reference.run([image[np.newaxis]])[result].argmax()) for image in images]
    return float(np.mean(np.array(guesses) == labels))


def held_out_set(split: Split) -> tuple[npt.NDArray[np.int8], bytes]:
    """The held-out images as the model takes them, and the file with them and their labels."""
    images = INPUT.quantize(split.test_images)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, images=images, labels=split.test_labels.astype(np.uint8))
    return images, buffer.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output-dir", type=Path, default=_FOLDER)
    folder: Path = parser.parse_args().output_dir
    split = load_split()
    model, real = make_model(split, Schedule())
    images, archive = held_out_set(split)
    quantized = int8_accuracy(model, images, split.test_labels)
    print(f"held-out accuracy: {real:.2%} in float, {quantized:.2%} in int8")
    if quantized < _LEAST_ACCURACY:
        raise SystemExit(f"not written: less than {_LEAST_ACCURACY:.0%}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "digits_int8.tflite").write_bytes(model)
    (folder / "digits_test.npz").write_bytes(archive)
    print(f"wrote digits_int8.tflite ({len(model)} bytes) and digits_test.npz to {folder}")


if __name__ == "__main__":
    main()
