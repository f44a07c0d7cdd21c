# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Commands on several boards: which they are, what is printed, and what it ends with."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from support.hardware.attached import attached_board

from microtvm.cli.command import UsageError
from microtvm.cli.console import Console
from microtvm.cli.main import main
from microtvm.cli.several_boards import BoardsError, board_targets, run_all
from microtvm.errors import OptionError, TransportError

A, B = Path("a"), Path("some/b")


@pytest.mark.parametrize(
    ("folders", "options", "expected"),
    [
        ([A], {}, [("", A, {})]),
        ([A], {"serial_number": "1"}, [("", A, {"serial_number": "1"})]),
        (
            [A],
            {"serial_number": "1,2", "verbose": "true"},
            [
                ("1", A, {"serial_number": "1", "verbose": "true"}),
                ("2", A, {"serial_number": "2", "verbose": "true"}),
            ],
        ),
        (
            [A, B],
            {"port": "x,y"},
            [("a x", A, {"port": "x"}), ("b y", B, {"port": "y"})],
        ),
        ([A, B], {"baudrate": "1"}, [("a", A, {"baudrate": "1"}), ("b", B, {"baudrate": "1"})]),
        ([B, Path("b")], {}, [("b 1", B, {}), ("b 2", Path("b"), {})]),
        ([A], {"compile_definitions": "x,y"}, [("", A, {"compile_definitions": "x,y"})]),
    ],
)
def test_which_boards(
    folders: list[Path], options: dict[str, str], expected: list[tuple[str, Path, dict[str, str]]]
) -> None:
    targets = board_targets(folders, options)
    assert [(target.label, target.folder, target.options) for target in targets] == expected


@pytest.mark.parametrize(
    ("folders", "options", "complaint"),
    [
        ([A], {"port": "x,y", "serial_number": "1,2,3"}, "serial_number (3) and port (2)"),
        ([A, B], {"port": "x,y,z"}, "port (3) and the projects (2)"),
        ([A], {"port": "x,"}, "names nothing"),
        ([A], {"place": "x,y,x"}, "names 'x' twice"),
    ],
)
def test_lists_that_do_not_fit(
    folders: list[Path], options: dict[str, str], complaint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        board_targets(folders, options)
    assert complaint in caught.value.found


def test_each_board_has_its_own_file() -> None:
    targets = board_targets([A], {"port": "/dev/x,_dev_x,/dev/y"})
    paths = [target.own_path(Path("to/out.npz")) for target in targets]
    assert paths == [
        Path("to/out-dev_x_1.npz"),
        Path("to/out-dev_x_2.npz"),
        Path("to/out-dev_y.npz"),
    ]
    (alone,) = board_targets([A], {"port": "/dev/x"})
    assert alone.own_path(Path("out.npz")) == Path("out.npz")


def test_all_run_at_once_and_each_is_printed_whole() -> None:
    barrier = threading.Barrier(3, timeout=60)

    def work(console: Console, name: str) -> None:
        console.print(f"{name} begins")
        barrier.wait()
        console.note(f"half\n{name}")
        console.print(f"{name} ends")

    output, errors = io.StringIO(), io.StringIO()
    works = {name: partial(work, name=name) for name in ("z", "y", "x")}
    run_all(works, Console(output, errors))
    assert output.getvalue() == "".join(
        f"board {name}\n{name} begins\n{name} ends\n\n" for name in ("z", "y", "x")
    )
    lines = errors.getvalue().splitlines()
    assert sorted(lines) == sorted(f"{n}: {text}" for n in "xyz" for text in ("half", n))


def test_one_error_a_board_and_the_worst_exit_code() -> None:
    def fail(console: Console, error: Exception) -> None:
        raise error

    done: list[str] = []
    works: dict[str, Callable[[Console], None]] = {
        "x": partial(fail, error=TransportError("gone", hint="look\nat it")),
        "y": lambda console: done.append("y"),
        "z": partial(fail, error=OptionError("wrong")),
        "w": partial(fail, error=FileNotFoundError(2, "No such file", "out")),
    }
    with pytest.raises(BoardsError) as caught:
        run_all(works, Console(io.StringIO(), io.StringIO()))
    assert str(caught.value).splitlines() == [
        "3 of 4 boards failed",
        "  x: gone",
        "    try: look",
        "  at it",
        "  z: wrong",
        "  w: [Errno 2] No such file: 'out'",
    ]
    assert caught.value.exit_code == 4
    assert done == ["y"]


def test_what_is_no_error_of_a_board_is_not_hidden() -> None:
    def fail(console: Console) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_all({"x": fail, "y": lambda console: None}, Console(io.StringIO(), io.StringIO()))


@pytest.fixture
def ports(digits_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Two boards with the project's firmware, as a list for the option."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    image = digits_project / "build" / "microtvm.elf"
    with ExitStack() as stack:
        boards = [stack.enter_context(attached_board("mps2_an386", image)) for _ in range(2)]
        yield ",".join(boards)


@pytest.mark.arm
def test_two_boards_behind_ports(
    ports: str,
    digits_project: Path,
    digits_model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["run", str(digits_project), "--validate", str(digits_model), "--print-top", "1"]
    out = tmp_path / "out.npz"
    assert main([*words, "-o", str(out), "--project-option", f"port={ports}"]) == 0
    captured = capsys.readouterr()
    first, second = captured.out.split("board ")[1:]
    names = ports.split(",")
    assert (first.splitlines()[0], second.splitlines()[0]) == tuple(names)
    assert first.splitlines()[1:] == second.splitlines()[1:]
    assert "7 of 7 layer outputs equal the reference's" in first
    # LiteRT is asked once for the same inputs.
    assert captured.err.count("with LiteRT's reference kernels") == 1
    assert sum(f"{names[0]}: connect to" in line for line in captured.err.splitlines()) == 1
    written = sorted(tmp_path.glob("out*.npz"))
    assert len(written) == 2
    outputs = [np.load(path)["probabilities"] for path in written]
    np.testing.assert_array_equal(*outputs)


@pytest.mark.arm
def test_a_board_that_is_not_there_does_not_keep_the_other(
    ports: str, digits_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there, missing = ports.split(",")[0], tmp_path / "missing"
    options = ["--project-option", f"port={missing},{there}"]
    assert main(["run", str(digits_project), "--print-time", *options]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith(f"board {there}\nmean (ms)")
    assert f"tvmc: error: 1 of 2 boards failed\n  {missing}: Cannot open port" in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.arm
def test_several_boards_are_flashed(
    digits_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On QEMU nothing is, but each board is taken on by itself."""
    options = ["--project-option", "serial_number=1,2", "verbose=true"]
    assert main(["micro", "flash", str(digits_project), *options]) == 0
    errors = capsys.readouterr().err
    for label in "12":
        assert f"{label}: QEMU loads the image of mps2_an386 by itself" in errors
        assert f"{label}: flash {digits_project}: " in errors
