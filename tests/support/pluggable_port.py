# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A pseudo-terminal that can be pulled out and plugged in again, as a board's USB port is."""

from __future__ import annotations

import os
import tty
from pathlib import Path


class PluggablePort:
    """A port with a name in a folder.

    Attributes:
        device: the device's end, an open file; -1 while it is out.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._link: Path | None = None
        self.device = -1

    def plug_in(self, name: str) -> Path:
        """The port is there, under that name."""
        self.device, host = os.openpty()
        tty.setraw(host)
        self._link = self._folder / name
        self._link.symlink_to(os.ttyname(host))
        self._host = host
        return self._link

    def pull_out(self) -> None:
        """The port is gone, and its name with it; any number of times."""
        if self._link is not None:
            self._link.unlink()
            os.close(self.device)
            os.close(self._host)
        self._link, self.device = None, -1
