#!/usr/bin/python
# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudinit_seed
short_description: Make a cloud-init seed image
description:
  - Makes the ISO image from which cloud-init in a guest takes its NoCloud data at first boot.
  - What the guest shall be is said by options, or in cloud-init's own words by O(user_data), whose top-level keys
    replace those that the options make. All of it is checked before anything is written; cloud-init itself would ignore
    a wrong key, and tell only its log in the guest.
  - The image is written under another name and renamed when it is complete. Only its owner can read it.
  - A digest of the content is kept in the image, so that a second run with the same content changes nothing.
  - A seed that holds other content is not replaced without O(replace), with code V(SEED_DIFFERS), since a guest reads
    its seed only at first boot. A file that is not such a seed is never touched, with code V(NOT_A_SEED).
  - With O(state=spent) the secrets go when first boot is over.
author:
  - The mini.hypervisor authors (@mini-hypervisor)
extends_documentation_fragment:
  - mini.hypervisor.attributes
requirements:
  - xorriso, genisoimage or mkisofs
attributes:
  platform:
    description: The operating systems on which the module runs.
    support: full
    platforms: linux
options:
  path:
    description: The image file on the hypervisor. Its directory has to exist.
    type: path
    required: true
  state:
    description:
      - Whether the image shall be there.
      - V(spent) takes out of it what only first boot reads. What is left is the identity of the instance, its
        network configuration and the few keys that cloud-init reads at every boot, such as C(bootcmd) and
        C(manage_etc_hosts), so that the guest reboots as it would have otherwise. This is done in place, and is safe
        while the guest runs.
      - A seed that is spent satisfies V(present) too, except with O(replace).
    type: str
    choices: [present, spent, absent]
    default: present
  hostname:
    description:
      - The name of the guest, which is put into the meta data as C(local-hostname).
    type: str
  timezone:
    description: The time zone, such as V(Europe/Berlin).
    type: str
  locale:
    description: The locale, such as V(en_US.UTF-8).
    type: str
  users:
    description:
      - The accounts. The image's own default account is not made where this is given.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name.
        type: str
        required: true
      gecos:
        description: The person's name, or another comment.
        type: str
      uid:
        description: The number.
        type: int
      primary_group:
        description: The group that its files belong to.
        type: str
      groups:
        description: More groups that it is in. They have to exist.
        type: list
        elements: str
      homedir:
        description: The home directory.
        type: str
      shell:
        description: The shell.
        type: str
      system:
        description: Whether it is an account of the system, without a home directory.
        type: bool
      sudo:
        description: Rules for sudo, such as V(ALL=(ALL\) NOPASSWD:ALL).
        type: list
        elements: str
      passwd:
        description: The hash of its password, such as C(openssl passwd -6) makes. A password itself is refused.
        type: str
      lock_passwd:
        description: Whether nobody can log in by password. It is V(true) unless O(users[].passwd) is given.
        type: bool
      ssh_authorized_keys:
        description: The public keys that may log in.
        type: list
        elements: str
  ssh_authorized_keys:
    description: The public keys that may log in to the image's default account.
    type: list
    elements: str
  ssh_host_keys:
    description: The SSH host keys. Without them the guest makes its own, which then never leave it.
    type: list
    elements: dict
    suboptions:
      type:
        description: The kind of key.
        type: str
        choices: [ed25519, ecdsa, rsa]
        required: true
      private:
        description: The text of the private key.
        type: str
        required: true
      public:
        description: The text of the public key.
        type: str
        required: true
  packages:
    description: The packages to install.
    type: list
    elements: str
  package_update:
    description: Whether the package lists are updated. cloud-init does so where there are O(packages).
    type: bool
  package_upgrade:
    description: Whether all packages are upgraded, which makes first boot long and hardly repeatable.
    type: bool
  write_files:
    description: The files to write.
    type: list
    elements: dict
    suboptions:
      path:
        description: The absolute path in the guest.
        type: str
        required: true
      content:
        description: What is in it. An empty file where it is not given.
        type: str
      encoding:
        description: How O(write_files[].content) is encoded.
        type: str
        choices: [text/plain, b64, gz+b64]
      owner:
        description: Its user and group, such as V(root:adm).
        type: str
      permissions:
        description: Its mode in octal digits, such as V('0600'). Without it everybody in the guest can read the file.
        type: str
      append:
        description: Whether the content is appended to the file.
        type: bool
      defer:
        description: Whether it is written late, when accounts and packages are there.
        type: bool
  bootcmd:
    description:
      - Commands that run early in every boot, each a string for the shell or a list of words.
      - They stay in the seed after first boot, so a secret does not belong here.
    type: list
    elements: raw
  runcmd:
    description: Commands that run at the end of first boot, each a string for the shell or a list of words.
    type: list
    elements: raw
  network:
    description:
      - The network cards, the first one being that by which the guest is reached.
      - Without this and O(network_config) the guest configures its first card by DHCP.
    type: list
    elements: dict
    suboptions:
      mac:
        description: The MAC address by which it is found. It keeps the name that the kernel gives it.
        type: str
        required: true
      dhcp4:
        description: Whether it gets an IPv4 address by DHCP. It does where there are no O(network[].addresses).
        type: bool
      dhcp6:
        description: Whether it gets an IPv6 address by DHCP.
        type: bool
      addresses:
        description: Its fixed addresses of both versions, each with a prefix length, such as V(192.168.122.20/24).
        type: list
        elements: str
      gateway4:
        description: The default gateway for IPv4.
        type: str
      gateway6:
        description: The default gateway for IPv6.
        type: str
      nameservers:
        description: The addresses of name servers.
        type: list
        elements: str
      search:
        description: The domains in which short names are looked up.
        type: list
        elements: str
      routes:
        description: More routes.
        type: list
        elements: dict
        suboptions:
          to:
            description: A network, such as V(10.0.0.0/8), or V(default).
            type: str
            required: true
          via:
            description: The gateway.
            type: str
            required: true
          metric:
            description: The metric.
            type: int
      mtu:
        description: The largest packet.
        type: int
      optional:
        description: Whether a boot goes on without it. It is V(true) for all cards but the first.
        type: bool
  user_data:
    description:
      - The user data in cloud-init's own words, as a dictionary (C(#cloud-config)) or as a string with the first line
        that cloud-init asks for.
      - A top-level key of the dictionary replaces what the other options say for that key. A string cannot be combined
        with them, and nothing of it is left when the seed is spent.
    type: raw
  meta_data:
    description:
      - The meta data. Without C(instance-id) it gets one that is made from the content.
    type: dict
  network_config:
    description: The network configuration in cloud-init's own words, of version 1 or 2.
    type: dict
  vendor_data:
    description:
      - The vendor data, a dictionary or a string as O(user_data). What the user data say goes before it.
    type: raw
  unknown_keys:
    description:
      - What is done about a key of O(user_data), O(vendor_data) or O(network_config) that is not in the schema of
        cloud-init, either refusing with code V(UNKNOWN_KEY), or a warning.
    type: str
    choices: [refuse, warn]
    default: refuse
  owner:
    description:
      - The user to whom the file is given when it is written.
      - It is not compared later, because libvirt gives the file to QEMU's user while the guest runs.
    type: str
  group:
    description: The group to which the file is given when it is written.
    type: str
  replace:
    description: Whether a seed is replaced that holds other content, or is spent.
    type: bool
    default: false
