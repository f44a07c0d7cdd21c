# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A test run in a lab: takes boards by reservation, and compares every layer on each.

Arguments: the model, its project, and a filter of labgrid's for each board to
take, such as name=east-0 or board=mps2_an386. Prints the place after each.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from microtvm.project import GeneratedProject
from microtvm.session import Session
from microtvm.validate.reference import ReferenceModel
from support.benchmark_models import cases


def main(model: str, project: str, *filters: str) -> None:
    reference = ReferenceModel(Path(model).read_bytes())
    generated = GeneratedProject(Path(project))
    for one in filters:
        with reserved(one) as token:
            options = {"place": f"+{token}"}
            with generated.open_session(options=options, flash=True) as session:
                compare(session, reference)
        print(one, flush=True)


def compare(session: Session, reference: ReferenceModel) -> None:
    """Runs the model on one of the usual inputs; each layer must be the reference's."""
    inputs = [session.model.tensors[index] for index in session.model.inputs]
    shapes = [tensor.shape for tensor in inputs]
    (case, *_) = cases(shapes, [tensor.zero_point[0] for tensor in inputs])
    for index, values in enumerate(case.inputs):
        session.set_input(index, values)
    rows = session.validate(reference.run(case.inputs))
    assert rows
    assert not [str(row) for row in rows if row.mismatches]


@contextmanager
def reserved(one: str) -> Iterator[str]:
    """The token of a reservation, once a place has been given to it."""
    words = ("labgrid-client", "reserve", "--wait", "--shell", one)
    said = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True).stdout
    token = re.fullmatch(r"export LG_TOKEN=(\w+)\n", said)
    assert token, said
    try:
        yield token[1]
    finally:
        words = ("labgrid-client", "cancel-reservation", token[1])
        subprocess.run(words, stdout=subprocess.DEVNULL, timeout=60, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
