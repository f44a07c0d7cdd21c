# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What each micro-kernel computes, in TVMScript over the constants as they are packed for it."""
