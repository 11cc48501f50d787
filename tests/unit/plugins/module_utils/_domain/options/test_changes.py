# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changing an option does to the rest of a document."""

from __future__ import annotations

import json

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._domain.options import PROPERTIES
from ansible_collections.mini.hypervisor.plugins.module_utils._xml import document, properties
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.difference import difference
from ansible_collections.mini.hypervisor.plugins.module_utils._xml.kinds import Concealed

MIB = 1024 * 1024


def element(text):
    return document.parse(f"<domain>{text}</domain>")


def changed(text, **options):
    """The document after the options were written, without its outer element."""
    found = element(text)
    properties.write(PROPERTIES, found, properties.normal(PROPERTIES, options))
    return "".join(line.strip() for line in document.to_text(found).splitlines())[len("<domain>") : -len("</domain>")]


def read(text):
    return properties.read(PROPERTIES, element(text))


@pytest.mark.parametrize(
    ("before", "options", "after"),
    [
        ("<vcpu>2</vcpu>", {"vcpus": 1}, '<vcpu current="1">2</vcpu>'),
        ("<vcpu>2</vcpu>", {"max_vcpus": 4}, '<vcpu current="2">4</vcpu>'),
        ("<vcpu>2</vcpu>", {"max_vcpus": 4, "vcpus": 3}, '<vcpu current="3">4</vcpu>'),
        ("<vcpu>2</vcpu>", {"vcpus": 3}, "<vcpu>3</vcpu>"),
        ('<vcpu current="2">4</vcpu>', {"vcpus": 4}, "<vcpu>4</vcpu>"),
        ('<vcpu current="3">4</vcpu>', {"max_vcpus": 2}, "<vcpu>2</vcpu>"),
        ('<vcpu cpuset="0-1">2</vcpu>', {"vcpus": 1}, '<vcpu cpuset="0-1" current="1">2</vcpu>'),
        ("", {"vcpus": 2, "max_vcpus": 4}, '<vcpu current="2">4</vcpu>'),
        ("<vcpu>2</vcpu><vcpus><vcpu id='0'/></vcpus>", {"vcpus": 1}, '<vcpu current="1">2</vcpu>'),
        ("<vcpu>2</vcpu><vcpus><vcpu id='0'/></vcpus>", {"vcpus": 2}, '<vcpu>2</vcpu><vcpus><vcpu id="0"/></vcpus>'),
        ('<vcpu cpuset="0-1">2</vcpu>', {"cpuset": ""}, "<vcpu>2</vcpu>"),
        ('<vcpu cpuset="0,1">2</vcpu>', {"cpuset": "0-1"}, '<vcpu cpuset="0,1">2</vcpu>'),
    ],
)
def test_processors(before, options, after):
    assert changed(before, **options) == after


DIMM = "<memory model='dimm'><target><size unit='MiB'>256</size><node>0</node></target><alias name='ua-one'/></memory>"
PLUGGED = f"<memory unit='MiB'>768</memory><currentMemory unit='MiB'>768</currentMemory><devices>{DIMM}</devices>"


def test_memory_is_what_the_guest_boots_with():
    found = read(PLUGGED)
    assert found["memory"] == 512 * MIB and found["memory_devices"][0]["name"] == "one"
    assert '<memory unit="KiB">1310720</memory>' in changed(PLUGGED, memory="1GiB")
    assert changed(PLUGGED, memory="512MiB") == changed(PLUGGED)


def test_memory_devices_come_on_top():
    two = changed(PLUGGED, memory_devices=[{"name": "two", "size": "256MiB"}])
    assert two.startswith('<memory unit="KiB">1048576</memory><devices>')
    assert '<target><size unit="KiB">262144</size><node>0</node></target>' in two
    assert changed(PLUGGED, memory_devices=[{"name": "one", "state": "absent"}]).startswith(
        '<memory unit="KiB">524288</memory><devices/>'
    )
    balloon = PLUGGED.replace("<currentMemory unit='MiB'>768", "<currentMemory unit='MiB'>700")
    kept = changed(balloon, memory_devices=[{"name": "one", "size": "512MiB"}])
    assert kept.startswith('<memory unit="KiB">1048576</memory><currentMemory unit="MiB">700</currentMemory>')


def test_the_only_cell_has_all_memory():
    one = "<memory>1</memory><cpu><numa><cell id='0' cpus='0' memory='512' unit='MiB'/></numa></cpu>"
    assert 'memory="1048576" unit="KiB"' in changed(one, memory="1GiB")


