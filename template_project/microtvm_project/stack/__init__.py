# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""How much stack a linked program can take: a bound from its code, and the compiler's figures.

image -> instructions -> depth of each function -> call graph -> the deepest way -> report
"""
