# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A program in the place of a board in a lab: QEMU, its console on one TCP port, images on another.

It notes each connection to its console and each image in a file, a line of
JSON each, with the time and with who did it: the variable LG_USERNAME of the
process at the other end, which the kernel's tables tell.

Arguments: the board's name, raw or rfc2217, and the file. It prints the ports.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Any

import serial
import serial.rfc2217
from microtvm_project.boards import Board, find_board
from microtvm_project.process import end_with_parent
from microtvm_project.qemu import PROGRAM, QemuOptions, qemu_arguments
from microtvm_project.toolchain import find_program

_BOARDS = Path(__file__).resolve().parents[2] / "boards"


class Device:
    """QEMU with the last image that was loaded; before the first there is silence."""

    def __init__(self, board: Board, image: Path) -> None:
        self._board = board
        self._image = image
        self._resources = contextlib.ExitStack()
        self._terminal = -1
        self._pending = bytearray()
        self._process: subprocess.Popen[bytes] | None = None
        self._listeners: list[Callable[[bytes], None]] = []

    def listen(self, listener: Callable[[bytes], None]) -> None:
        self._listeners.append(listener)
        self._wake()

    def leave(self, listener: Callable[[bytes], None]) -> None:
        self._listeners.remove(listener)
        self._wake()

    def _wake(self) -> None:
        """Firmware that waits for bytes takes a whole core, so QEMU stands still meanwhile."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT if self._listeners else signal.SIGSTOP)

    def load(self, image: bytes) -> None:
        self._resources.close()
        self._image.write_bytes(image)
        with contextlib.ExitStack() as stack:
            theirs, self._terminal = os.openpty()
            stack.callback(self._close, theirs, self._terminal)
            tty.setraw(self._terminal)
            os.set_blocking(self._terminal, False)
            program = find_program(PROGRAM)
            process = subprocess.Popen(
                qemu_arguments(program, self._board, self._image, QemuOptions(), theirs),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs,),
                preexec_fn=end_with_parent(),
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            self._process = process
            self._wake()
            asyncio.get_running_loop().add_reader(self._terminal, self._read)
            self._resources = stack.pop_all()

    def write(self, data: bytes) -> None:
        if self._terminal < 0:
            return
        self._pending += data
        self._write()

    def _close(self, theirs: int, ours: int) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(ours)
        loop.remove_writer(ours)
        self._terminal = -1
        self._pending.clear()
        os.close(theirs)
        os.close(ours)

    def _read(self) -> None:
        data = os.read(self._terminal, 4096)
        for listener in tuple(self._listeners):
            listener(data)

    def _write(self) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(BlockingIOError):
            while self._pending:
                del self._pending[: os.write(self._terminal, self._pending[:1024])]
            loop.remove_writer(self._terminal)
            return
        loop.add_writer(self._terminal, self._write)


class Connection:
    """One that reads and writes the console; rfc2217 is telnet around the same bytes."""

    def __init__(self, writer: asyncio.StreamWriter, protocol: str) -> None:
        self._writer = writer
        self._telnet: Any = None
        if protocol == "rfc2217":
            settings = serial.serial_for_url("loop://")
            self._telnet = serial.rfc2217.PortManager(settings, self)

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    def from_device(self, data: bytes) -> None:
        self.write(b"".join(self._telnet.escape(data)) if self._telnet else data)

    def to_device(self, data: bytes) -> bytes:
        return b"".join(self._telnet.filter(data)) if self._telnet else data


class Server:
    """The two ports, and the file in which what happens at them is noted."""

    def __init__(self, device: Device, protocol: str, log: Path) -> None:
        self._device = device
        self._protocol = protocol
        self._log = log
        self._connections = 0

    async def console(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        number = self._connections
        owner = owner_of(writer.get_extra_info("peername")[1], writer.get_extra_info("sockname")[1])
        self._note("connect", owner, number)
        connection = Connection(writer, self._protocol)
        self._device.listen(connection.from_device)
        try:
            while data := await reader.read(4096):
                self._device.write(connection.to_device(data))
        except OSError:
            pass
        finally:
            self._device.leave(connection.from_device)
            self._note("disconnect", owner, number)
            writer.close()

    async def images(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = json.loads(await reader.readline())
        image = await reader.readexactly(head["size"])
        self._note("load", head["owner"], len(image))
        self._device.load(image)
        writer.write(b"ok\n")
        await writer.drain()
        writer.close()

    def _note(self, event: str, owner: str, number: int) -> None:
        line = {"time": time.monotonic(), "event": event, "owner": owner, "number": number}
        with self._log.open("a") as file:
            file.write(json.dumps(line) + "\n")


def owner_of(theirs: int, ours: int) -> str:
    """LG_USERNAME of the process that has the other end of a connection on this machine."""
    wanted = (f"0100007F:{theirs:04X}", f"0100007F:{ours:04X}")
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines())
    links = [f"socket:[{row[9]}]" for row in rows if (row[1], row[2]) == wanted]
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(str(file.readlink()) in links for file in (process / "fd").iterdir()):
                return _variable(process / "environ", "LG_USERNAME")
    return ""


def _variable(environment: Path, name: str) -> str:
    pairs = (pair.partition("=") for pair in environment.read_text().split("\0"))
    return next((value for key, _, value in pairs if key == name), "")


async def main(name: str, protocol: str, log: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(
            Device(find_board(_BOARDS, name), Path(folder) / "image.elf"), protocol, Path(log)
        )
        ports = []
        for serve in (server.console, server.images):
            listener = await asyncio.start_server(serve, "127.0.0.1", 0)
            ports.append(listener.sockets[0].getsockname()[1])
        print(json.dumps(ports), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
