# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Typed calls to a server, and servers that break the protocol."""

from __future__ import annotations

from pathlib import Path

import pytest
from microtvm_project.protocol import TransportTimeouts
from support.servers import write_server

from microtvm import resources
from microtvm.errors import (
    BuildError,
    MicroTVMError,
    OptionError,
    ProjectServerError,
    TransportTimeoutError,
)
from microtvm.project.client import ProjectClient


def client(tmp_path: Path, text: str) -> ProjectClient:
    return ProjectClient(write_server(tmp_path / "server", f"for line in requests:\n    {text}\n"))


def test_our_own_template() -> None:
    with ProjectClient(resources.template_dir()) as template:
        info = template.info()
    assert (info.platform_name, info.is_template) == ("microtvm", True)
    assert info.model_library_format_path == ""
    assert "board" in [row.name for row in info.options]


def test_results_have_types(tmp_path: Path) -> None:
    result = {
        "timeouts": {
            "session_start_retry_timeout_sec": 1,
            "session_start_timeout_sec": 2.5,
            "session_established_timeout_sec": 0,
        }
    }
    with client(tmp_path, f"answer(line, result={result})") as server:
        assert server.open_transport({}) == TransportTimeouts(1.0, 2.5, 0.0)


ECHO_BYTES = """
    call = json.loads(line)
    kept = call["params"]["data"] if call["method"] == "write_transport" else kept
    answer(line, result={"data": kept})"""


def test_bytes_cross_as_text(tmp_path: Path) -> None:
    data = bytes(range(256))
    with client(tmp_path, ECHO_BYTES) as server:
        server.write_transport(data, 1.0)
        assert server.read_transport(256, 1.0) == data


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("replies.write(b'hello\\n')", "broke the protocol: message is not JSON"),
        ("replies.write(b'[]\\n')", "broke the protocol: reply is not an object"),
        ('replies.write(b\'{"jsonrpc": "2.0", "id": 99}\\n\')', "is for call 99, not 1"),
        ("answer(line)", "has neither result nor error"),
        ("answer(line, error=5)", "error is not an object"),
        ("answer(line, result=5)", "is 5"),
        ("answer(line, result={})", "has no 'protocol_version'"),
        ("answer(line, result={'protocol_version': 2})", "speaks protocol version 2"),
        (
            "answer(line, error={'code': -32601, 'message': 'no'})",
            "failed at server_info_query: no",
        ),
        ("sys.exit(5)", "exit code 5"),
    ],
)
def test_servers_that_break_the_protocol(tmp_path: Path, text: str, told: str) -> None:
    with client(tmp_path, text) as server, pytest.raises(ProjectServerError, match=told):
        server.info()


@pytest.mark.parametrize("data", ["'\\\\n'", "5", "None"])
def test_reads_that_are_no_bytes(tmp_path: Path, data: str) -> None:
    with (
        client(tmp_path, f"answer(line, result={{'data': {data}}})") as server,
        pytest.raises(ProjectServerError, match="Reply to read_transport"),
    ):
        server.read_transport(1, 1.0)


def test_errors_of_ours_come_back_as_themselves(tmp_path: Path) -> None:
    parts = {"error": "BuildError", "found": "No", "expected": "yes", "hint": "ask"}
    wire = {"code": -32000, "message": "x", "data": {"traceback": "t", "microtvm": parts}}
    with (
        client(tmp_path, f"answer(line, error={wire})") as server,
        pytest.raises(BuildError) as caught,
    ):
        server.build({})
    assert str(caught.value) == "No\n  expected: yes\n  try: ask"


def test_errors_of_other_servers_come_back_by_name(tmp_path: Path) -> None:
    wire = {"code": -32000, "message": "IoTimeoutError", "data": {"traceback": "t"}}
    with (
        client(tmp_path, f"answer(line, error={wire})") as server,
        pytest.raises(TransportTimeoutError),
    ):
        server.read_transport(1, 0.0)


def test_a_server_goes_on_after_an_error(tmp_path: Path) -> None:
    with ProjectClient(resources.template_dir()) as template:
        for _ in range(2):
            with pytest.raises(OptionError, match="'board' is required"):
                template.generate_project(tmp_path / "x.tar", tmp_path / "project", {})
        with pytest.raises(MicroTVMError, match="is a template, not a project"):
            template.build({})
        assert template.info().is_template
