# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Projects: created from a template, built, flashed and talked to through their own servers."""

from microtvm.project.project import GeneratedProject, create_project, list_options, open_session

__all__ = ["GeneratedProject", "create_project", "list_options", "open_session"]
