# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The server script as an older client starts it: by a Python that has nothing but itself."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.archives import ROOT, write_stub_archive

TEMPLATE = ROOT / "template_project"
SCRIPT = "microtvm_api_server.py"

# Without its site-packages, and in an environment that knows nothing of this checkout.
BARE_PYTHON = (sys.executable, "-S", "-W", "error")


class BareServer:
    """A server with no package but those beside it. Its client is these few lines."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        request, self._write = os.pipe()
        self._read, reply = os.pipe()
        files = ("--read-fd", str(request), "--write-fd", str(reply), *arguments)
        environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            (*BARE_PYTHON, str(folder / SCRIPT), *files),
            cwd=folder,
            env=environment,
            pass_fds=(request, reply),
            stderr=subprocess.PIPE,
        )
        os.close(request)
        os.close(reply)

    def call(self, method: str, **params: Any) -> Any:
        message = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        os.write(self._write, json.dumps(message).encode() + b"\n")
        line = b""
        while not line.endswith(b"\n"):
            line += os.read(self._read, 1 << 16)
        reply = json.loads(line)
        assert "error" not in reply, reply["error"]["message"]
        return reply["result"]

    def end(self) -> tuple[int, bytes]:
        """Closes the pipes and waits: the exit code and what was logged."""
        os.close(self._write)
        os.close(self._read)
        _, log = self.process.communicate(timeout=60)
        return self.process.returncode, log


@pytest.mark.arm
def test_from_an_archive_to_output_with_a_bare_python(tmp_path: Path) -> None:
    options = {"board": "mps2_an386", "platform": "baremetal", "project_type": "standalone"}
    archive = write_stub_archive(tmp_path / "module.tar")
    template = BareServer(TEMPLATE)
    assert template.call("server_info_query", tvm_version="0.9.0")["is_template"] is True
    template.call(
        "generate_project",
        model_library_format_path=str(archive),
        standalone_crt_dir="/nowhere",
        project_dir=str(tmp_path / "project"),
        options=options,
    )
    assert template.end()[0] == 0
    project = BareServer(tmp_path / "project", "--debug")
    assert project.call("server_info_query", tvm_version="0.18.0")["is_template"] is False
    for method in ("build", "flash", "open_transport"):
        project.call(method, options=options)
    assert project.call("read_transport", n=1, timeout_sec=30.0) == {"data": "Vg"}
    project.call("close_transport")
    code, log = project.end()
    assert code == 0
    assert b"Building C object" in log


def test_the_server_needs_its_pipes() -> None:
    done = subprocess.run(
        (*BARE_PYTHON, str(TEMPLATE / SCRIPT)), capture_output=True, check=False, cwd="/"
    )
    assert done.returncode == 2
    assert b"--read-fd, --write-fd" in done.stderr


def test_a_script_by_itself_is_no_template(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / SCRIPT).write_bytes((TEMPLATE / SCRIPT).read_bytes())
    (copy / "microtvm_project").symlink_to(TEMPLATE / "microtvm_project")
    server = BareServer(copy)
    code, log = server.end()
    assert code == 1
    assert log.startswith(f"{copy} is neither a project nor a template".encode())
    assert b"Traceback" not in log


@pytest.mark.parametrize(
    "path",
    [TEMPLATE / SCRIPT, *sorted((TEMPLATE / "microtvm_project").glob("*.py"))],
    ids=lambda path: path.name,
)
def test_the_pythons_of_older_clients_can_read_it(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
