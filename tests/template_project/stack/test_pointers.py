# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Whom a call by pointer may reach: by rules for our files, by nothing for others."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from microtvm_project.elf import read_image, read_object
from microtvm_project.stack.pointers import Pointers
from support.cmake_builds import find_program

pytestmark = pytest.mark.arm

_SOURCES = {
    "net_lib0.c": """
        static int run_layer(int layer) { return layer; }
        int (*const tvmgen_net_model)(int) = run_layer;
    """,
    "net_lib1.c": """
        static void small(void) {}
        static void microtvm_depthwise_run_large(void) {}
        static void unused(void) {}
        void (*const blocks[])(void) = {small, microtvm_depthwise_run_large};
        static __attribute__((noinline)) void product(int i) { blocks[i](); }
        static __attribute__((noinline)) void microtvm_depthwise_run(int i) { blocks[i](); }
        void layer(int i) { product(i); microtvm_depthwise_run(i); unused(); }
    """,
    "execution.c": """
        extern int (*const tvmgen_net_model)(int);
        int microtvm_execution_run_layer(int i) { return tvmgen_net_model(i) + 1; }
    """,
    "soc.c": """
        static const unsigned short delay_machine_code[] = {0x3803, 0xd8fd, 0x4770};
        static void (*volatile const delay)(int) = (void (*)(int))delay_machine_code;
        void arch_busy_wait(int i) { delay(i); }
    """,
    "other.c": """
        static void mine(void) {}
        void (*chosen)(void) = mine;
        void call(void) { chosen(); }
        void start(void) { call(); }
    """,
    "main_weak.c": """
        __attribute__((weak)) int microtvm_execution_run_layer(int i) { return i; }
    """,
    "init.c": """
        static void first(void) {}
        void (*const table[])(void) = {first};
        extern void (*const __init_POST_KERNEL_start[])(void);
        void z_sys_init_run_level(int i) { __init_POST_KERNEL_start[i](); }
    """,
}


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], set[str] | None]:
    """The names of the functions that a function may call by pointer, in a program of the above."""
    folder = tmp_path_factory.mktemp("program")
    objects = []
    compiler = find_program("arm-none-eabi-gcc")
    flags = ("-mcpu=cortex-m4", "-mthumb", "-O1", "-ffunction-sections", "-nostdlib")
    for name, text in _SOURCES.items():
        (folder / name).write_text(text)
        objects.append(folder / f"{name}.o")
        subprocess.run(
            [compiler, *flags, "-c", folder / name, "-o", objects[-1]], check=True, timeout=60
        )
    image = folder / "program.elf"
    table = ("table", "table+4")
    symbols = zip(("__init_POST_KERNEL_start", "__init_end"), table, strict=True)
    links = [f"-Wl,--defsym={name}={value}" for name, value in symbols]
    subprocess.run(
        [compiler, *flags, *links, "-Wl,-e,start", "-o", image, *objects], check=True, timeout=60
    )
    linked = read_image(image)
    pointers = Pointers(linked, [read_object(path) for path in objects])
    functions = {symbol.name: symbol for symbol in linked.functions()}
    names = {symbol.address: symbol.name for symbol in linked.functions()}

    def find(caller: str) -> set[str] | None:
        found = pointers.targets(functions[caller])
        return None if found is None else {names[address] for address in found}

    return find


@pytest.mark.parametrize(
    ("caller", "reached"),
    [
        ("product", {"small", "microtvm_depthwise_run_large"}),
        ("microtvm_depthwise_run", {"small"}),
        ("microtvm_execution_run_layer", {"run_layer"}),
        ("z_sys_init_run_level", {"first"}),
        ("arch_busy_wait", set()),
        ("call", None),
        # A file that a rule is about, and no function of which anything takes the address.
        ("start", None),
    ],
)
def test_targets(
    targets: Callable[[str], set[str] | None], caller: str, reached: set[str] | None
) -> None:
    assert targets(caller) == reached
