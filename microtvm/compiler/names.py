# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Names from a model, which may hold anything, as C identifiers and C strings."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Of C, of C++ (whose programs include the header too), and macros of the standard headers.
_RESERVED = frozenset(
    (
        *("auto", "break", "case", "char", "const", "continue", "default", "do", "double"),
        *("else", "enum", "extern", "float", "for", "goto", "if", "inline", "int", "long"),
        *("register", "restrict", "return", "short", "signed", "sizeof", "static", "struct"),
        *("switch", "typedef", "union", "unsigned", "void", "volatile", "while"),
        *("alignas", "alignof", "and", "and_eq", "asm", "bitand", "bitor", "catch", "class"),
        *("compl", "concept", "const_cast", "consteval", "constexpr", "constinit", "co_await"),
        *("co_return", "co_yield", "decltype", "delete", "dynamic_cast", "explicit", "export"),
        *("friend", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr"),
        *("operator", "or", "or_eq", "private", "protected", "public", "reinterpret_cast"),
        *("requires", "static_assert", "static_cast", "template", "this", "thread_local"),
        *("throw", "try", "typeid", "typename", "using", "virtual", "wchar_t", "xor", "xor_eq"),
        *("assert", "bool", "errno", "false", "linux", "noreturn", "offsetof", "true", "unix"),
    )
)
# Macros are words in capitals (INT8_MAX, NAN); what begins with '_' may be the compiler's own.
_MACRO = re.compile(r"_.*|[A-Z][A-Z0-9_]{2,}")
# TVMGEN_<MODULE>_WORKSPACE_SIZE is there beside the sizes of tensors and pools.
_TAKEN = frozenset(("WORKSPACE",))


def is_reserved(identifier: str) -> bool:
    """Whether C, C++ or their headers have the name for themselves."""
    return identifier in _RESERVED or _MACRO.fullmatch(identifier) is not None


def c_identifier(name: str) -> str:
    """The name with every other character as '_', and "tensor_" before what C may not have."""
    identifier = re.sub(r"[^A-Za-z0-9_]", "_", name)[:96]
    if not identifier or identifier[0].isdigit() or is_reserved(identifier):
        return f"tensor_{identifier}"
    return identifier


def member_names(names: Sequence[str], taken: Sequence[str] = ()) -> tuple[str, ...]:
    """One C identifier a name; those that differ in case alone, or not at all, get a number.

    Args:
        taken: names that have a TVMGEN_<MODULE>_<NAME>_SIZE already.
    """
    used = _TAKEN | {name.upper() for name in taken}
    result: list[str] = []
    for name in names:
        base = candidate = c_identifier(name)
        count = 1
        while candidate.upper() in used:
            candidate, count = f"{base}_{count}", count + 1
        used |= {candidate.upper()}
        result.append(candidate)
    return tuple(result)


def c_string(text: str) -> str:
    """A C string literal; what is not printable ASCII becomes '_'."""
    safe = "".join(char if " " <= char <= "~" and char not in '"\\?' else "_" for char in text)
    return f'"{safe[:96]}"'
