# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""No byte is lost for want of room in a port's buffer, and no lost byte stops a session."""

from __future__ import annotations

import random

import pytest
from support.busy_device import BusyDevice

from microtvm.session.credit import LEAST_BUFFER, LOST_AFTER_S, Credit, lost_after_s
from microtvm.session.link import Link, Patience
from microtvm.session.messages import Kind, Request

BUFFERS = (LEAST_BUFFER, 300, 700, 4096)
REQUESTS = 60

# Silence that a host bears, and how long it may have to: the simulated time is not measured.
PATIENCE = Patience(reply_s=0.5, attempts=400, total_s=60.0)


def talk(device: BusyDevice, seed: int, capacity: int, largest: int) -> None:
    """Requests of all sizes up to `largest` bytes of payload, each with its own answer."""
    draw = random.Random(seed)
    link = Link(device, credit=Credit(capacity, device.clock))
    for _ in range(REQUESTS):
        payload = draw.randbytes(draw.choice([0, 4, draw.randrange(largest), largest]))
        reply = link.exchange(Request(Kind.TENSOR_WRITE, payload), PATIENCE)
        assert reply.payload == payload


@pytest.mark.parametrize("buffer", BUFFERS)
@pytest.mark.parametrize("seed", range(20))
def test_a_line_that_loses_nothing_never_has_too_much_under_way(seed: int, buffer: int) -> None:
    device = BusyDevice(seed, buffer, longest_silence_s=0.95 * LOST_AFTER_S)
    talk(device, seed, buffer, buffer - 32)
    assert device.lost == 0


def test_without_credit_bytes_are_lost() -> None:
    device = BusyDevice(1, LEAST_BUFFER, longest_silence_s=0.95 * LOST_AFTER_S)
    talk(device, 1, 0, LEAST_BUFFER - 32)
    assert device.lost > 100


@pytest.mark.parametrize("buffer", BUFFERS)
@pytest.mark.parametrize("seed", range(10))
def test_a_line_that_loses_bytes_does_not_stop(seed: int, buffer: int) -> None:
    device = BusyDevice(seed, buffer, longest_silence_s=0.95 * LOST_AFTER_S, rate=0.01)
    talk(device, seed, buffer, 64)


def test_what_is_under_way_counts_until_it_is_answered() -> None:
    now = [0.0]
    credit = Credit(300, lambda: now[0])
    credit.send(1, 200)
    assert credit.wait_s(100) == 0.0
    now[0] = 5.0
    assert credit.wait_s(101) == LOST_AFTER_S - 5.0
    credit.answer(7, is_last=True)
    assert credit.wait_s(101) > 0.0, "that was no answer to this frame"
    credit.answer(1, is_last=False)
    assert credit.wait_s(300) == 0.0


def test_a_frame_sent_twice_is_taken_once_with_each_answer() -> None:
    credit = Credit(300, lambda: 0.0)
    for _ in range(3):
        credit.send(1, 100)
    credit.answer(1, is_last=True)
    assert credit.wait_s(101) > 0.0
    credit.answer(1, is_last=False)
    assert credit.wait_s(101) == 0.0
    assert credit.wait_s(201) > 0.0
    credit.answer(1, is_last=True)
    assert credit.wait_s(201) > 0.0, "the frame at work was taken when it said so"
    credit.answer(1, is_last=True)
    assert credit.wait_s(300) == 0.0


def test_silence_for_longer_than_any_layer_takes_means_that_the_bytes_are_lost() -> None:
    now = [0.0]
    credit = Credit(300, lambda: now[0])
    credit.send(1, 300)
    now[0] = LOST_AFTER_S
    assert credit.wait_s(300) == 0.0
    credit.send(1, 300)
    assert credit.wait_s(300) == LOST_AFTER_S, "counted anew"


def test_a_device_may_be_silent_for_as_long_as_a_layer_takes() -> None:
    assert LOST_AFTER_S == lost_after_s(10_000) == 13.5
    credit = Credit(300, lambda: 1e9)
    credit.lost_after_s = lost_after_s(0)
    credit.send(1, 300)
    assert credit.wait_s(1) == float("inf"), "there is no limit"


def test_a_line_that_waits_by_itself_needs_none() -> None:
    credit = Credit(0, lambda: 0.0)
    credit.send(1, 1 << 20)
    assert credit.wait_s(1 << 20) == 0.0


def test_one_frame_may_always_go_out() -> None:
    assert Credit(100, lambda: 0.0).wait_s(1000) == 0.0
