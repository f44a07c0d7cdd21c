# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Numbers that the host and the firmware each write down are the same."""

from __future__ import annotations

import re
import tomllib

from support.cmake_builds import ROOT

from microtvm.session import messages
from microtvm.session.messages import Kind, Status

APP = ROOT / "zephyr_app"


def constants(path: str, prefix: str) -> dict[str, int]:
    text = (APP / path).read_text(encoding="utf-8")
    found = re.findall(rf"\b{prefix}(\w+)\s*(?:=\s*|\s)(0x[0-9a-f]+|\d+)\b", text)
    return {name: int(number, 0) for name, number in found}


def test_statuses() -> None:
    assert constants("include/microtvm/status.h", "MICROTVM_STATUS_") == {
        status.name: status.value for status in Status
    }


def test_kinds() -> None:
    assert constants("include/microtvm/rpc_server.h", "MICROTVM_KIND_") == {
        "NONE": 0,
        "REPLY": messages.REPLY,
        "START": messages.START,
        "FAULT": messages.FAULT,
        **{kind.name: kind.value for kind in Kind},
    }


def test_protocol_version() -> None:
    found = constants("include/microtvm/rpc_server.h", "MICROTVM_PROTOCOL_")
    assert found == {"VERSION": messages.PROTOCOL_VERSION}


def test_faults_in_a_row() -> None:
    found = constants("include/microtvm/fault_record.h", "MICROTVM_MOST_")
    assert found == {"FAULTS": messages.MOST_FAULTS}


def test_kept_bytes() -> None:
    """The linker scripts cannot include a header."""
    (kept,) = constants("include/microtvm/platform.h", "MICROTVM_KEPT_").values()
    for path in ("baremetal/memory.ld", "zephyr/kept.ld"):
        text = (APP / path).read_text(encoding="utf-8")
        assert re.findall(r" - (\d+)", text) == [str(kept)]


def test_firmware_version() -> None:
    """The firmware is part of the package and has its version."""
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    text = (APP / "src" / "rpc_requests.c").read_text(encoding="utf-8")
    (version,) = re.findall(r'#define MICROTVM_FIRMWARE_VERSION "(.*)"', text)
    assert version == package["project"]["version"]
