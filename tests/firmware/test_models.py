# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The hand-written models are what their metadata says, as generated ones are."""

from __future__ import annotations

import hashlib
import json

import pytest
from support.host_firmware import MODELS, NEVER_STARTS, POOLED, model_folder


@pytest.mark.parametrize("name", [*MODELS, POOLED, NEVER_STARTS])
def test_the_files_are_those_listed(name: str) -> None:
    folder = model_folder(name)
    document = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    listed = document["modules"][name]["microtvm"]["files"]
    there = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.[ch]")
    }
    assert listed == there