@pytest.mark.parametrize(
    ("before", "options", "after"),
    [
        (
            "<cpu mode='custom' match='exact' check='partial'><model fallback='allow'>Nehalem</model></cpu>",
            {"cpu": {"mode": "host-passthrough"}},
            '<cpu mode="host-passthrough"/>',
        ),
        ("<cpu mode='host-passthrough'/>", {"cpu": {"topology": {"cores": 2}}}, None),
        ("", {"cpu": {"model": "Nehalem"}}, '<cpu mode="custom"><model>Nehalem</model></cpu>'),
        (
            "<cpu><feature policy='require' name='aes'/></cpu>",
            {"cpu": {"features": [{"name": "aes", "state": "absent"}]}},
            "",
        ),
        ("<iothreads>2</iothreads><iothreadids><iothread id='7'/></iothreadids>", {"iothreads": 0}, ""),
        (
            "<memtune><hard_limit unit='KiB'>1</hard_limit></memtune>",
            {"memtune": {"hard_limit": "unlimited"}},
            "",
        ),
        ("<cputune><shares>9</shares></cputune>", {"cputune": {"shares": 0}}, ""),
        (
            "<cputune><vcpupin vcpu='0' cpuset='1'/><vcpupin vcpu='1' cpuset='2'/></cputune>",
            {"cputune": {"vcpupin": [{"vcpu": 0, "state": "absent"}]}},
            '<cputune><vcpupin vcpu="1" cpuset="2"/></cputune>',
        ),
        ("<cputune><emulatorpin cpuset='1'/></cputune>", {"cputune": {"emulatorpin": ""}}, ""),
        ("<memoryBacking><locked/></memoryBacking>", {"memory_backing": {"locked": False}}, ""),
        (
            "<clock offset='timezone' timezone='Asia/Tokyo'/>",
            {"clock": {"offset": "utc"}},
            '<clock offset="utc"/>',
        ),
        (
            "<features><hyperv mode='custom'><vapic state='on'/></hyperv></features>",
            {"features": {"hyperv": {"mode": "passthrough"}}},
            '<features><hyperv mode="passthrough"/></features>',
        ),
        ("<genid>aa</genid>", {"genid": ""}, ""),
        (
            "<os><loader type='pflash'>/f</loader><nvram>/n</nvram></os>",
            {"firmware": "bios"},
            "",
        ),
        (
            "<os firmware='efi'><nvram>/n</nvram></os>",
            {"firmware": "uefi"},
            '<os firmware="efi"><nvram>/n</nvram></os>',
        ),
        (
            "<os firmware='efi'/>",
            {"loader": "/f"},
            '<os><loader readonly="yes" type="pflash">/f</loader></os>',
        ),
    ],
)
def test_what_belongs_to_the_former_value_goes_with_it(before, options, after):
    if after is None:
        after = '<cpu mode="host-passthrough"><topology cores="2"/></cpu>'
    assert changed(before, **options) == after


def test_one_boot_order_replaces_the_other():
    ordered = "<os/><devices><disk><target dev='vda'/><boot order='1'/></disk></devices>"
    assert changed(ordered, boot=["hd"]).startswith('<os><boot dev="hd"/></os>')
    assert "order" not in changed(ordered, boot=["hd"])
    both = changed("<os><boot dev='hd'/></os><devices><disk type='file'><target dev='vda'/></disk></devices>",
                   disks=[{"target": "vda", "boot_order": 2}])  # fmt: skip
    assert "<os>" not in both and '<boot order="2"/>' in both


def disk(inner, **member):
    text = changed(f"<devices>{inner}</devices>", disks=[{"target": "vda", **member}])
    return text[len("<devices>") : -len("</devices>")]


FILE = "<disk type='file'><source file='/a' startupPolicy='optional'/><backingStore/><target dev='vda'/></disk>"


@pytest.mark.parametrize(
    ("member", "after"),
    [
        ({"source": "/b"}, '<disk type="file"><source file="/b" startupPolicy="optional"/><target dev="vda"/></disk>'),
        (
            {"source": "/dev/b"},
            '<disk type="block"><target dev="vda"/><source startupPolicy="optional" dev="/dev/b"/></disk>',
        ),
        ({"source": ""}, '<disk type="file"><target dev="vda"/></disk>'),
        (
            {"volume": {"pool": "p", "volume": "v"}},
            '<disk type="volume"><target dev="vda"/><source startupPolicy="optional" pool="p" volume="v"/></disk>',
        ),
        (
            {"network_source": {"protocol": "nbd", "name": "n", "hosts": [{"name": "h"}]}},
            '<disk type="network"><target dev="vda"/><source startupPolicy="optional" protocol="nbd" name="n">'
            '<host name="h"/></source></disk>',
        ),
    ],
)
def test_a_disk_has_one_source(member, after):
    assert disk(FILE, **member) == after


