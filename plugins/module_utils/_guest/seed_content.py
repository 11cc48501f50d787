# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""What a guest is told at its first boot: the files of a NoCloud seed, and the digest that names them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Callable, Mapping

from .._errors import HypervisorError
from .cloud_config import check_cloud_config, check_network_config
from .seed_network import network_config
from .seed_options import cloud_config

_HEADERS = ("#", "content-type:", "mime-version:")
"""How user data has to start; cloud-init ignores anything else and only tells its own log."""

_EVERY_BOOT = (
    "bootcmd cloud_config_modules cloud_final_modules cloud_init_modules create_hostname_file disable_ec2_metadata"
    " final_message fqdn growpart hostname manage_etc_hosts migrate output prefer_fqdn_over_hostname preserve_hostname"
    " resize_rootfs system_info updates"
)
"""The keys of cloud-config that later boots read as well."""

_NOTHING = "#cloud-config\n{}\n"

# Long enough to tell that something changed, too short to try passwords against.
_PART = 4

Unknown = Callable[[HypervisorError], None]


@dataclass(frozen=True)
class Content:
    """The files by their name in the seed.

    C(spent) are the files after first boot, each as long as before. C(parts) are the parts of the content and a
    short digest of each, so that what differs between two seeds can be named and secrets stay unknown.
    """

    files: Mapping[str, bytes]
    spent: Mapping[str, bytes]
    parts: Mapping[str, str]
    instance_id: str

    @property
    def sha256(self) -> str:
        """The digest over all files."""
        return _digest({name: data.decode() for name, data in self.files.items()})


def render(options: Mapping[str, Any], unknown: Unknown) -> Content:
    """The seed that the options describe; C(unknown) is given the error of each key that nobody knows."""
    sources = {
        "user-data": _user_data(options, unknown),
        "vendor-data": _checked("vendor_data", options.get("vendor_data"), unknown),
    }
    texts = {name: _text(value) for name, value in sources.items() if value is not None}
    network = _network(options, unknown)
    if network is not None:
        texts["network-config"] = _json(network)
    given = dict(options.get("meta_data") or {})
    if options.get("hostname") is not None:
        # Not in the user data, where it would be missing at the next boots.
        given.setdefault("local-hostname", options["hostname"])
    # Without an instance-id of the user's, other content is another instance.
    instance_id = str(given.get("instance-id") or "iid-" + _digest({**texts, "meta-data": _json(given)})[:16])
    spent = {name: _spent(value, texts[name]) for name, value in sources.items() if value is not None}
    texts["meta-data"] = _json({**given, "instance-id": instance_id})
    files = {name: text.encode() for name, text in texts.items()}
    parts = {**sources, "network-config": network, "meta-data": given}
    return Content(files, {**files, **spent}, _parts(parts), instance_id)


def _user_data(options: Mapping[str, Any], unknown: Unknown) -> Any:
    """The typed options, and the user data, whose keys go before theirs."""
    typed, raw = cloud_config(options), options.get("user_data")
    if isinstance(raw, str) and typed:
        raise HypervisorError(
            f"user_data is a string, so {', '.join(sorted(typed))} cannot be added to it: give a dictionary.",
            "INVALID_OPTION",
        )
    raw = _checked("user_data", {} if raw is None else raw, unknown)
    return raw if isinstance(raw, str) else {**typed, **raw}


def _checked(name: str, value: Any, unknown: Unknown) -> Any:
    if isinstance(value, Mapping):
        check_cloud_config(name, value, unknown)
    elif isinstance(value, str):
        if not value.lower().startswith(_HEADERS):
            raise HypervisorError(
                f"{name} is a string whose first line cloud-init does not know: start it with '#cloud-config', '#!'"
                " or a MIME header, or give a dictionary.",
                "INVALID_OPTION",
            )
    elif value is not None:
        raise HypervisorError(f"{name} has to be a dictionary or a string.", "INVALID_OPTION")
    return value


def _network(options: Mapping[str, Any], unknown: Unknown) -> Any:
    if options.get("network") is not None:
        return network_config(options["network"])
    if options.get("network_config") is not None:
        check_network_config("network_config", options["network_config"], unknown)
    return options.get("network_config")


def _text(value: Any) -> str:
    """JSON is YAML, so dictionaries are written as JSON."""
    text = "#cloud-config\n" + _json(value) if isinstance(value, Mapping) else value
    text = text if text.endswith("\n") else text + "\n"
    return str(text) + "\n" * (len(_NOTHING) - len(text))


def _spent(value: Any, text: str) -> bytes:
    """What later boots read, filled up to the length of what the first one read."""
    left = {key: value[key] for key in value if key in _EVERY_BOOT.split()} if isinstance(value, Mapping) else {}
    made = ("#cloud-config\n" + _json(left) if left else _NOTHING).encode()
    return made + b"\n" * (len(text.encode()) - len(made))


def _parts(content: Mapping[str, Any]) -> dict[str, str]:
    parts = {}
    for name, value in content.items():
        if isinstance(value, Mapping) and name != "network-config":
            parts.update({f"{name}.{key}": _digest(each)[:_PART] for key, each in value.items()})
        elif value is not None:
            parts[name] = _digest(value)[:_PART]
    return parts


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True) + "\n"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
