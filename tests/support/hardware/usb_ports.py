# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Ports with USB data, as pyserial lists them in processes that a test starts."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

# Python runs it at its start, where it is found on PYTHONPATH.
_SITE = """\
import json, os
from types import SimpleNamespace
from serial.tools import list_ports
def comports():
    named = json.loads(os.environ["TEST_USB_PORTS"])
    return [
        SimpleNamespace(device=device, vid=1, pid=2, serial_number=number, description="probe")
        for number, device in named.items()
    ]
list_ports.comports = comports
"""


def list_usb_ports(ports: Mapping[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the ports be listed by their serial numbers, in place of those of this machine."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_SITE)
    paths = [str(folder), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in paths if path))
    monkeypatch.setenv("TEST_USB_PORTS", json.dumps(dict(ports)))
