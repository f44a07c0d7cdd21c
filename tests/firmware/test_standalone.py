# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The program without a host, built for this machine."""

from __future__ import annotations

import subprocess
import zlib
from pathlib import Path

import numpy as np
from support.firmware_models import BIG_COUNT, Array, big_outputs, pattern_bytes, stub_output


def output_line(name: str, values: Array, shown: list[str]) -> str:
    crc = zlib.crc32(values.tobytes())
    return f"output {name} crc32 0x{crc:08x} first {' '.join(shown)}"


def expected_outputs() -> list[str]:
    """What numpy makes of the same pattern."""
    values, state = pattern_bytes(4 * BIG_COUNT)
    kept, _ = pattern_bytes(4, state)
    halves = big_outputs(np.frombuffer(values, "<i4").reshape(1, -1), np.frombuffer(kept, "<i4"))
    stub = stub_output(np.frombuffer(pattern_bytes(8)[0], np.int8).reshape(1, 8))
    return [
        output_line("halves", halves, [f"0x{bits:08x}" for bits in halves.view("<u4")[0, :10]]),
        output_line("seven", np.array([7], np.uint8), ["7"]),
        output_line("output", stub, [str(value) for value in stub[0]]),
    ]


def test_prints_outputs_ticks_and_stack(host_firmware: Path) -> None:
    result = subprocess.run(
        [host_firmware / "standalone"], capture_output=True, timeout=60, check=False
    )
    assert (result.returncode, result.stderr) == (0, b"")
    lines = result.stdout[4:].decode("ascii").splitlines()
    assert lines[0] == "board host cpu host tick_hz 20"
    assert [line for line in lines if line.startswith("output")] == expected_outputs()
    assert lines[1:5] == [
        "model big checksum 0x42494721",
        expected_outputs()[0],
        "layer 1 ticks 1",
        "layer 2 ticks 1",
    ]
    assert lines[-2:] == ["stack used 1234 of 65536", "done"]