def test_a_host_without_a_port_is_at_any():
    source = "<source protocol='nbd' name='n'><host name='h' port='10809'/></source>"
    nbd = f"<disk type='network'>{source}<target dev='vda'/></disk>"
    wanted = {"protocol": "nbd", "name": "n"}
    for hosts, same in (
        ([{"name": "h"}], True),
        ([{"name": "h", "port": 10809}], True),
        ([{"name": "h", "port": 1}], False),
        ([{"name": "g"}], False),
        ([], False),
    ):
        asked = {"disks": [{"target": "vda", "network_source": {**wanted, "hosts": hosts}}]}
        values = properties.normal(PROPERTIES, asked)
        assert (difference(PROPERTIES, read(f"<devices>{nbd}</devices>"), values) == []) == same


def test_limits_stay_in_their_order():
    limits = "<iotune><read_bytes_sec>1</read_bytes_sec><read_iops_sec>2</read_iops_sec></iotune>"
    text = disk(
        f"<disk type='file'><target dev='vda'/>{limits}</disk>", iotune={"write_bytes_sec": "1KiB", "read_iops_sec": 0}
    )
    assert "<read_bytes_sec>1</read_bytes_sec><write_bytes_sec>1024</write_bytes_sec></iotune>" in text


CARD = "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='n' portgroup='g'/>{}</interface>"


def card(inner, **member):
    text = changed(f"<devices>{CARD.format(inner)}</devices>", interfaces=[{"mac": "52:54:00:00:00:01", **member}])
    return text[text.index('01"/>') + len('01"/>') : text.index("</interface>")]


@pytest.mark.parametrize(
    ("inner", "member", "after"),
    [
        ("", {"bridge": "b"}, '<source bridge="b"/>'),
        ("", {"direct": {"dev": "e", "mode": "bridge"}}, '<source dev="e" mode="bridge"/>'),
        ("", {"user": True}, ""),
        ("", {"passt": True}, '<backend type="passt"/>'),
        (
            "<link state='down'/>",
            {"network": "n", "link": "up"},
            '<source network="n" portgroup="g"/><link state="up"/>',
        ),
        ("", {"network": "n", "link": "up"}, '<source network="n" portgroup="g"/>'),
        (
            "<bandwidth><inbound average='1' peak='2'/><outbound average='3'/></bandwidth>",
            {"bandwidth": {"inbound": {"average": 0}}},
            '<source network="n" portgroup="g"/><bandwidth><outbound average="3"/></bandwidth>',
        ),
        (
            "<filterref filter='f'><parameter name='IP' value='1'/></filterref>",
            {"filterref": {"name": ""}},
            '<source network="n" portgroup="g"/>',
        ),
        (
            "<filterref filter='f'><parameter name='IP' value='1'/></filterref>",
            {"filterref": {"parameters": {"IP": ["1", 2]}}},
            '<source network="n" portgroup="g"/><filterref filter="f"><parameter name="IP" value="1"/>'
            '<parameter name="IP" value="2"/></filterref>',
        ),
    ],
)
def test_a_card_is_plugged_into_one_thing(inner, member, after):
    assert card(inner, **member) == after


PASST = """<interface type='user'><mac address='52:54:00:00:00:01'/><backend type='passt'/>
<portForward proto='tcp' address='::1'><range start='2022' to='22'/></portForward>
<portForward proto='udp'><range start='53'/></portForward></interface>"""


def forwards(**member):
    """What a card of passt has after it was given the members, and the paths that this changes."""
    asked = {"interfaces": [{"mac": "52:54:00:00:00:01", **member}]}
    before = read(f"<devices>{PASST}</devices>")
    text = changed(f"<devices>{PASST}</devices>", **asked)
    changes = difference(PROPERTIES, before, properties.normal(PROPERTIES, asked))
    return text[text.index('01"/>') + len('01"/>') : text.index("</interface>")], {each.path: each for each in changes}


def test_ports_are_the_same_however_they_are_told():
    told = [
        {"address": "0:0::1", "ports": [{"start": 2022, "end": 2022, "to": 22, "exclude": False}]},
        {"proto": "udp", "ports": [{"start": 53, "to": 53}]},
    ]
    text, changes = forwards(port_forwards=told)
    assert changes == {} and (text, {}) == forwards()
    # They are in an order: what the one listens to, the other cannot.
    assert list(forwards(port_forwards=told[::-1])[1]) == ["interfaces[52:54:00:00:00:01].port_forwards"]


