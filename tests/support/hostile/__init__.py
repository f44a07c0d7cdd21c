# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Small models that are wrong, odd or made to harm, each with the answer that it must get."""
