# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A process that wants any of several boards: contender.py PROJECT LOG COUNT ROUNDS PORT...

It begins when COUNT processes are ready, and notes in LOG when it begins and ends to use a board:
lines that are appended whole.
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


def main(project: str, log: str, count: str, rounds: str, *ports: str) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    end = time.monotonic() + _END_S
    os.write(descriptor, b"ready\n")
    while Path(log).read_text().count("ready") < int(count):
        assert time.monotonic() < end, "the others never came"
        time.sleep(0.05)
    for turn in range(int(rounds)):
        while not _use_any(Path(project), descriptor, ports, turn):
            assert time.monotonic() < end, "no board became free"
            time.sleep(0.05)


def _use_any(project: Path, log: int, ports: tuple[str, ...], turn: int) -> bool:
    """Runs the model once on the first board that is free; False where none is."""
    for port in ports:
        try:
            with GeneratedProject(project).open_session(options={"port": port}) as session:
                os.write(log, f"begin {port} {os.getpid()}\n".encode())
                image = np.full((1, 8, 8, 1), os.getpid() % 100 + turn, np.int8)
                session.set_input(0, image)
                session.run()
                output = session.get_output(0).tobytes().hex()
                os.write(log, f"end {port} {os.getpid()} {image[0, 0, 0, 0]} {output}\n".encode())
            return True
        except BoardInUseError:
            os.write(log, f"refused {port} {os.getpid()}\n".encode())
    return False


if __name__ == "__main__":
    main(*sys.argv[1:])
