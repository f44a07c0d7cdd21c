# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc run: on QEMU where the device matters, and refused before any device where it does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from microtvm.cli.main import main
from microtvm.cli.run import FILL_MODES
from microtvm.cli.tensors import FILL_MODES as KNOWN_FILL_MODES
from microtvm.validate import ReferenceModel


def _run(project: Path, *words: object) -> int:
    return main(["run", "--device", "micro", str(project), *map(str, words)])


def _set(images: np.ndarray, path: Path) -> Path:
    np.savez(path, image=images)
    return path


def test_fill_modes_are_the_ones_known() -> None:
    assert FILL_MODES == KNOWN_FILL_MODES


@pytest.mark.arm
def test_outputs_are_the_references(
    digits_project: Path, digits_model: Path, tmp_path: Path
) -> None:
    with np.load(digits_model.parent / "digits_test.npz") as archive:
        image, label = archive["images"][:1], archive["labels"][0]
    inputs = _set(image, tmp_path / "in.npz")
    assert _run(digits_project, "-i", inputs, "-o", tmp_path / "out.npz") == 0
    reference = ReferenceModel(digits_model.read_bytes())
    expected = reference.run([image])[reference.outputs[0].index]
    with np.load(tmp_path / "out.npz") as outputs:
        assert sorted(outputs.files) == ["output_0", "probabilities"]
        np.testing.assert_array_equal(outputs["output_0"], expected)
        assert outputs["probabilities"].argmax() == label


@pytest.mark.arm
def test_times_and_layers(digits_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--print-time", "--number", 2, "--repeat", 3, "--profile", "--print-top", 2]
    assert _run(digits_project, "--fill-mode", "ones", *words) == 0
    output = capsys.readouterr().out
    assert output.splitlines()[0] == "probabilities"
    assert "mean (ms)" in output
    assert "softmax" in output
    assert "device: mps2_an386, cortex-m4" in output
    assert "bytes used at most" in output
    assert "QEMU counts instructions" in output


@pytest.mark.arm
def test_validate(
    digits_project: Path, digits_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--module", "digits", "--validate", digits_model]
    assert _run(digits_project, *words, "--project-option", "qemu_icount=false") == 0
    output = capsys.readouterr().out
    assert output.endswith("7 of 7 layer outputs equal the reference's\n")


@pytest.mark.arm
def test_a_wrong_number_is_found(
    digits_project: Path,
    digits_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def wrong(model: bytes, batches: list[list[np.ndarray]]) -> list[dict[int, np.ndarray]]:
        reference = ReferenceModel(model)
        tensors = reference.run(batches[0])
        result = tensors[reference.outputs[0].index]
        result[0, 3] ^= 1
        return [tensors]

    monkeypatch.setattr("microtvm.validate.run_isolated", wrong)
    assert _run(digits_project, "--validate", digits_model) == 1
    captured = capsys.readouterr()
    differing = [line for line in captured.out.splitlines() if "DIFFERS" in line]
    words = [line.split() for line in differing]
    assert [(word[0], word[1], word[3]) for word in words] == [("7", "softmax", "probabilities")]
    assert captured.err.endswith(
        "tvmc: error: 1 layer outputs differ from the reference\n"
        "  expected: bit for bit the same\n"
        "  try: --validate with the .tflite file that the project was made from\n"
    )


@pytest.mark.arm
@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["--device", "cpu"], 2, "--device cpu cannot be honoured"),
        (["--module", "other"], 1, "'other'"),
        (["-i", "missing.npz"], 1, "missing.npz"),
        (["-o", "no/such/out.npz"], 1, "there is no directory"),
        (["--number", "0"], 2, "0 is less than 1"),
        (["--fill-mode", "twos"], 2, "invalid choice"),
        (["--validate", "missing.tflite"], 1, "missing.tflite"),
        (["--validate", __file__], 1, "LiteRT refuses the model"),
        (["--project-option", "board=x"], 4, "Option 'board' is invalid here"),
        (["--project-option", "gdbserver_port=door"], 4, "whole number"),
    ],
)
def test_refused_before_the_device(
    words: list[str],
    code: int,
    complaint: str,
    digits_project: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _run(digits_project, *words) == code
    errors = capsys.readouterr().err
    assert complaint in errors
    assert "Traceback" not in errors


def test_no_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(tmp_path) == 1
    assert "project.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [("standalone", "answers no session"), ("host_driven", "build the project first")],
)
def test_projects_that_cannot_answer(
    kind: str,
    complaint: str,
    digits_archive: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "project"
    options = ["--project-option", "board=mps2_an386", f"project_type={kind}"]
    words = [str(folder), str(digits_archive), "baremetal", *options]
    assert main(["micro", "create-project", *words]) == 0
    assert _run(folder) == 1
    errors = capsys.readouterr().err
    assert complaint in errors
    assert "Traceback" not in errors


def test_list_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--list-options"]) == 0
    assert "gdbserver_port=INT" in capsys.readouterr().out
