# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A program in QEMU's place: it echoes what its console UART gets."""

from __future__ import annotations

import sys
from pathlib import Path

# The shell starts Python, as a path with a blank cannot stand behind "#!".
# It ends, as QEMU does when it crashes, at the word that ends it.
ECHO = f"""#!/bin/sh
'''exec' "{sys.executable}" "$0" "$@"
' '''
import os, re, sys
console = int(re.search(r"fd=([0-9]+)", sys.argv[sys.argv.index("-add-fd") + 1])[1])
while True:
    data = os.read(console, 4096)
    os.write(console, data)
    if data.endswith(b"exit"):
        sys.stderr.write("R00=00000000\\nqemu-system-arm: warning: w\\nqemu: fatal: x\\nR01=1\\n")
        sys.exit(3)
    if data.endswith(b"pid?"):
        os.write(console, b"%d " % os.getpid())
"""


def write_emulator(path: Path, text: str = ECHO) -> Path:
    """Writes the program and returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path
