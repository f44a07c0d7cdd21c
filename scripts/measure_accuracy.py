#!/usr/bin/env python3
# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Runs a classifier on a project's device for each image of a test set, and prints its accuracy.

The test set is an .npz file of `images`, in the form that the model takes them, and `labels`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from microtvm.errors import MicroTVMError
from microtvm.project import open_session


class Classifier(Protocol):
    """What is needed of a session."""

    def set_input(self, key: str | int, values: npt.NDArray[np.int8]) -> None: ...

    def run(self) -> float: ...

    def get_output(self, key: str | int = 0) -> npt.NDArray[np.int8]: ...


def count_correct(
    session: Classifier, images: Iterable[npt.NDArray[np.int8]], labels: Iterable[int]
) -> tuple[int, float]:
    """How many images are recognised, and the seconds that the device took for all."""
    correct, seconds = 0, 0.0
    for image, label in zip(images, labels, strict=True):
        session.set_input(0, image[np.newaxis])
        seconds += session.run()
        correct += int(session.get_output(0).argmax()) == int(label)
    return correct, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project_dir", type=Path)
    parser.add_argument("test_set", type=Path)
    arguments = parser.parse_args()
    with np.load(arguments.test_set, allow_pickle=False) as archive:
        images, labels = archive["images"], archive["labels"]
    try:
        with open_session(arguments.project_dir) as session:
            correct, seconds = count_correct(session, images, labels)
            board = session.device_info().board
    except MicroTVMError as error:
        sys.exit(f"measure_accuracy: error: {error}")
    count = len(labels)
    print(
        f"accuracy on {board}: {correct} of {count} held-out images, {correct / count:.2%}; "
        f"{seconds / count * 1e3:.3f} ms an inference"
    )


if __name__ == "__main__":
    main()
