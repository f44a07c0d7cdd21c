# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Project API servers of a few lines, which behave as a test wants."""

from __future__ import annotations

from pathlib import Path

_PROLOGUE = """\
import json, os, sys, time
names = dict(zip(sys.argv[1::2], sys.argv[2::2]))
requests = os.fdopen(int(names["--read-fd"]), "rb")
replies = os.fdopen(int(names["--write-fd"]), "wb", buffering=0)
def answer(line, **reply):
    identity = json.loads(line)["id"]
    replies.write(json.dumps({"jsonrpc": "2.0", "id": identity, **reply}).encode() + b"\\n")
"""


def write_server(folder: Path, text: str) -> Path:
    """Writes a server script that has `requests`, `replies` and `answer`; returns its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "microtvm_api_server.py").write_text(_PROLOGUE + text)
    return folder
