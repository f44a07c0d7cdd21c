# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""QEMU's command line, and a device behind a pseudo-terminal that lives, ends, crashes and dies."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from microtvm_project.boards import Board, Qemu, find_board
from microtvm_project.errors import BoardError, TransportClosedError, TransportError
from microtvm_project.qemu import PROGRAM, QemuOptions, QemuTransport, qemu_arguments
from microtvm_project.toolchain import find_program
from support.archives import ROOT
from support.emulator import ECHO, write_emulator
from support.projects import build_stub

AN386 = find_board(ROOT / "boards", "mps2_an386")
AN500 = find_board(ROOT / "boards", "mps2_an500")


def emulator(tmp_path: Path, text: str = ECHO) -> QemuTransport:
    program = write_emulator(tmp_path / "emulator", text)
    return QemuTransport(str(program), AN386, tmp_path / "x.elf", QemuOptions())


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def ask_for_process(transport: QemuTransport) -> int:
    transport.write(b"pid?", 20.0)
    said = b""
    while not said.endswith(b" "):
        said += transport.read(20, 20.0)
    return int(said[len(b"pid?") :])


def read_to_the_end(transport: QemuTransport, size: int) -> tuple[bytes, str]:
    """All that comes, and how the end was told."""
    received = b""
    while True:
        try:
            received += transport.read(size, 30.0)
        except TransportClosedError as error:
            return received, error.found


def test_the_command_line() -> None:
    image = Path("/a b/microtvm.elf")
    assert qemu_arguments("qemu", AN386, image, QemuOptions(), 7) == (
        *("qemu", "-machine", "mps2-an386", "-nodefaults", "-display", "none"),
        *("-add-fd", "fd=7,set=1", "-chardev", "serial,id=console,path=/dev/fdset/1"),
        *("-serial", "chardev:console", "-kernel", "/a b/microtvm.elf"),
        *("-semihosting-config", "enable=on,target=gdb", "-icount", "shift=0"),
    )


def test_the_command_line_with_every_option() -> None:
    options = QemuOptions(icount=False, gdbserver_port=1234)
    arguments = qemu_arguments("qemu", AN500, Path("x"), options, 7)
    assert arguments[1:3] == ("-machine", "mps2-an500")
    assert arguments[-3:] == ("-gdb", "tcp:127.0.0.1:1234", "-S")
    assert "-icount" not in arguments


def test_a_console_that_is_not_the_first_uart() -> None:
    board = replace(AN386, qemu=Qemu("mps2-an386", 2))
    arguments = qemu_arguments("qemu", board, Path("x"), QemuOptions(), 7)
    uarts = [arguments[i + 1] for i, word in enumerate(arguments) if word == "-serial"]
    assert uarts == ["null", "null", "chardev:console"]


def test_a_board_that_qemu_does_not_play() -> None:
    board = find_board(ROOT / "boards", "nucleo_l4r5zi")
    with pytest.raises(BoardError, match="QEMU does not play"):
        qemu_arguments("qemu", board, Path("x"), QemuOptions(), 7)


def test_bytes_go_both_ways_and_none_is_changed(tmp_path: Path) -> None:
    transport = emulator(tmp_path)
    transport.open()
    data = bytes(range(256)) * 32
    transport.write(data, 20.0)
    received = b""
    while len(received) < len(data):
        received += transport.read(1 << 16, 20.0)
    transport.close()
    assert received == data


def test_last_words_are_read_before_the_end_is_told(tmp_path: Path) -> None:
    transport = emulator(tmp_path)
    transport.open()
    transport.write(b"bye, exit", 20.0)
    received, error = read_to_the_end(transport, 4)
    assert received == b"bye, exit"
    assert error == "QEMU ended with exit code 3; it said: qemu: fatal: x"
    transport.close()


def test_an_emulator_that_does_not_start(tmp_path: Path) -> None:
    transport = emulator(tmp_path, "#!/bin/sh\necho no such machine\nexit 1\n")
    transport.open()
    with pytest.raises(TransportClosedError, match="exit code 1; it said: no such machine"):
        transport.read(1, 20.0)
    transport.close()
    transport = emulator(tmp_path, "#!/nowhere/python\n")
    with pytest.raises(TransportError, match="Could not start"):
        transport.open()


def test_closing_ends_the_emulator_and_leaves_nothing(tmp_path: Path) -> None:
    before = set(Path("/proc/self/fd").iterdir())
    transport = emulator(tmp_path)
    transport.open()
    process = ask_for_process(transport)
    assert is_alive(process)
    transport.close()
    transport.close()
    assert not is_alive(process)
    assert set(Path("/proc/self/fd").iterdir()) == before
    with pytest.raises(TransportClosedError, match="not running"):
        transport.read(1, 0.0)
    transport.open()
    assert ask_for_process(transport) != process
    transport.close()


OWNER = """
import sys
from pathlib import Path
from microtvm_project.boards import find_board
from microtvm_project.qemu import QemuOptions, QemuTransport
board = find_board(Path(sys.argv[1]), "mps2_an386")
transport = QemuTransport(sys.argv[2], board, Path("x.elf"), QemuOptions())
transport.open()
print(transport._process.pid, flush=True)
sys.stdin.read()
"""


def test_the_emulator_ends_with_us(tmp_path: Path) -> None:
    emulator(tmp_path)
    arguments = [sys.executable, "-c", OWNER, str(ROOT / "boards"), str(tmp_path / "emulator")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        descriptor = os.pidfd_open(int(owner.stdout.readline()))
        owner.kill()
    try:
        assert select.select([descriptor], [], [], 20)[0], "the emulator lives on"
    finally:
        os.close(descriptor)


@pytest.mark.arm
@pytest.mark.parametrize("board", [AN386, AN500], ids=lambda board: board.name)
def test_a_program_on_the_real_emulator(tmp_path: Path, board: Board) -> None:
    project = build_stub(tmp_path / "project", board=board.name, project_type="standalone")
    image = project.info.image(project.folder)
    outcomes = [
        run_to_its_end(QemuTransport(find_program(PROGRAM), board, image, QemuOptions()))
        for _ in range(2)
    ]
    assert outcomes[0].startswith(f"board {board.name} ".encode())
    assert outcomes[0].endswith(b"\ndone\n")
    assert outcomes[0] == outcomes[1], "time is not the same twice"


def run_to_its_end(transport: QemuTransport) -> bytes:
    transport.open()
    said, error = read_to_the_end(transport, 1 << 16)
    assert error.startswith("QEMU ended with exit code 0")
    transport.close()
    return said


@pytest.mark.arm
def test_the_host_s_files_are_closed_to_programs(tmp_path: Path) -> None:
    source = Path(__file__).with_name("semihosting_open.c")
    target = tmp_path / "opened"
    image = tmp_path / "x.elf"
    subprocess.run(
        [
            *(find_program("arm-none-eabi-gcc"), "-mcpu=cortex-m4", "-mthumb", "-nostdlib", "-O1"),
            *("-Wl,-Ttext=0x100", "-Wl,--section-start=.vectors=0", "-Wl,-e,reset_handler"),
            *(f'-DTARGET="{target}"', str(source), "-o", str(image)),
        ],
        check=True,
    )
    run_to_its_end(QemuTransport(find_program(PROGRAM), AN386, image, QemuOptions()))
    assert not target.exists()
