#!/usr/bin/env python3
# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The Project API server of this folder: started by a client, with two pipes to talk through.

Everything it imports is beside it, in microtvm_project, and in Python itself
(and pyserial, once a transport is opened).
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from microtvm_project.errors import MicroTVMError
from microtvm_project.handler import Handler
from microtvm_project.layout import find_layout
from microtvm_project.serve import ClientWatch, serve


def main() -> int:
    """Serves one client; the exit code says whether it could be served at all."""
    arguments = _parse_arguments()
    level = logging.DEBUG if arguments.debug else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=level, format="%(message)s")
    try:
        layout = find_layout(Path(__file__).resolve().parent)
        read_fd, write_fd = arguments.read_fd, arguments.write_fd
        with os.fdopen(read_fd, "rb") as requests, os.fdopen(write_fd, "wb") as replies:
            serve(requests, replies, Handler(layout, ClientWatch(requests)))
    except (MicroTVMError, OSError) as error:
        logging.getLogger(__name__).error("%s", error)
        return 1
    return 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--read-fd", type=int, required=True, help="file to read requests from")
    parser.add_argument("--write-fd", type=int, required=True, help="file to write replies to")
    parser.add_argument("--debug", action="store_true", help="log what programs print, and more")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
