# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The controller's libraries, asked for where they are needed."""

from __future__ import annotations

import importlib
from typing import Any

from ansible.errors import AnsibleFilterError

_PACKAGES = {
    "jinja2": "jinja2",
    "jmespath": "jmespath",
    "jsonschema": "jsonschema",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "scipy": "scipy",
}


def library(module: str) -> Any:
    """The imported module; a sentence that names the package to install where it is missing."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = _PACKAGES[module.split(".", maxsplit=1)[0]]
        raise AnsibleFilterError(
            f"The reports of mini.hypervisor need the Python package {package} on the controller:"
            f" install it with 'pip install {package}', in the environment of ansible-playbook. ({error})"
        ) from error
