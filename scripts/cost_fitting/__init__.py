# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Finds what each term of a schedule's cost takes, from layers of many shapes."""
