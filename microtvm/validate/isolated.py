# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The reference in a process of its own, so that no model can end or hang this one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from microtvm.errors import ModelError
from microtvm.validate.exchange import load_batches, save_batches
from microtvm.validate.reference import Tensor, require_litert

_DEFAULT_TIMEOUT_SECONDS = 120.0


def run_isolated(
    model: bytes,
    batches: Sequence[Sequence[Tensor]],
    timeout_seconds: float = _DEFAULT_TIMEOUT_SECONDS,
) -> list[dict[int, Tensor]]:
    """`ReferenceModel(model).run(batch)` for each batch of inputs, in a child process."""
    require_litert()
    with tempfile.TemporaryDirectory(prefix="microtvm-") as name:
        folder = Path(name)
        (folder / "model.tflite").write_bytes(model)
        save_batches(folder / "inputs.npz", [dict(enumerate(batch)) for batch in batches])
        status = _run_worker(folder, timeout_seconds)
        if (folder / "error.txt").is_file():
            raise ModelError((folder / "error.txt").read_text(encoding="utf-8"))
        if status != 0:
            raise ModelError(
                f"LiteRT ended without a result on this model (exit status {status})",
                hint="another model: this one is damaged, or LiteRT cannot run it",
            )
        return load_batches(folder / "outputs.npz")


def _run_worker(folder: Path, timeout_seconds: float) -> int:
    argv = [sys.executable, "-m", "microtvm.validate.worker", str(folder)]
    try:
        child = subprocess.run(argv, capture_output=True, timeout=timeout_seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"LiteRT did not finish within {timeout_seconds:g} seconds") from error
    return child.returncode
