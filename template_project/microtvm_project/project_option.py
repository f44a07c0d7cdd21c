# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A project option: what it is called and takes, as a value and as the protocol tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from microtvm_project.errors import OptionError
from microtvm_project.fields import Fields

if TYPE_CHECKING:
    from typing import TypeAlias

    OptionValue: TypeAlias = str | int | bool

_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_MAXIMUM = 2**32 - 1
_INTEGER = re.compile(r"[+-]?(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})")


@dataclass(frozen=True)
class ProjectOption:
    """One row: what an option is called, what it may be, and which methods take it."""

    name: str
    type: str
    help: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    default: OptionValue | None = None

    def to_json(self) -> dict[str, Any]:
        """The row as `server_info_query` tells it."""
        return {
            "name": self.name,
            "choices": list(self.choices) or None,
            "default": self.default,
            "type": self.type,
            "required": list(self.required) or None,
            "optional": list(self.optional) or None,
            "help": self.help,
        }

    def applies_to(self, method: str) -> bool:
        """Whether the method takes the option."""
        return method in self.required or method in self.optional

    def convert(self, value: Any) -> OptionValue:
        """The value in the option's type; text is converted, as clients send text for all."""
        converted = _CONVERTERS[self.type](value)
        if converted is None:
            raise OptionError(
                f"Option {self.name!r} is {_shorten(value)}", expected=_TYPE_WORDS[self.type]
            )
        if self.choices and converted not in self.choices:
            raise OptionError(
                f"Option {self.name!r} is {_shorten(value)}",
                expected=f"one of {', '.join(self.choices)}",
            )
        return converted


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}..."


def _to_text(value: Any) -> str | None:
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return " ".join(value)
    return value if isinstance(value, str) else None


def _to_integer(value: Any) -> int | None:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value, 16 if "x" in value.lower() else 10)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 1 <= value <= _MAXIMUM else None


def _to_boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else _BOOLEANS.get(str(value).lower())


_CONVERTERS = {"str": _to_text, "int": _to_integer, "bool": _to_boolean}
_TYPE_WORDS = {
    "str": "text",
    "int": f"a whole number from 1 to {_MAXIMUM}",
    "bool": "true or false",
}


def row_from_json(described: Any) -> ProjectOption:
    """A row of another server's description; the inverse of `to_json`.

    Raises:
        OptionError: the description has not the protocol's form.
    """
    fields = Fields(described, "A server's description of an option", OptionError)
    default = described.get("default")
    return ProjectOption(
        name=fields.text("name"),
        type=fields.choice("type", tuple(_CONVERTERS)),
        help=str(described.get("help") or ""),
        required=_optional_texts(fields, "required"),
        optional=_optional_texts(fields, "optional"),
        choices=_optional_texts(fields, "choices"),
        default=default if isinstance(default, (str, int, bool)) else None,
    )


def _optional_texts(fields: Fields, key: str) -> tuple[str, ...]:
    """An array of strings, for which clients and servers may say null."""
    return () if fields.is_null(key) else fields.texts(key)
