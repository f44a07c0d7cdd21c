# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A bench of boards with probes: QEMU behind ports, and a `west flash` that changes its firmware.

Only the probe is played. Its flashing is a file that says which image a board is to start with,
and another that says that it has.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from microtvm.project.project import GeneratedProject
from support.hardware.attached import AttachedBoard
from support.hardware.usb_ports import list_usb_ports
from support.zephyr_trees import write_zephyr_tree

_POLL_S = 0.02
_FLASH_S = 60
# Copies the image, as a probe copies it into the flash, and waits until the board has started.
_WEST = """\
#!{python}
import pathlib, shutil, sys, time
words = sys.argv[1:]
assert words[0] == "flash" and words[-2] == "--cmd-pre-init", words
probe = pathlib.Path({folder!r}) / words[-1].removeprefix("adapter serial ")
with open({log!r}, "a") as log:
    log.write(f"begin {{probe.name}}\\n")
shutil.copy(words[words.index("--build-dir") + 1] + "/microtvm.elf", probe / "new.elf")
(probe / "new.elf").rename(probe / "flash.elf")
end = time.monotonic() + {end}
while (probe / "flash.elf").exists():
    assert time.monotonic() < end, "the board did not start"
    time.sleep({poll})
with open({log!r}, "a") as log:
    log.write(f"end {{probe.name}}\\n")
"""


class Bench:
    """Boards of one kind that are told apart by the serial numbers of their probes."""

    def __init__(self, board: str, numbers: Sequence[str], folder: Path) -> None:
        self.log = folder / "flashed"
        self._board = board
        self._folder = folder
        self._boards = {number: AttachedBoard(board) for number in numbers}
        self._ended = threading.Event()
        for number in numbers:
            (folder / number).mkdir(parents=True)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Ends all boards."""
        self._ended.set()
        self._thread.join()
        for board in self._boards.values():
            board.detach()

    def attach(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
        """Lets servers find the ports and the programs; the options of `flash` for them."""
        ports = {number: board.port for number, board in self._boards.items()}
        list_usb_ports(ports, self._folder / "site", monkeypatch)
        programs = self._folder / "programs"
        programs.mkdir()
        west = _WEST.format(
            python=sys.executable,
            folder=str(self._folder),
            log=str(self.log),
            poll=_POLL_S,
            end=_FLASH_S,
        )
        for name, text in (("west", west), ("openocd", "#!/bin/sh\n")):
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        workspace = self._folder / "workspace"
        tree = write_zephyr_tree(workspace / "zephyr")
        (workspace / ".west").mkdir()
        (workspace / ".west" / "config").write_text("[zephyr]\nbase = zephyr\n")
        return {"zephyr_base": str(tree), "west_cmd": str(programs / "west")}

    def adopt(self, project: GeneratedProject, folder: Path) -> GeneratedProject:
        """A copy of a built project whose board QEMU does not play: it must be flashed."""
        shutil.copytree(project.folder, folder)
        data = folder / "boards" / self._board / "board.toml"
        flash = '[flash]\nrunners = ["openocd"]\n\n'
        data.write_text(re.sub(r"\[qemu\]\n(.+\n)+\n", flash, data.read_text()))
        return GeneratedProject(folder)

    def _serve(self) -> None:
        """Starts what was flashed."""
        while not self._ended.is_set():
            for number, board in self._boards.items():
                flashed = self._folder / number / "flash.elf"
                if flashed.exists():
                    image = flashed.with_name("image.elf")
                    shutil.copy(flashed, image)
                    board.start(image)
                    flashed.unlink()
            time.sleep(_POLL_S)
