# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A small convolutional network for the 8x8 digits: training, quantising and export."""