def test_ports_are_replaced_and_go_with_passt():
    text, changes = forwards(
        port_forwards=[{"ports": [{"start": 1, "end": 9, "to": 11}, {"start": 5, "exclude": True}]}]
    )
    assert text == (
        '<backend type="passt"/><portForward proto="tcp"><range start="1" end="9" to="11"/>'
        '<range start="5" exclude="yes"/></portForward>'
    )
    assert [change.applied for change in changes.values()] == ["next_boot"]
    assert forwards(port_forwards=[])[0] == '<backend type="passt"/>'
    assert forwards(bridge="b")[0] == '<source bridge="b"/>'


@pytest.mark.parametrize(
    ("before", "options", "after"),
    [
        (
            "<graphics type='vnc' port='-1' autoport='yes' listen='::1'><listen address='::1'/></graphics>",
            {"graphics_port": 5901, "graphics_listen": "127.0.0.1"},
            '<graphics type="vnc" port="5901" autoport="no" listen="127.0.0.1"/>',
        ),
        ("<graphics type='vnc' port='5901'/>", {"graphics_port": 0}, '<graphics type="vnc" autoport="yes"/>'),
        ("<graphics type='vnc' passwd='x'/><video/>", {"graphics": "none"}, ""),
        (
            "<video><model type='qxl' ram='65536' vram='65536'/></video>",
            {"video": {"model": "virtio"}},
            '<video><model type="virtio"/></video>',
        ),
        ("<sound model='ich9'/>", {"sound": "none"}, ""),
        ("<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>", {"tpm": {"model": "none"}}, ""),
        ("", {"tpm": {"version": "2.0"}}, '<tpm><backend type="emulator" version="2.0"/></tpm>'),
        ("<vsock><cid auto='no' address='3'/></vsock>", {"vsock_cid": 0}, ""),
        (
            "<memballoon model='virtio' autodeflate='on'><stats period='5'/></memballoon>",
            {"memballoon": "none"},
            '<memballoon model="none"/>',
        ),
        (
            "<memballoon model='virtio'><stats period='5'/></memballoon>",
            {"memballoon_options": {"stats_period": 0}},
            '<memballoon model="virtio"/>',
        ),
        ("", {"memballoon_options": {"autodeflate": True}}, '<memballoon model="virtio" autodeflate="on"/>'),
        ("<controller type='pci' model='pcie-root-port'/>", {"pcie_root_ports": 1}, None),
        (
            "<serial type='pty'><source path='/p'/></serial><console type='pty'/>",
            {"serial": {"type": "file", "path": "/f"}},
            '<serial type="file"><source path="/f"/></serial>',
        ),
        ("<rng model='virtio'><backend model='random'>/r</backend></rng>", {"rng": ""}, ""),
    ],
)
def test_devices(before, options, after):
    expected = changed(f"<devices>{before}</devices>") if after is None else after and f"<devices>{after}</devices>"
    assert changed(f"<devices>{before}</devices>", **options) == (expected or "")


def test_a_secret_is_compared_and_not_shown():
    stored = "<devices><graphics type='vnc' passwd='canary'/></devices>"
    for password, count in (("canary", 0), ("other", 1), ("", 1)):
        wanted = properties.normal(PROPERTIES, {"graphics_password": password})
        changes = [change.as_dict() for change in difference(PROPERTIES, read(stored), wanted)]
        assert len(changes) == count and "canary" not in json.dumps(changes) + str(changes)
    assert 'passwd="new"' in changed(stored, graphics_password="new")
    assert "passwd" not in changed(stored, graphics_password="")
    assert Concealed("a") == Concealed("a") != Concealed("b") and Concealed("a") != Concealed.SHOWN


@pytest.mark.parametrize(
    "text",
    [
        "<clock offset='utc' adjustment='reset'/>",
        "<devices><serial type='tcp'><source mode='connect' host='h' service='telnet'/></serial></devices>",
        "<iothreads/><vcpu/>",
        "<devices><hostdev mode='capabilities' type='misc'><source><char>/d</char></source></hostdev></devices>",
        "<devices><disk type='nvme'><source type='pci' namespace='1'><address domain='0'/></source></disk>"
        "<interface type='vhostuser'/><channel type='pty'/><filesystem type='ram'/><memory model='nvdimm'/></devices>",
        "<devices><interface type='user'><portForward><range/></portForward></interface></devices>",
    ],
)
def test_what_has_no_option_can_be_read(text):
    values = read(text)
    assert changed(text, **{name: values[name] for name in ("clock", "serial") if values[name]}) == changed(text)
