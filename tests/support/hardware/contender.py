# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A process that wants any of several boards: contender.py PROJECT LOG COUNT ROUNDS PORT...

It begins when COUNT processes are ready, and notes in LOG when it begins and ends to use a board:
lines that are appended whole. It keeps its first board until enough others have been refused.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np

from microtvm.errors import BoardInUseError
from microtvm.project.project import GeneratedProject

_END_S = 300


class Log:
    """The file that all contenders write to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(self, *words: object) -> None:
        """Appends a line, whole."""
        os.write(self._descriptor, f"{' '.join(map(str, words))} {os.getpid()}\n".encode())

    def wait(self, word: str, count: int) -> None:
        """Until lines that begin with the word are there from as many processes."""
        end = time.monotonic() + _END_S
        while len(self._processes(word)) < count:
            assert time.monotonic() < end, f"never {count} processes {word}"
            time.sleep(0.05)

    def _processes(self, word: str) -> set[str]:
        lines = self._path.read_text().splitlines()
        return {line.split()[-1] for line in lines if line.startswith(word)}


def main(project: str, log: str, count: str, rounds: str, *ports: str) -> None:
    notes = Log(Path(log))
    notes.note("ready")
    notes.wait("ready", int(count))
    end = time.monotonic() + _END_S
    for turn in range(int(rounds)):
        rivals = int(count) - len(ports) if turn == 0 else 0
        while not _use_any(Path(project), notes, ports, rivals):
            assert time.monotonic() < end, "no board became free"
            time.sleep(0.05)


def _use_any(project: Path, notes: Log, ports: tuple[str, ...], rivals: int) -> bool:
    """Runs the model once on the first board that is free; False where none is."""
    for port in ports:
        try:
            with GeneratedProject(project).open_session(options={"port": port}) as session:
                notes.note("begin", port)
                value = os.getpid() % 100
                session.set_input(0, np.full((1, 8, 8, 1), value, np.int8))
                session.run()
                output = session.get_output(0).tobytes().hex()
                notes.wait("refused", rivals)
                notes.note("end", port, value, output)
            return True
        except BoardInUseError:
            notes.note("refused", port)
    return False


if __name__ == "__main__":
    main(*sys.argv[1:])