seealso:
  - module: mini.hypervisor.guest_wait
"""

EXAMPLES = r"""
- name: Seed a guest with a user who logs in by key
  mini.hypervisor.cloudinit_seed:
    path: /var/lib/libvirt/images/web-seed.iso
    hostname: web
    timezone: Europe/Berlin
    users:
      - name: admin
        groups: [sudo]
        shell: /bin/bash
        sudo: ["ALL=(ALL) NOPASSWD:ALL"]
        ssh_authorized_keys:
          - "{{ lookup('ansible.builtin.file', 'id_ed25519.pub') }}"
    write_files:
      - path: /etc/web.token
        content: "{{ vault_web_token }}"
        permissions: "0600"
    network:
      - mac: "52:54:00:12:34:56"
        addresses: [192.168.122.20/24]
        gateway4: 192.168.122.1
        nameservers: [192.168.122.1]

- name: The same in cloud-init's own words, for what has no option
  mini.hypervisor.cloudinit_seed:
    path: /var/lib/libvirt/images/db-seed.iso
    hostname: db
    user_data:
      ntp:
        servers: [192.168.122.1]

- name: Take the secrets out when the guest is ready
  mini.hypervisor.cloudinit_seed:
    path: /var/lib/libvirt/images/db-seed.iso
    state: spent
    hostname: db
    user_data:
      ntp:
        servers: [192.168.122.1]
"""

RETURN = r"""
before:
  description: The seed as it was, null where there was none.
  returned: success
  type: dict
  contains:
    sha256:
      description: The digest of its content.
      type: str
    spent:
      description: Whether what only first boot reads was no longer in it.
      type: bool
  sample: null
seed:
  description: The seed.
  returned: success
  type: dict
  contains:
    path:
      description: The image file.
      type: str
    sha256:
      description: The digest of its content, null where it is absent.
      type: str
    instance_id:
      description: The identity of the instance, null where the seed is absent.
      type: str
    spent:
      description: Whether what only first boot reads is no longer in it, null where the seed is absent.
      type: bool
    parts:
      description:
        - What the content is made of, with a few digits of the digest of each part. Kept with a guest, they tell
          what has changed since, and no secret.
      type: dict
  sample:
    path: /var/lib/libvirt/images/web-seed.iso
    sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    instance_id: iid-4e07408562bedb8b
    spent: false
    parts:
      user-data.users: 5f70
      user-data.timezone: 03a1
      network-config: 9c2e
      meta-data.local-hostname: 77b8
"""

from ansible_collections.mini.hypervisor.plugins.module_utils._ansible import Request, run
from ansible_collections.mini.hypervisor.plugins.module_utils._guest import seed
from ansible_collections.mini.hypervisor.plugins.module_utils._guest.seed_spec import ALTERNATIVES, SECRET, SPEC


def converge(request: Request) -> dict:
    """The module's work."""
    return seed.converge(request.params, request.check_mode, request.run_command, request.warn)


def main() -> None:
    """Entry point."""
    run(SPEC, converge, libraries=(), concealed=SECRET, mutually_exclusive=ALTERNATIVES)


if __name__ == "__main__":
    main()
