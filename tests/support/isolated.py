# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Calls a function on many cases in a child process, so that no case can end or hang this one.

The child is started again after a case that ended it. As a program this module is that child.
"""

from __future__ import annotations

import importlib
import os
import pickle
import resource
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_MEMORY_BYTES = 6 * 1024**3
_SECONDS_A_CASE = 30


class Died(str):
    """What to say of a case that raised, ended the child, or took too long."""

    __slots__ = ()


def map_isolated(function: Callable[[Any], Any], cases: Sequence[Any]) -> list[Any]:
    """`[function(case) for case in cases]`, with a Died for each that gave no result.

    Args:
        function: of a module below tests/; cases and results can be pickled.
    """
    results: list[Any] = []
    with tempfile.TemporaryDirectory(prefix="microtvm-") as name:
        folder = Path(name)
        call = (function.__module__, function.__qualname__, list(cases))
        (folder / "call").write_bytes(pickle.dumps(call))
        while len(results) < len(cases):
            (folder / "results").unlink(missing_ok=True)
            status, error = _run_child(folder, len(results))
            assert (folder / "results").is_file(), f"the child did not start: {error}"
            results += _load(folder / "results")
            if status != 0:
                results.append(Died(f"exit status {status}: {error[-2000:]}"))
    return results


def _run_child(folder: Path, first: int) -> tuple[int, str]:
    argv = [sys.executable, "-m", "support.isolated", str(folder), str(first)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.run(argv, env=environment, capture_output=True, check=False)
    return child.returncode, child.stderr.decode("utf-8", "replace")


def _load(path: Path) -> list[Any]:
    results = []
    with path.open("rb") as stream:
        while stream.peek(1):
            results.append(pickle.load(stream))
    return results


def _answer(function: Callable[[Any], Any], case: Any) -> Any:
    # The signal's default action ends the process even inside C code.
    signal.alarm(_SECONDS_A_CASE)
    try:
        return function(case)
    except Exception:  # anything at all is the parent's to judge
        return Died(traceback.format_exc())
    finally:
        signal.alarm(0)


def _main(folder: Path, first: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    module, name, cases = pickle.loads((folder / "call").read_bytes())
    function = getattr(importlib.import_module(module), name)
    with (folder / "results").open("wb") as stream:
        for case in cases[first:]:
            pickle.dump(_answer(function, case), stream)
            stream.flush()


if __name__ == "__main__":
    # By its own name, so that Died is the parent's class.
    importlib.import_module("support.isolated")._main(Path(sys.argv[1]), int(sys.argv[2]))
