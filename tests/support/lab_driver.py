# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Imported by labgrid: a board of lab_board.py, and the driver that loads images into it."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import attr
from labgrid import target_factory
from labgrid.driver import Driver
from labgrid.protocol import BootstrapProtocol
from labgrid.resource.common import NetworkResource
from labgrid.step import step

_TIMEOUT_S = 20.0


@target_factory.reg_resource
@attr.s(eq=False)
class QemuBoard(NetworkResource):
    """Where the board takes images."""

    port = attr.ib(validator=attr.validators.instance_of(int))


@target_factory.reg_driver
@attr.s(eq=False)
class QemuBoardDriver(Driver, BootstrapProtocol):
    """Sends the board an image, with the name of the user who does."""

    bindings = {"board": {QemuBoard}}  # noqa: RUF012

    @Driver.check_active
    @step(args=["filename"])
    def load(self, filename: str) -> None:
        image = Path(filename).read_bytes()
        head = {"owner": os.environ.get("LG_USERNAME", ""), "size": len(image)}
        address = (self.board.host, self.board.port)
        with socket.create_connection(address, _TIMEOUT_S) as connection:
            connection.sendall(json.dumps(head).encode() + b"\n" + image)
            reply = connection.recv(100)
        if reply != b"ok\n":
            raise RuntimeError(f"the board did not take the image: {reply!r}")
