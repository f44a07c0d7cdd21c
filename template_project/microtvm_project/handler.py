# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The eight methods of the Project API, each a few calls to the modules that do the work."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microtvm_project import ports, protocol, qemu, zephyr
from microtvm_project.board_lock import BoardLocks, lock_folder
from microtvm_project.board_reset import reset_board
from microtvm_project.boards import list_boards
from microtvm_project.builder import Project, build_project, flash_project, load_project
from microtvm_project.errors import ProjectError, TransportClosedError, TransportError
from microtvm_project.generate import generate_project, plan_project
from microtvm_project.held_place import HeldPlace
from microtvm_project.image import check_image
from microtvm_project.lab import chosen_place, find_lab
from microtvm_project.layout import MODEL_ARCHIVE, Layout
from microtvm_project.options import (
    BUILD,
    FLASH,
    GENERATE,
    OPEN,
    RESET_PROBE,
    OptionValues,
    convert_options,
    option_rows,
)
from microtvm_project.place_transport import PlaceTransport
from microtvm_project.reconnect import ReconnectingTransport
from microtvm_project.toolchain import find_program
from microtvm_project.transports import SerialTransport, Transport

if TYPE_CHECKING:
    from collections.abc import Callable

# What one read returns at most, however much is asked for.
_MAX_READ_BYTES = 1 << 16


class Handler:
    """Serves one client. Parameters have the types that the protocol gives them.

    Args:
        layout: where the server runs.
        check: called while a call waits; raises when the client has gone.
    """

    def __init__(self, layout: Layout, check: Callable[[], None]) -> None:
        self._layout = layout
        self._check = check
        self._rows = option_rows(list_boards(layout.boards))
        self._transport: Transport | None = None
        self._locks = BoardLocks(lock_folder(os.environ), check)
        self._place = HeldPlace(check)

    def server_info_query(self, tvm_version: str) -> dict[str, Any]:
        """What the server is; every version of TVM will do."""
        template = self._layout.is_template
        model = "" if template else str(self._layout.server / MODEL_ARCHIVE)
        return {
            "platform_name": "microtvm" if template else self._project().info.platform,
            "is_template": template,
            "model_library_format_path": model,
            "project_options": [row.to_json() for row in self._rows],
            "protocol_version": protocol.PROTOCOL_VERSION,
        }

    def generate_project(
        self,
        model_library_format_path: str,
        standalone_crt_dir: str,
        project_dir: str,
        options: dict[str, Any],
    ) -> None:
        """Creates a project. Older clients name TVM's C runtime, which is not needed."""
        if not self._layout.is_template:
            raise ProjectError(f"{self._layout.server} is a project, not a template")
        values = convert_options(self._rows, GENERATE, options)
        project = Path(project_dir).absolute()
        base = zephyr.find_zephyr_base(values.text("zephyr_base"), os.environ, project.parent)
        archive = Path(model_library_format_path)
        plan = plan_project(self._layout, archive, values, base)
        generate_project(plan, project)

    def build(self, options: dict[str, Any]) -> None:
        """Builds the project."""
        build_project(self._project(), convert_options(self._rows, BUILD, options))

    def flash(self, options: dict[str, Any]) -> None:
        """Brings the built image to the board, which is then kept until its transport ends."""
        project, values = self._project(), convert_options(self._rows, FLASH, options)
        attached = not project.board.qemu and not values.text("place")
        if attached and not values.flag("dry_run"):
            self._keep_board(project, values, "")
        flash_project(project, values, self._place)

    def open_transport(self, options: dict[str, Any]) -> dict[str, Any]:
        """Opens the byte stream to the device; one that is open is closed first."""
        self._close_transport()
        try:
            transport = self._make_transport(convert_options(self._rows, OPEN, options))
            transport.open()
        except BaseException:
            self._release_board()
            raise
        self._transport = transport
        return {"timeouts": dataclasses.asdict(transport.timeouts)}

    def close_transport(self) -> None:
        """Closes the byte stream, if it is open, and gives the board back."""
        self._close_transport()
        self._release_board()

    def _release_board(self) -> None:
        self._locks.release()
        self._place.release()

    def _close_transport(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    def read_transport(self, n: int, timeout_sec: float | None) -> dict[str, str]:
        """What came from the device, 1 to `n` bytes."""
        data = self._opened().read(min(n, _MAX_READ_BYTES), timeout_sec)
        return {"data": protocol.encode_bytes(data)}

    def write_transport(self, data: str, timeout_sec: float | None) -> None:
        """Sends all of the data to the device."""
        try:
            decoded = protocol.decode_bytes(data)
        except ValueError as error:
            text = f"write_transport: data is not base 85: {error}"
            raise protocol.RpcError(protocol.ErrorCode.INVALID_PARAMS, text) from error
        self._opened().write(decoded, timeout_sec)

    def _project(self) -> Project:
        if self._layout.is_template:
            raise ProjectError(
                f"{self._layout.server} is a template, not a project",
                hint="create a project from it, and use the server of that project",
            )
        return load_project(self._layout)

    def _make_transport(self, options: OptionValues) -> Transport:
        project = self._project()
        baudrate = options.integer("baudrate") or project.board.baudrate
        by_probe = options.text("reset") == RESET_PROBE
        place = chosen_place(options)
        if place is not None:
            if by_probe:
                raise TransportError(
                    "A place's board is not reset by its probe",
                    hint="use labgrid-client power cycle",
                )
            lab = find_lab(options)
            return PlaceTransport(self._place, lab, place, baudrate, self._check)
        if project.board.qemu and not options.text("port"):
            if by_probe:
                raise TransportError("QEMU has no probe, and starts anew with each session")
            image = project.info.image(project.folder)
            check_image(image, project.board)
            program = find_program(qemu.PROGRAM, TransportError)
            settings = qemu.QemuOptions(
                icount=options.flag("qemu_icount"),
                gdbserver_port=options.integer("gdbserver_port"),
            )
            return qemu.QemuTransport(program, project.board, image, settings, self._check)
        finder = ports.PortFinder(
            project.board, options.text("port"), options.text("serial_number")
        )
        self._keep_board(project, options, finder.find())
        if by_probe:
            reset_board(project, options, finder.serial_number, self._check)
        return ReconnectingTransport(
            lambda: SerialTransport(finder.find(), baudrate, self._check), self._check
        )

    def _keep_board(self, project: Project, options: OptionValues, port: str) -> None:
        """Locks the board, for other processes too; `port` is "" where only its probe is used."""
        board, known = project.board, ports.known_ports()
        number = options.text("serial_number") or ""
        if not (port or number):
            with contextlib.suppress(TransportError):
                port = ports.choose_port(known, board, None)
        # A probe that has no port and was not chosen by number: one of its kind at a time.
        names = ports.identities(known, port, number) or (f"any {board.name}",)
        self._locks.take(board.name, names, float(options.integer("board_timeout") or 0))

    def _opened(self) -> Transport:
        if self._transport is None:
            raise TransportClosedError("No transport is open", expected="open_transport first")
        return self._transport
