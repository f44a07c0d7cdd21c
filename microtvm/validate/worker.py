# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The child process of `run_isolated`: reads model.tflite and inputs.npz in a folder, and writes
outputs.npz there, or error.txt with the sentence to report.
"""

from __future__ import annotations

import sys
from pathlib import Path

from microtvm.errors import MicroTVMError
from microtvm.validate.exchange import load_batches, save_batches
from microtvm.validate.reference import ReferenceModel


def main(folder: Path) -> None:
    try:
        model = ReferenceModel((folder / "model.tflite").read_bytes())
        batches = load_batches(folder / "inputs.npz")
        results = [model.run([batch[index] for index in sorted(batch)]) for batch in batches]
        save_batches(folder / "outputs.npz", results)
    except MicroTVMError as error:
        (folder / "error.txt").write_text(str(error), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
