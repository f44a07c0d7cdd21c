# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The counting plugin on programs of a few instructions, whose counts can be told by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_model.counts import Counts, Interval
from bench_model.errors import BenchError
from bench_model.estimate import Estimator
from bench_model.flash import FlashModel
from bench_model.image import Image, read_image
from bench_model.plugin import Watch, build_plugin, run_counted
from bench_model.timing_m4 import CortexM4
from support.assembler import link_program
from support.emulator import write_emulator

pytestmark = pytest.mark.arm

STACK_START, STACK_END = 0x20000000, 0x20001000
PROGRAM = """
    .word {stack_end}
    .word reset + 1
    .thumb_func
reset:
    {setup}
    bl mark
    {body}
    bl mark
    movs r0, #0x18
    ldr r1, =0x20026
    bkpt 0xab
    .thumb_func
    .balign 8
mark:
    bx lr
    .ltorg
    .balign 8
    {data}
"""
# "bx lr" of the first mark, and "bl mark" for the second one.
AROUND = 2


def _write(folder: Path, body: str, setup: str = "", data: str = "") -> tuple[Path, Image]:
    text = PROGRAM.format(stack_end=STACK_END, setup=setup, body=body, data=data)
    program = link_program(text, folder)
    return program, read_image(program)


def _run(folder: Path, program: Path, image: Image) -> Counts:
    watch = Watch(image.address("mark"), 0, 0x10000, STACK_START, STACK_END)
    return run_counted(program, "mps2-an386", watch, FlashModel(), folder)


def _count(folder: Path, body: str, setup: str = "", data: str = "") -> tuple[Counts, Interval]:
    counts = _run(folder, *_write(folder, body, setup, data))
    assert len(counts.intervals) == 3
    return counts, counts.intervals[1]


@pytest.mark.parametrize("start", ["0x3f8", "0x3fa", "0x3fc", "0x3fe", "0x400"])
def test_a_loop_around_the_end_of_a_page(tmp_path: Path, start: str) -> None:
    body = f"""
        movs r0, #100
        b loop
        .org {start}
    loop:
        adds r1, #1
        add.w r1, r1, r2, lsl #1
        subs r0, #1
        bne loop
    """
    counts, interval = _count(tmp_path, body)
    assert counts.instructions(interval) == AROUND + 2 + 4 * 100


def test_the_ways_of_a_branch_are_counted_apart(tmp_path: Path) -> None:
    body = """
        movs r0, #10
    loop:
        lsrs r1, r0, #2
        bcc even
        adds r2, #1
    even:
        subs r0, #1
        bne loop
    """
    program, image = _write(tmp_path, body)
    counts = _run(tmp_path, program, image)
    interval = counts.intervals[1]
    # Bit 1 of 10, 9, ..., 1 is set in five of them: 10, 7, 6, 3, 2.
    assert counts.instructions(interval) == AROUND + 1 + 4 * 10 + 5
    # To the mark 1, bx 1 + 2, movs 1, lsrs to subs 4 on either way, bne 9 * 2 + 1, bl 1.
    assert Estimator(counts, image, CortexM4()).cycles(interval) == 5 + 4 * 10 + 19 + 1


def test_flash_is_read_once_a_word_while_the_caches_hold_it(tmp_path: Path) -> None:
    setup = "ldr r3, =table; movs r0, #2; bl walk; b go; .thumb_func; walk: " + _WALK + "bx lr; go:"
    counts, interval = _count(tmp_path, "movs r0, #2; bl walk", setup, _TABLE)
    before = counts.intervals[0]
    # 128 bytes twice: 16 words of 8 bytes, which stay in a cache of 256; and the literal before.
    assert before.data_reads == 16 + 1
    assert interval.data_reads == 0
    assert 0 < interval.code_reads < before.code_reads


def test_flash_is_read_again_where_the_caches_are_too_small(tmp_path: Path) -> None:
    setup = "ldr r3, =table; b go; .thumb_func; walk: " + _WALK + "bx lr; go:"
    program, image = _write(tmp_path, "movs r0, #3; bl walk", setup, _TABLE)
    watch = Watch(image.address("mark"), 0, 0x10000, STACK_START, STACK_END)
    small = FlashModel(data_bytes=64)
    counts = run_counted(program, "mps2-an386", watch, small, tmp_path)
    assert counts.intervals[1].data_reads == 3 * 16
    reads = counts.intervals[1].code_reads + 3 * 16
    assert small.stall_cycles(counts.intervals[1]) == 5 * reads


def test_the_stack_that_an_interval_writes(tmp_path: Path) -> None:
    counts, interval = _count(tmp_path, "push {r4-r7}; pop {r4-r7}", "push {r0-r7}; pop {r0-r7}")
    assert [part.stack_low for part in counts.intervals] == [
        STACK_END - 32,
        STACK_END - 16,
        STACK_END,
    ]
    assert interval.unaligned == 0


def test_unaligned_accesses(tmp_path: Path) -> None:
    body = "ldr r1, [r0, #1]; ldrh r1, [r0, #2]; strh r1, [r0, #1]; ldrb r1, [r0, #3]"
    _, interval = _count(tmp_path, body, "mov r0, sp; subs r0, #64")
    assert interval.unaligned == 2


def test_a_program_that_fails_is_told(tmp_path: Path) -> None:
    program, image = _write(tmp_path, "udf #0")
    with pytest.raises(BenchError, match="did not end well"):
        _run(tmp_path, program, image)


def test_a_qemu_with_another_interface_gets_a_plugin_for_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, image = _write(tmp_path, "nop")
    text = (
        "#!/bin/sh\necho plugin requires API version 1, this supports only a minimum version of 2"
    )
    write_emulator(tmp_path / "bin" / "qemu-system-arm", f"{text}\nexit 1\n")
    monkeypatch.setattr(
        "bench_model.plugin.find_program", lambda name, error: str(tmp_path / "bin" / name)
    )
    built: list[int] = []

    def build(folder: Path, api: int = 1) -> Path:
        built.append(api)
        return build_plugin(folder, api)

    monkeypatch.setattr("bench_model.plugin.build_plugin", build)
    with pytest.raises(BenchError, match="minimum version"):
        _run(tmp_path, program, image)
    assert built == [1, 2]


_WALK = "mov r1, r3; movs r2, #128; step: ldrb r4, [r1]; adds r1, #1; subs r2, #1; bne step; "
_WALK = "again: " + _WALK + "subs r0, #1; bne again; "
_TABLE = ".balign 32; table: .space 128"
