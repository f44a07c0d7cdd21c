# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which layers run in stripes, and by which schedules: bytes of the workspace against cycles.

What some layers need does not depend on how the others run. So a way to run the network is a path
from its first layer to its last, whose steps are single layers or chains; the largest step is what
it needs, the sum of the steps is what it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from microtvm.compiler.stripes.options import Option, Options

# As so many percent of more cycles counts one percent of fewer bytes.
_BYTES = 1.5
# Steps before and after a chain that are looked at together with it.
_NEAR = 3


@dataclass(frozen=True, eq=False)
class Path:
    """One way to run the whole network."""

    steps: Sequence[Option]

    @property
    def size(self) -> int:
        """Bytes that the largest step needs."""
        return max((step.size for step in self.steps), default=0)

    @property
    def cycles(self) -> int:
        return sum(step.cycles for step in self.steps)

    @property
    def is_default(self) -> bool:
        """Whether every layer is computed as it was chosen."""
        return all(step.is_default for step in self.steps)


def default_path(options: Options) -> Path:
    """Every layer whole, as it was chosen."""
    return Path([options.default(layer) for layer in _layers(options)])


def cheapest_path(options: Options, size: int) -> Path | None:
    """The path of the fewest cycles that needs no more than `size` bytes, None if there is none."""
    steps = [options.default(layer) for layer in _layers(options)]
    for layer in _layers(options):
        if options.default(layer).size > size:
            steps += [*options.others(layer), *options.chains(layer)]
    path = _best(options, [step for step in steps if step.size <= size], _cheaper)
    return path if path is not None and path.cycles <= options.most_cycles else None


def smallest_path(options: Options) -> Path:
    """The path that needs the fewest bytes, and of those with as many the fewest cycles."""
    return next(_paths(options), default_path(options))


def best_paths(options: Options) -> list[Path]:
    """Paths of different size, those first for which bytes and cycles together are the least."""
    paths = {path.size: path for path in (default_path(options), *_paths(options))}
    return sorted(paths.values(), key=lambda path: (weight(path.size, path.cycles), path.size))


def weight(size: int, cycles: int) -> float:
    """How much bytes and cycles are together: see `_BYTES`."""
    return float(size**_BYTES * cycles)


def _paths(options: Options) -> Iterator[Path]:
    """The cheapest paths from the fewest bytes on, as far as their cycles may be paid."""
    for size in _sizes(options):
        path = cheapest_path(options, size)
        if path is not None:
            yield path


def _sizes(options: Options) -> list[int]:
    """Bytes that steps need, from the fewest that the whole network can need on.

    As long as little is known of a layer, it may need nothing. If the smallest path then has such
    layers that would need more than its other steps, all is found out about the largest of them.
    """
    defaults = [options.default(layer) for layer in _layers(options)]
    steps, unknown = list(defaults), {option.first: option for option in defaults}
    while True:
        nothing = [replace(option, size=0) for option in unknown.values()]
        path = _best(options, [*steps, *nothing], _smaller)
        assert path is not None
        larger = [
            unknown[step.first]
            for step in path.steps
            if step in nothing and unknown[step.first].size > path.size
        ]
        if not larger:
            return sorted({step.size for step in steps if step.size >= path.size})
        layer = max(larger, key=lambda option: option.size).first
        del unknown[layer]
        steps += [*options.others(layer), *options.chains(layer)]


def settled(options: Options, path: Path, size: int) -> Path:
    """A path whose chains get on with the layers around them, as far as can be.

    A tensor that is small enough for the layers before a chain and for the chain can still be
    wanted at two places. Then the chain, or a layer near it, takes another of its options: the
    cheapest with which they need no more than `size` bytes together, else the smallest.
    """
    steps = list(path.steps)
    for index, step in enumerate(path.steps):
        changed = step.chain is not None
        while changed:
            before = steps
            steps = _settled_step(options, steps, index, size)
            changed = steps is not before
    return Path(steps)


def _settled_step(options: Options, steps: list[Option], index: int, size: int) -> list[Option]:
    start, end = max(0, index - _NEAR), min(len(steps), index + _NEAR + 1)

    def needed(changed: Sequence[Option], most: int | None = None) -> int | None:
        return options.size_of(changed[start:end], most)

    least = needed(steps)
    assert least is not None
    others = [] if least <= size else _changes(options, steps, index, range(start, end))
    best = steps
    for changed in sorted(others, key=lambda changed: Path(changed).cycles):
        if least <= size or Path(changed).cycles > options.most_cycles:
            break
        found = needed(changed, least - 1)
        if found is not None and found < least:
            best, least = changed, found
    return best


def _changes(
    options: Options, steps: Sequence[Option], index: int, near: range
) -> Iterator[list[Option]]:
    """The steps with another option for one of them: of the chain, or of a layer near it."""
    for place in near:
        step = steps[place]
        if step.chain is None:
            changes = [options.default(step.first), *options.others(step.first)]
        else:
            changes = list(options.stripes(step.first, step.last)) if place == index else []
        for change in changes:
            if change is not step:
                yield [*steps[:place], change, *steps[place + 1 :]]


# Of a path's size and cycles what is to be small.
_Order = Callable[[int, int], tuple[int, ...]]


def _cheaper(size: int, cycles: int) -> tuple[int, ...]:
    return cycles, size


def _smaller(size: int, cycles: int) -> tuple[int, ...]:
    return size, cycles


def _best(options: Options, steps: Sequence[Option], order: _Order) -> Path | None:
    """From layer to layer the best way to get there."""
    count = len(options.network.operators)
    ways: list[Path | None] = [Path([]), *([None] * count)]
    by_last: dict[int, list[Option]] = {}
    for step in steps:
        by_last.setdefault(step.last, []).append(step)
    for last in range(1, count + 1):
        found = []
        for step in by_last.get(last, ()):
            before = ways[step.first - 1]
            if before is not None:
                found.append(Path([*before.steps, step]))
        ways[last] = min(found, key=lambda path: order(path.size, path.cycles), default=None)
    return ways[count]


def _layers(options: Options) -> Iterator[int]:
    yield from range(1, len(options.network.operators) + 1)
