# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The digits model as an archive and as a built project, made once by the command line itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from microtvm.cli.main import main

MODEL = Path(__file__).resolve().parents[1] / "models" / "digits_int8.tflite"


@pytest.fixture(scope="session")
def digits_model() -> Path:
    return MODEL


@pytest.fixture(scope="session")
def digits_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = tmp_path_factory.mktemp("archive") / "module.tar"
    words = ["--target", "c", "--target-c-mcpu", "cortex-m4", "-o", str(archive)]
    assert main(["compile", str(MODEL), "--module-name", "digits", *words]) == 0
    return archive


@pytest.fixture(scope="session")
def digits_project(digits_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built for QEMU; its path has a space in it."""
    folder = tmp_path_factory.mktemp("with a space") / "digits project"
    options = ["--project-option", "board=mps2_an386"]
    words = ["micro", "create-project", str(folder), str(digits_archive), "baremetal", *options]
    assert main(words) == 0
    assert main(["micro", "build", str(folder)]) == 0
    return folder
