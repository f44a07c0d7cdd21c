# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The firmware built for this machine with sanitizers, and transports to it that never wait."""

from __future__ import annotations

import contextlib
import struct
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from microtvm_project.transports import Transport

from microtvm.errors import TransportClosedError, TransportTimeoutError
from support.cmake_builds import ROOT, cmake_build
from support.damage import DROP, FLIP, REPEAT, Damage

# In the order in which the firmware holds them.
MODELS = ("big", "faulty", "stub")

# A model that wants a memory region which not every board has.
POOLED = "split"

# A model whose firmware stops at each start.
NEVER_STARTS = "never_starts"

_FOLDERS = {POOLED: "pooled_models", NEVER_STARTS: "stopped_models"}

_SOURCE = ROOT / "tests" / "firmware" / "host"
_LENGTH = struct.Struct("<I")


def model_folder(name: str) -> Path:
    if name == "stub":
        return ROOT / "zephyr_app" / "models" / "stub"
    return ROOT / "tests" / "firmware" / _FOLDERS.get(name, "models") / name


def write_models(folder: Path, names: Sequence[str] = MODELS) -> None:
    """A folder of models as a generated project has it."""
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(model_folder(name))


def build_host_firmware(
    folder: Path, names: Sequence[str] = MODELS, workspace: str = "shared"
) -> None:
    """Leaves the programs host_driven, standalone and codec in `folder`/build."""
    write_models(folder / "models", names)
    settings = [
        f"-DMICROTVM_MODELS_DIR={folder / 'models'}",
        f"-DMICROTVM_WORKSPACE={workspace}",
    ]
    cmake_build(_SOURCE, folder / "build", settings)


class HostServer:
    """A running host_driven program: bytes in, and all that came of them out."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def send(self, data: bytes) -> bytes:
        """Feeds bytes. A program that ended, as by a sanitizer, fails the test."""
        try:
            pipe = _pipe(self._process.stdin)
            pipe.write(_LENGTH.pack(len(data)) + data)
            pipe.flush()
            (size,) = _LENGTH.unpack(self._receive(_LENGTH.size))
            return self._receive(size)
        except (BrokenPipeError, EOFError) as error:
            message = _pipe(self._process.stderr).read().decode("utf-8", "replace")
            raise AssertionError(f"the firmware ended: {message}") from error

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            _pipe(self._process.stdin).close()
        self._process.wait(10)
        _pipe(self._process.stdout).close()
        _pipe(self._process.stderr).close()

    def _receive(self, size: int) -> bytes:
        data = _pipe(self._process.stdout).read(size)
        if len(data) < size:
            raise EOFError
        return data


@contextlib.contextmanager
def host_server(program: Path) -> Iterator[HostServer]:
    server = HostServer(program)
    try:
        yield server
    finally:
        server.close()


class HostTransport(Transport):
    """A device that answers at once or not at all: a read that finds nothing times out."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._server: HostServer | None = None
        self._arrived = b""

    def open(self) -> None:
        self._server = HostServer(self._program)

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def read(self, size: int, timeout_s: float | None) -> bytes:
        self._opened()
        if not self._arrived:
            raise TransportTimeoutError("nothing will come")
        data, self._arrived = self._arrived[:size], self._arrived[size:]
        return data

    def write(self, data: bytes, timeout_s: float | None) -> None:
        self._arrived += self._opened().send(data)

    def _opened(self) -> HostServer:
        if self._server is None:
            raise TransportClosedError("not open")
        return self._server


class FaultyTransport(Transport):
    """Drops, changes and repeats bytes in both directions.

    Args:
        rate: the part of the bytes to which something happens.
        seed: of the damage.
    """

    def __init__(self, inner: Transport, rate: float, seed: int) -> None:
        self._inner = inner
        self.damage = Damage(rate, seed, (DROP, FLIP, REPEAT))

    def open(self) -> None:
        self._inner.open()

    def close(self) -> None:
        self._inner.close()

    def read(self, size: int, timeout_s: float | None) -> bytes:
        while True:
            data = self._damaged(self._inner.read(max(1, size // 2), timeout_s))
            if data:
                return data

    def write(self, data: bytes, timeout_s: float | None) -> None:
        self._inner.write(self._damaged(data), timeout_s)

    def _damaged(self, data: bytes) -> bytes:
        return b"".join(piece.data for piece in self.damage.pieces(data))


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
