# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The real main(), in this process: exit codes, and what is said of each kind of failure."""

from __future__ import annotations

import argparse
import errno
import io
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from microtvm.cli.compile import CompileCommand
from microtvm.cli.console import Console
from microtvm.cli.main import main
from microtvm.errors import ModelError, OptionError


def _failing(monkeypatch: pytest.MonkeyPatch, fail: Callable[[], None]) -> None:
    """Makes `tvmc compile x` do this."""

    def run(self: CompileCommand, arguments: argparse.Namespace, console: Console) -> int:
        fail()
        return 0

    monkeypatch.setattr(CompileCommand, "run", run)


def _raising(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["compile", "--help"],
        ["micro", "--help"],
        ["micro", "boards", "--help"],
        ["micro", "create-project", "--help"],
        ["micro", "create", "-h"],
        ["micro", "build", "--help"],
        ["micro", "flash", "--help"],
        ["run", "--help"],
        ["--version"],
    ],
)
def test_help_and_version(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    captured = capsys.readouterr()
    assert captured.out
    assert captured.err == ""


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "required: COMMAND"),
        (["tune"], "invalid choice: 'tune'"),
        (["micro"], "required: COMMAND"),
        (["micro", "deploy"], "invalid choice: 'deploy'"),
        (["compile"], "required: MODEL"),
        (["compile", "x", "--no-such-option"], "unrecognized arguments: --no-such-option"),
        (["compile", "x", "--modul", "y"], "unrecognized arguments: --modul"),
        (["run", "x", "--number", "many"], "invalid"),
    ],
)
def test_wrong_command_lines(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("tvmc: error: ")
    assert complaint in captured.err
    assert "--help" in captured.err


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_nothing_heavy_is_imported() -> None:
    heavy = {"tvm", "numpy", "serial", "tflite", "ai_edge_litert", "elftools", "jinja2"}
    code = f"""
import sys
from microtvm.cli.main import build_parser
build_parser()
print({heavy} & sys.modules.keys())
"""
    result = subprocess.run(_python(code), capture_output=True, text=True, check=True)
    assert result.stdout == "set()\n"


def test_an_error_of_ours_is_printed_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _failing(monkeypatch, _raising(OptionError("found this", expected="that", hint="so")))
    assert main(["compile", "x"]) == 4
    assert capsys.readouterr().err == "tvmc: error: found this\n  expected: that\n  try: so\n"


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (ModelError("broken"), 1, "tvmc: error: broken\n"),
        (KeyboardInterrupt(), 130, "tvmc: error: interrupted\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "out.tar"),
            1,
            "tvmc: error: No space left on device: 'out.tar'\n",
        ),
        (
            RuntimeError("first\nsecond"),
            70,
            "tvmc: error: unexpected RuntimeError: first\n"
            "  try: the same with -v, which shows the traceback\n",
        ),
        (
            AssertionError(),
            70,
            "tvmc: error: unexpected AssertionError: no message\n"
            "  try: the same with -v, which shows the traceback\n",
        ),
    ],
)
def test_failures(
    error: BaseException,
    code: int,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _failing(monkeypatch, _raising(error))
    assert main(["compile", "x"]) == code
    assert capsys.readouterr().err == text


@pytest.mark.parametrize("words", [["-v", "compile", "x"], ["compile", "-v", "x"]])
def test_verbose_shows_the_traceback(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _failing(monkeypatch, _raising(RuntimeError("odd")))
    assert main(words) == 70
    captured = capsys.readouterr().err
    assert "Traceback (most recent call last)" in captured
    assert captured.endswith("tvmc: error: unexpected RuntimeError: odd\n")


@pytest.mark.parametrize(
    ("words", "levels"), [([], "W"), (["-v"], "WI"), (["-v", "-v"], "WID"), (["-vvv"], "WID")]
)
def test_log_levels(
    words: list[str],
    levels: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def log() -> None:
        logger = logging.getLogger("microtvm.test")
        logger.warning("W")
        logger.info("I")
        logger.debug("D")

    _failing(monkeypatch, log)
    handlers = list(logging.getLogger().handlers)
    assert main(["compile", *words, "x"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert "".join(line[-1] for line in lines) == levels
    assert logging.getLogger().handlers == handlers


def test_a_reader_that_went_away() -> None:
    words = ["micro", "create-project", "--list-options"]
    code = f"import sys; from microtvm.cli.main import main; sys.exit(main({words}))"
    pipe = subprocess.PIPE
    child = subprocess.Popen(_python(code), stdout=pipe, stderr=pipe)
    assert child.stdout
    assert child.stderr
    child.stdout.close()
    errors = child.stderr.read()
    child.stderr.close()
    assert (child.wait(), errors) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output() -> None:
    words = ["micro", "create-project", "--list-options"]
    code = f"import sys; from microtvm.cli.main import main; sys.exit(main({words}))"
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(_python(code), stdout=full, stderr=subprocess.PIPE, check=False)
    assert result.returncode == 1
    assert result.stderr.decode().startswith("tvmc: error: ")
    assert b"Traceback" not in result.stderr
    assert b"Exception ignored" not in result.stderr


def test_names_that_the_terminal_cannot_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding="ascii"))

    def run(self: CompileCommand, arguments: argparse.Namespace, console: Console) -> int:
        console.print("schön \ud800")
        return 0

    monkeypatch.setattr(CompileCommand, "run", run)
    assert main(["compile", "x"]) == 0
    assert buffer.getvalue() == b"sch\\xf6n \\ud800\n"
