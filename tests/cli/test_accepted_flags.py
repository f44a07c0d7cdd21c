# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Flags of the older tvmc: the usual ones are accepted, what cannot be honoured is refused."""

from __future__ import annotations

import argparse
import shlex

import pytest

from microtvm.cli.accepted_flags import check_accepted_flags
from microtvm.cli.command import UsageError
from microtvm.cli.compile import CompileCommand

USUAL = (
    "--target 'c -mcpu=cortex-m7' --runtime crt --executor aot --executor-aot-interface-api c"
    " --executor-aot-unpacked-api 1 --pass-config tir.disable_vectorize=1 -f mlf"
)


def _parse(line: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    CompileCommand().add_arguments(parser)
    return parser.parse_args(["model.tflite", *shlex.split(line)])


@pytest.mark.parametrize(
    "line",
    [
        "",
        USUAL,
        USUAL.replace(" 1", "=1").replace("-f mlf", "--output-format=mlf"),
        "--pass-config tir.usmp.enable=True --pass-config tir.disable_vectorize=true",
        "--executor-aot-workspace-byte-alignment 8 -O3 --model-format tflite",
    ],
)
def test_accepted(line: str) -> None:
    check_accepted_flags(_parse(line))


@pytest.mark.parametrize(
    "line",
    [
        "-f so",
        "--executor graph",
        "--executor-aot-interface-api packed",
        "--executor-aot-unpacked-api 0",
        "--runtime cpp",
        "--runtime-crt-system-lib 1",
        "--model-format onnx",
        "--executor-aot-workspace-byte-alignment 64",
        "-O0",
        "--pass-config tir.disable_vectorize=0",
        "--pass-config tir.unknown=1",
        "--pass-config tir.disable_vectorize",
    ],
)
def test_refused(line: str) -> None:
    with pytest.raises(UsageError, match="cannot be honoured"):
        check_accepted_flags(_parse(line))
