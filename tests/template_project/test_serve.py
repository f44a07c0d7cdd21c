# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The protocol as older clients speak it: recorded lines, and lines that are no calls."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from microtvm_project import handler as handler_module
from microtvm_project import protocol
from microtvm_project.boards import list_boards
from microtvm_project.builder import Project
from microtvm_project.errors import TransportTimeoutError
from microtvm_project.handler import Handler
from microtvm_project.layout import find_layout
from microtvm_project.options import OptionValues, option_rows
from microtvm_project.serve import METHODS, serve
from microtvm_project.transports import Transport
from support.archives import ROOT, write_stub_archive

TEMPLATE = ROOT / "template_project"
RECORDED = Path(__file__).with_name("protocol_v1.txt")


class OneLine(Transport):
    """A device that says ten bytes and takes five."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self._said = False

    def open(self) -> None:
        self.calls.append("open")

    def close(self) -> None:
        self.calls.append("close")

    def read(self, size: int, timeout_s: float | None) -> bytes:
        self.calls.append((size, timeout_s))
        if self._said:
            raise TransportTimeoutError("Nothing came")
        self._said = True
        return b"d mps2_an3"

    def write(self, data: bytes, timeout_s: float | None) -> None:
        self.calls.append((data, timeout_s))


def exchange(folder: Path, *lines: bytes) -> list[bytes]:
    replies = io.BytesIO()
    serve(io.BytesIO(b"".join(lines)), replies, Handler(find_layout(folder), lambda: None))
    return replies.getvalue().splitlines(keepends=True)


def recorded() -> list[tuple[str, str, str]]:
    """(template or project, request, reply) in order."""
    blocks = RECORDED.read_text(encoding="utf-8").strip().split("\n\n")[1:]
    parts = [block.split("\n") for block in blocks]
    return [(where.strip("[]"), send[2:], reply[2:]) for where, send, reply in parts]


def comparable(line: bytes | str) -> Any:
    """The message; its traceback only as having one."""
    message = json.loads(line)
    data = message.get("error", {}).get("data", {})
    if "traceback" in data:
        assert data["traceback"] == "..." or "# <--- Outermost server-side" in data["traceback"]
        data["traceback"] = "..."
    return message


def test_a_recorded_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZEPHYR_BASE", raising=False)
    write_stub_archive(tmp_path / "stub.tar")
    device = OneLine()
    steps: list[tuple[str, str, dict[str, Any]]] = []

    def note(step: str) -> Any:
        def call(project: Project, options: OptionValues, *_: Any) -> None:
            steps.append((step, project.board.name, options.as_dict()))

        return call

    monkeypatch.setattr(handler_module, "build_project", note("build"))
    monkeypatch.setattr(handler_module, "flash_project", note("flash"))
    monkeypatch.setattr(Handler, "_make_transport", lambda *_: device)
    boards = ", ".join(list_boards(ROOT / "boards"))
    turns = [
        (where, *(text.replace("{FOLDER}", str(tmp_path)) for text in texts))
        for where, *texts in recorded()
    ]
    for where, folder in (("template", TEMPLATE), ("project", tmp_path / "project")):
        sent = [send.encode() + b"\n" for place, send, _ in turns if place == where]
        replies = exchange(folder, *sent)
        rows = option_rows(list_boards(find_layout(folder).boards))
        options = json.dumps([row.to_json() for row in rows])
        expected = [
            reply.replace("{BOARDS}", boards).replace("{OPTIONS}", options)
            for place, _, reply in turns
            if place == where
        ]
        assert [comparable(line) for line in replies] == [comparable(line) for line in expected]
    assert steps == [
        ("build", "mps2_an386", {"verbose": False}),
        ("flash", "mps2_an386", {"dry_run": False, "erase": False, "verbose": False}),
        ("build", "mps2_an386", {"verbose": False}),
    ]
    assert device.calls == [
        "open",
        (b"\xff\x00abc", 1.0),
        (10, 5.0),
        (16384, 0.5),
        "close",
    ]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_recorded_with_a_result_and_an_error(method: str) -> None:
    replies = [
        json.loads(reply.replace("{OPTIONS}", "[]"))
        for _, send, reply in recorded()
        if json.loads(send)["method"] == method
    ]
    assert {"result", "error"} <= {key for reply in replies for key in reply}


def query(folder: Path) -> Any:
    line = b'{"jsonrpc": "2.0", "method": "server_info_query", "params": {"tvm_version": "0.14.0"}'
    (reply,) = exchange(folder, line + b', "id": 1}\n')
    return json.loads(reply)


def test_what_a_template_says_of_itself() -> None:
    assert query(TEMPLATE) == {
        "jsonrpc": "2.0",
        "result": {
            "platform_name": "microtvm",
            "is_template": True,
            "model_library_format_path": "",
            "project_options": [row.to_json() for row in option_rows(list_boards(ROOT / "boards"))],
            "protocol_version": 1,
        },
        "id": 1,
    }


@pytest.mark.parametrize("line", [b"\n", b"hello\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n"])
def test_lines_that_are_no_json_end_the_server_without_a_reply(line: bytes) -> None:
    good = b'{"jsonrpc": "2.0", "method": "close_transport", "params": {}, "id": 1}\n'
    assert exchange(TEMPLATE, line, good) == []


@pytest.mark.parametrize(
    "message",
    [
        [],
        1,
        {},
        {"jsonrpc": "1.0", "method": "build", "params": {}, "id": 1},
        {"jsonrpc": "2.0", "method": "a b", "params": {}, "id": 1},
        {"jsonrpc": "2.0", "method": 5, "params": {}, "id": 1},
        {"jsonrpc": "2.0", "method": "build", "params": [], "id": 1},
        {"jsonrpc": "2.0", "method": "build", "id": 1},
        {"jsonrpc": "2.0", "method": "build", "params": {}, "id": [1]},
        {"jsonrpc": "2.0", "method": "build", "params": {}, "id": True},
    ],
)
def test_messages_that_are_no_calls_end_the_server_with_a_reply(message: Any) -> None:
    line = json.dumps(message).encode() + b"\n"
    (reply,) = exchange(TEMPLATE, line, line)
    told = json.loads(reply)
    assert (told["id"], told["error"]["code"]) == (None, -32600)


@pytest.mark.parametrize("identity", [7, "seven", None])
def test_ids_come_back(identity: Any) -> None:
    call = {"jsonrpc": "2.0", "method": "close_transport", "params": {}, "id": identity}
    (reply,) = exchange(TEMPLATE, json.dumps(call).encode() + b"\n")
    assert json.loads(reply) == {"jsonrpc": "2.0", "result": None, "id": identity}


@pytest.mark.parametrize(
    ("method", "params", "told"),
    [
        ("close_transport", {"x": 1}, "extra parameters: x"),
        ("server_info_query", {"tvm_version": 1}, "tvm_version must be a string"),
        ("build", {"options": []}, "options must be an object"),
        ("read_transport", {"n": True, "timeout_sec": None}, "n must be a positive number"),
        ("read_transport", {"n": 0, "timeout_sec": None}, "n must be a positive number"),
        ("read_transport", {"n": 1, "timeout_sec": "1"}, "timeout_sec must be seconds or null"),
        ("read_transport", {"n": 1, "timeout_sec": -1}, "timeout_sec must be seconds or null"),
        ("_project", {}, "no such method"),
    ],
)
def test_parameters_are_checked(method: str, params: Any, told: str) -> None:
    call = {"jsonrpc": "2.0", "method": method, "params": params, "id": 3}
    replies = exchange(TEMPLATE, *[json.dumps(call).encode() + b"\n"] * 2)
    assert len(replies) == 2
    error = json.loads(replies[0])["error"]
    assert error["code"] in {-32601, -32602}
    assert told in error["message"]


def test_a_template_does_not_build() -> None:
    build = b'{"jsonrpc": "2.0", "method": "build", "params": {"options": {}}, "id": 1}\n'
    (reply,) = exchange(TEMPLATE, build)
    assert "is a template, not a project" in json.loads(reply)["error"]["message"]


def test_an_unexpected_error_is_told_and_does_not_end_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: Handler, options: object) -> None:
        raise RuntimeError("a slip")

    monkeypatch.setattr(Handler, "flash", fail)
    call = b'{"jsonrpc": "2.0", "method": "flash", "params": {"options": {}}, "id": 1}\n'
    replies = exchange(TEMPLATE, call, call)
    assert len(replies) == 2
    error = json.loads(replies[1])["error"]
    assert error["message"] == "calling method flash: RuntimeError('a slip')"
    assert "in fail" in error["data"]["traceback"]


def test_bytes_and_text() -> None:
    everything = bytes(range(256)) * 3
    assert protocol.decode_bytes(protocol.encode_bytes(everything)) == everything
