# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The program without a host, built for this machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.firmware_models import standalone_outputs


def test_prints_outputs_ticks_and_stack(host_firmware: Path) -> None:
    result = subprocess.run(
        [host_firmware / "standalone"], capture_output=True, timeout=60, check=False
    )
    assert (result.returncode, result.stderr) == (0, b"")
    lines = result.stdout[4:].decode("ascii").splitlines()
    assert lines[0] == "board host cpu host tick_hz 20"
    assert [line for line in lines if line.startswith("output")] == standalone_outputs()
    assert lines[1:5] == [
        "model big checksum 0x42494721",
        standalone_outputs()[0],
        "layer 1 ticks 1",
        "layer 2 ticks 1",
    ]
    assert lines[-2:] == ["stack used 1234 of 65536", "done"]
