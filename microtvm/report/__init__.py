# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a compiled model is and takes, told from its archive alone."""
