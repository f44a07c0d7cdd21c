# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc report: a model's memory, layers and schedules as a page of HTML."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from microtvm.cli.command import Command
from microtvm.cli.files import replaced_file, require_directory
from microtvm.cli.target_arguments import named_board, parse_target

if TYPE_CHECKING:
    from microtvm.cli.console import Console
    from microtvm.session import ModelMetadata


class ReportCommand(Command):
    name = "report"
    summary = "Show a model's memory, layers and schedules as a page of HTML"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("archive", type=Path, metavar="MLF", help="what tvmc compile wrote")
        parser.add_argument(
            "-o",
            "--output",
            type=Path,
            default=Path("report.html"),
            metavar="FILE",
            help="the page to write (default: report.html)",
        )
        parser.add_argument(
            "--module-name",
            metavar="NAME",
            help="which of the archive's models (default: the first)",
        )
        parser.add_argument(
            "--board", metavar="NAME", help="a board, whose memories and clock are shown as well"
        )

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        from microtvm.report.page import report_page

        output: Path = arguments.output
        require_directory(output.parent)
        board = named_board(arguments.board)
        model = _read(arguments.archive, arguments.module_name)
        if board is not None:
            parse_target("c", model.target, board)
        page = report_page(model, board)
        with replaced_file(output) as path:
            path.write_text(page, encoding="utf-8", newline="\n")
        console.print(f"wrote {output}")
        return 0


def _read(archive: Path, module: str | None) -> ModelMetadata:
    from microtvm_project.model_library import read_model_library

    from microtvm.session import parse_metadata

    return parse_metadata(read_model_library(archive).metadata, str(archive), module)
