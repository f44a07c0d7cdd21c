# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Projects: created from a template, built, flashed and talked to through their own servers."""
