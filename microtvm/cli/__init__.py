# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The command line, tvmc. Importing it loads neither the compiler nor numpy nor serial ports."""
