# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Typed reading of tables from TOML or JSON: each value is checked, each error says where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from microtvm_project.errors import MicroTVMError

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNSIGNED_64_MAX = 2**64 - 1


class Fields:
    """One table. A key that is read is known; `finish` refuses the others.

    Args:
        values: what the parser gave; anything but a mapping is refused.
        where: the file and table, for messages.
        error: the class of the errors raised.
    """

    def __init__(self, values: Any, where: str, error: type[MicroTVMError]) -> None:
        self.where = where
        self._error = error
        if not isinstance(values, dict):
            raise self._wrong(f"{where} is {_kind(values)}", "a table")
        self._values: Mapping[str, Any] = values
        self._read: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def names(self) -> tuple[str, ...]:
        """The keys of the table, in its own order."""
        return tuple(str(key) for key in self._values)

    def is_null(self, key: str) -> bool:
        """Whether the key is missing or has no value."""
        return self._values.get(key) is None

    def text(self, key: str, default: str | None = None) -> str:
        """A string; obligatory where there is no default."""
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self._mistyped(key, value, "a string")
        return value

    def integer(self, key: str, default: int | None = None, minimum: int = 0) -> int:
        """A whole number from `minimum` to 64 bits."""
        value = self._get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._mistyped(key, value, "a whole number")
        if not minimum <= value <= _UNSIGNED_64_MAX:
            raise self._mistyped(key, value, f"a number from {minimum} to {_UNSIGNED_64_MAX}")
        return value

    def number(self, key: str) -> float:
        """A number, whole or not."""
        value = self._get(key, None)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise self._mistyped(key, value, "a number")
        return float(value)

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self._get(key, None)
        if not isinstance(value, bool):
            raise self._mistyped(key, value, "true or false")
        return value

    def items(self, key: str) -> tuple[Any, ...]:
        """An array whose values the caller checks."""
        value = self._get(key, None)
        if not isinstance(value, list):
            raise self._mistyped(key, value, "an array")
        return tuple(value)

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """A string that is one of `choices`."""
        value = self.text(key)
        if value not in choices:
            raise self._mistyped(key, value, " or ".join(choices))
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """An array of strings."""
        value = self._get(key, default)
        if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
            raise self._mistyped(key, value, "an array of strings")
        return tuple(value)

    def mapping(self, key: str) -> dict[str, Any]:
        """A table whose values the caller checks; empty where the key is missing."""
        value = self._get(key, {})
        if not isinstance(value, dict):
            raise self._mistyped(key, value, "a table")
        return value

    def table(self, key: str) -> Fields:
        """An obligatory table within this one."""
        return Fields(self._get(key, None), f"{self.where}: {key}", self._error)

    def tables(self, key: str) -> tuple[Fields, ...]:
        """An array of tables, possibly empty."""
        items = self.items(key) if key in self else ()
        return tuple(
            Fields(item, f"{self.where}: {key} {number}", self._error)
            for number, item in enumerate(items, 1)
        )

    def finish(self) -> None:
        """Refuses keys that nobody read."""
        unknown = sorted(set(self._values) - self._read)
        if unknown:
            raise self._wrong(
                f"{self.where} has unknown keys: {', '.join(unknown)}",
                f"only {', '.join(sorted(self._read))}",
            )

    def _get(self, key: str, default: Any) -> Any:
        self._read.add(key)
        value = self._values.get(key, default)
        if value is None:
            raise self._wrong(f"{self.where} has no {key!r}", f"a value for {key!r}")
        return value

    def _mistyped(self, key: str, value: Any, expected: str) -> MicroTVMError:
        return self._wrong(f"{self.where}: {key!r} is {_kind(value)}", expected)

    def _wrong(self, found: str, expected: str) -> MicroTVMError:
        return self._error(found, expected=expected)


def _kind(value: Any) -> str:
    """The value itself where it is short, else its type."""
    text = repr(value) if isinstance(value, (str, int, float, bool)) else ""
    return text if 0 < len(text) <= 60 else f"a {type(value).__name__}"
