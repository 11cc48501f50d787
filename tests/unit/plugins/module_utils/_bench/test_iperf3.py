# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import functools
import json
from pathlib import Path

import pytest

from ansible_collections.mini.hypervisor.plugins.module_utils._bench import addresses, iperf3
from ansible_collections.mini.hypervisor.plugins.module_utils._errors import HypervisorError

SAMPLES = Path(__file__).parent / "samples/tools"
TCP = (SAMPLES / "iperf3-3.12-tcp.json").read_text()


def code_of(function, *arguments):
    with pytest.raises(HypervisorError) as caught:
        function(*arguments)
    return caught.value.code


def test_one_tcp_stream():
    found = iperf3.parse(TCP)
    assert (found["version"], found["test"], found["congestion"]) == ("3.12", "tcp", "bbr")
    assert found["options"] == {"streams": 1, "reverse": False, "time_s": 1}
    assert found["sent"]["bytes"] == 580648960 and found["sent"]["retransmits"] == 0
    assert found["received"]["gbit_per_second"] == pytest.approx(4.537294809)
    assert found["cpu_s_per_gbit"] == pytest.approx(0.16988328 / 4.537294809)
    assert found["cpu_utilization_percent"]["remote"] == pytest.approx(14.5937989)
    assert found["jitter_ms"] is None and found["lost_percent"] is None
    assert found["intervals"][0]["gbit_per_second"] > 0


def test_many_streams_in_reverse_are_summed():
    found = iperf3.parse((SAMPLES / "iperf3-3.12-tcp-streams-reverse.json").read_text())
    assert found["options"] == {"streams": 2, "reverse": True, "time_s": 1}
    assert found["received"]["bytes"] == 621150208 and found["sent"]["retransmits"] == 3


def test_udp_has_jitter_and_loss():
    found = iperf3.parse((SAMPLES / "iperf3-3.12-udp.json").read_text())
    assert found["test"] == "udp" and found["sent"]["retransmits"] is None
    assert found["lost_percent"] == pytest.approx(0.52356) and found["jitter_ms"] == pytest.approx(0.017050638)
    assert found["received"]["bytes"] == 6225920


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_cut_off_output_is_refused_wherever_it_ends(share):
    assert code_of(iperf3.parse, TCP.rstrip()[: int(len(TCP.rstrip()) * share)]) == "TRUNCATED_OUTPUT"


def places(found, *path):
    """The path of each key and each element."""
    inner = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from places(value, *path, key)


@pytest.mark.parametrize("name", ["iperf3-3.12-tcp.json", "iperf3-3.12-udp.json"])
@pytest.mark.parametrize("garbage", [None, "x", 0, [], {}, [1], "missing"])
def test_whatever_is_garbled_is_a_result_or_an_error_in_words(name, garbage):
    text = (SAMPLES / name).read_text()
    for path in places(json.loads(text)):
        whole = json.loads(text)
        around = functools.reduce(lambda value, key: value[key], path[:-1], whole)
        if garbage == "missing":
            del around[path[-1]]
        else:
            around[path[-1]] = garbage
        with contextlib.suppress(HypervisorError):
            iperf3.parse(json.dumps(whole, indent=1))


def test_errors_are_told():
    refused = (SAMPLES / "iperf3-3.12-refused.json").read_text()
    with pytest.raises(HypervisorError, match="iperf3 failed: unable to connect to server: Connection refused"):
        iperf3.parse(refused)
    assert code_of(iperf3.parse, refused.replace('"error"', '"other"')) == "TRUNCATED_OUTPUT"
    assert code_of(iperf3.parse, TCP.replace("bits_per_second", "bitz_per_second")) == "TRUNCATED_OUTPUT"
    assert code_of(iperf3.parse, TCP + "{") == "UNKNOWN_OUTPUT"


def test_load_stays_inside_of_the_networks():
    addresses.check("127.0.0.1", ["127.0.0.0/8"])
    addresses.check("192.168.122.20", ["127.0.0.0/8", "192.168.122.1/24"])
    addresses.check("fe80::1", ["fe80::/10"])
    for address in ("192.168.123.1", "8.8.8.8", "::1"):
        assert code_of(addresses.check, address, ["127.0.0.0/8", "192.168.122.0/24"]) == "OUTSIDE_NETWORKS"
    for address, network in (("8.8.8.8", "8.0.0.0/8"), ("127.0.0.1", "0.0.0.0/0"), ("localhost", "127.0.0.0/8")):
        assert code_of(addresses.check, address, [network]) == "INVALID_OPTION"
    assert code_of(addresses.check, "127.0.0.1", []) == "OUTSIDE_NETWORKS"
