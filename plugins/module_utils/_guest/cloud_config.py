# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""The keys that cloud-init knows at the top of user data, of vendor data and of a network configuration.

They and their types are those of cloud-init's own JSON schema, which a hypervisor need not have: with the package comes
a service that would take the hypervisor for a guest.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, Callable, Mapping

from .._errors import HypervisorError

REFUSE, WARN = "refuse", "warn"
"""What is done about a key that cloud-init is not known to know."""

_TYPES: Mapping[str, Any] = {
    "boolean": bool,
    "integer": int,
    "string": str,
    "array": (list, tuple),
    "object": Mapping,
    "null": type(None),
}

_CLOUD_CONFIG = {
    "array": (
        "bootcmd cloud_config_modules cloud_final_modules cloud_init_modules fs_setup mount_default_fields mounts"
        " packages runcmd ssh_authorized_keys ssh_fp_console_blacklist ssh_genkeytypes ssh_import_id"
        " ssh_key_console_blacklist write_files"
    ),
    "array object string": "groups users",
    "array string": "merge_how merge_type",
    "boolean": (
        "allow_public_ssh_keys apt_reboot_if_required apt_update apt_upgrade create_hostname_file"
        " disable_ec2_metadata disable_root manage_resolv_conf migrate no_ssh_fingerprints package_reboot_if_required"
        " package_update package_upgrade prefer_fqdn_over_hostname preserve_hostname ssh_deletekeys ssh_quiet_keygen"
    ),
    "boolean integer string": "apt_pipelining",
    "boolean string": "locale manage_etc_hosts resize_rootfs ssh_pwauth",
    "integer": "launch-index",
    "null object": "ntp wireguard",
    "object": (
        "ansible apk_repos apt autoinstall ca-certs ca_certs chef chpasswd device_aliases disk_setup drivers fan"
        " growpart grub-dpkg grub_dpkg keyboard landscape lxd mcollective output phone_home power_state puppet"
        " random_seed reporting resolv_conf rh_subscription rpi rsyslog salt_minion snap spacewalk ssh ssh_keys"
        " ssh_publish_hostkeys swap system_info ubuntu_advantage ubuntu_pro updates vendor_data yum_repos zypper"
    ),
    "object string": "user",
    "string": (
        "authkey_hash byobu_by_default disable_root_opts final_message fqdn hostname locale_configfile password"
        " timezone version yum_repo_dir"
    ),
}

_ITEMS = {
    "users": (
        "create_groups expiredate doas gecos groups hashed_passwd homedir inactive lock_passwd name"
        " no_create_home no_log_init no_user_group passwd plain_text_passwd primary_group selinux_user shell snapuser"
        " ssh_authorized_keys ssh_import_id ssh_redirect_user sudo system uid"
    ),
    "write_files": "append content defer encoding owner path permissions source",
}
"""The keys of the dictionaries in these lists."""

_NETWORK = {
    "array": "config",
    "object": (
        "bonds bridges dummy-devices ethernets modems nm-devices openvswitch tunnels virtual-ethernets vlans vrfs wifis"
    ),
    "integer string": "version",
    "string": "renderer",
}


def check_cloud_config(name: str, value: Mapping[str, Any], unknown: Callable[[HypervisorError], None]) -> None:
    """Refuse what cloud-init would ignore and only tell its own log; C(unknown) is given what nobody knows."""
    _check(name, value, _CLOUD_CONFIG, unknown)
    for key, known in _ITEMS.items():
        items = value.get(key)
        for number, item in enumerate(items if isinstance(items, (list, tuple)) else ()):
            for each in item if isinstance(item, Mapping) else ():
                if str(each).replace("-", "_") not in known.split():
                    unknown(_unknown(f"{name}.{key}[{number}].{each}", str(each), known.split()))


def check_network_config(name: str, value: Mapping[str, Any], unknown: Callable[[HypervisorError], None]) -> None:
    """Refuse a network configuration that cloud-init would ignore; it may be inside of a key C(network)."""
    inner = value.get("network", value)
    if inner is not value:
        name += ".network"
    if not isinstance(inner, Mapping):
        raise _wrong_type(name, inner, "object")
    if "version" not in inner:
        raise HypervisorError(f"{name} has no version: say version: 2.", "INVALID_OPTION", path=f"{name}.version")
    _check(name, inner, _NETWORK, unknown)


def _check(
    name: str, value: Mapping[str, Any], table: Mapping[str, str], unknown: Callable[[HypervisorError], None]
) -> None:
    types = {key: kinds for kinds, keys in table.items() for key in keys.split()}
    for key, each in value.items():
        if key not in types:
            unknown(_unknown(f"{name}.{key}", str(key), list(types)))
        elif not any(_is(each, kind) for kind in types[key].split()):
            raise _wrong_type(f"{name}.{key}", each, types[key])


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def _wrong_type(path: str, value: Any, kinds: str) -> HypervisorError:
    """The value itself is not told: it may be a secret."""
    found = next((kind for kind in _TYPES if _is(value, kind)), type(value).__name__)
    return HypervisorError(
        f"{path} is of type {found}, and cloud-init takes {' or '.join(kinds.split())}.", "INVALID_OPTION", path=path
    )


def _unknown(path: str, key: str, known: list[str]) -> HypervisorError:
    close = get_close_matches(key, known, 1)
    return HypervisorError(
        f"{path} is no key of cloud-init's{f': {close[0]} is' if close else ''}. Mend it, or use it all the same"
        " with unknown_keys: warn.",
        "UNKNOWN_KEY",
        path=path,
    )
