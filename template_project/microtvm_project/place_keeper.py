# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A program that holds a place for as long as its standard input is open, whatever ends us.

It acquires the place, prints one line of JSON that tells how that went, waits
for the end of its input, and releases the place. A server that is killed, in
the middle of the acquisition too, thus leaves no place behind.

Arguments: the path of labgrid-client, the coordinator's address, the place, and
HOST/USER as which labgrid-client acquires.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
import sys
from typing import TYPE_CHECKING

from microtvm_project.lab import Lab
from microtvm_project.process import run_within

if TYPE_CHECKING:
    from collections.abc import Sequence

# The coordinator gives each exporter 10 s to hand a resource over.
ACQUIRE_TIMEOUT_S = 30.0
RELEASE_TIMEOUT_S = 30.0

_ACQUIRED = re.compile(r"^acquired place (.+)$", re.MULTILINE)


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 where the place was acquired and released."""
    program, address, place, owner = arguments
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    lab = Lab(program, address)
    outcome = run_within(lab.command(place, "acquire"), ACQUIRE_TIMEOUT_S)
    acquired = _ACQUIRED.search(outcome.text) if outcome.code == 0 else None
    name = acquired[1] if acquired else None
    report = {"place": name, "code": outcome.code, "text": outcome.text}
    with contextlib.suppress(OSError):
        print(json.dumps(report), flush=True)
    if name is None:
        return 1
    sys.stdin.buffer.read()
    # Never another's hold of the place: somebody may have freed it and taken it meanwhile.
    released = run_within(lab.command(name, "release-from", owner), RELEASE_TIMEOUT_S)
    return 0 if released.code == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
