# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The compiler's figures, as GCC 12 writes them."""

from __future__ import annotations

from pathlib import Path

from microtvm_project.stack.usage import Usage, plain_name, read_usage

_TEXT = """\
/a b/execution.c:136:22:microtvm_execution_run_layer\t24\tstatic
lib1.c:7:1:product.constprop\t128\tstatic
lib1.c:9:1:grows\t8\tdynamic
lib1.c:11:1:aligns\t16\tdynamic,bounded
this is no figure
"""


def test_figures_of_all_objects_are_read(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "x.c.su").write_text(_TEXT)
    assert read_usage(tmp_path) == (
        Usage("execution.c", "microtvm_execution_run_layer", 24, is_bounded=True),
        Usage("lib1.c", "product", 128, is_bounded=True),
        Usage("lib1.c", "grows", 8, is_bounded=False),
        Usage("lib1.c", "aligns", 16, is_bounded=True),
    )


def test_copies_of_a_function_have_its_name() -> None:
    names = ("f", "f.constprop.0", "f.isra.0.constprop.12", "f.part.1", "f.cold")
    assert {plain_name(name) for name in names} == {"f"}
