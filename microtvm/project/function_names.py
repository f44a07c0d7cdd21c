# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Names the functions of a built firmware by their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microtvm_project.elf import read_image
from microtvm_project.errors import BuildError

if TYPE_CHECKING:
    from pathlib import Path


class FunctionNames:
    """Looks into the image when it is first asked.

    Args:
        image: the ELF file of the firmware that runs.
    """

    def __init__(self, image: Path) -> None:
        self._image = image

    def __call__(self, address: int) -> str:
        """The function whose code is at an address, "" where there is none or no image."""
        try:
            functions = read_image(self._image).functions()
        except BuildError:
            return ""
        for function in functions:
            if function.address <= address < function.address + function.size:
                return function.name
        return ""
