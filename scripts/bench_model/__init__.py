# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Behind scripts/bench: exact counts of instructions, and estimates of cycles made from them."""
