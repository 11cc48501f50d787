# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module against a real HTTP server and real signatures by keys that live as long as the test run."""

from __future__ import annotations

import fcntl
import hashlib
import http.server
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

CHUNK = 1 << 18


class Mirror:
    """An HTTP server whose files, answers and faults the test chooses."""

    def __init__(self):
        self.files = {}
        self.requests = []
        """(path, the Range header or None), in order."""
        self.conditions = []
        """The If-Range header of each request, or None."""
        self.ranges = True
        self.tags = True
        """Whether answers have an ETag."""
        self.stops_after = None
        """Bytes after which the connection ends, once."""
        self.delay = 0.0
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                mirror.answer(self)

            def log_message(self, *_args):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler):
        wanted = handler.headers.get("Range")
        condition = handler.headers.get("If-Range")
        self.requests.append((handler.path, wanted))
        self.conditions.append(condition)
        content = self.files.get(handler.path)
        if content is None:
            return handler.send_error(404)
        if isinstance(content, str):
            handler.send_response(302)
            handler.send_header("Location", content)
            return handler.end_headers()
        tag = f'"{sha256(content)}"'
        applies = self.ranges and condition in (None, tag)
        start = int(wanted[6:-1]) if wanted and applies else 0
        if start and start >= len(content):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(content)}")
            return handler.end_headers()
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        handler.send_header("Content-Length", str(len(content) - start))
        if self.tags:
            handler.send_header("ETag", tag)
        handler.end_headers()
        end, self.stops_after = start + self.stops_after if self.stops_after else len(content), None
        for position in range(start, min(end, len(content)), CHUNK):
            handler.wfile.write(content[position : min(position + CHUNK, end)])
            time.sleep(self.delay)
        return None


class Signer:
    """An OpenPGP key of its own."""

    def __init__(self, home, *options, expires="never"):
        home.mkdir(mode=0o700)
        self._gpg = [
            "gpg",
            "--homedir",
            str(home),
            "--batch",
            "--quiet",
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "",
        ]
        self._run(*options, "--quick-generate-key", "Images <images@example.org>", "ed25519", "sign", expires)
        listing = self._run("--list-keys", "--with-colons").decode()
        self.fingerprint = re.search(r"^fpr:+([0-9A-F]{40}):", listing, re.MULTILINE).group(1)
        self.key = self._run("--armor", "--export")

    def _run(self, *arguments, content=None):
        return subprocess.run([*self._gpg, *arguments], input=content, capture_output=True, check=True).stdout

    def sign(self, content, *options):
        return self._run(*options, "--detach-sign", content=content)

    def close(self):
        subprocess.run(["gpgconf", "--homedir", self._gpg[2], "--kill", "all"], check=True)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """The key that is pinned, and somebody else's."""
    directory = tmp_path_factory.mktemp("gnupg")
    signers = Signer(directory / "a"), Signer(directory / "b")
    yield signers
    for signer in signers:
        signer.close()


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    path = tmp_path_factory.mktemp("disk") / "disk.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-o", "preallocation=full", str(path), "3M"], check=True)
    return path.read_bytes()


@pytest.fixture
def mirror():
    server = Mirror()
    yield server
    server.close()


@pytest.fixture
def images(tmp_path):
    return tmp_path / "images"


def wanted(mirror, images, content):
    return {"name": "lab", "dest": str(images), "url": f"{mirror.url}/disk.img", "checksum": checksum(content)}


def in_process(options):
    """The module with these options in a process of its own."""
    code = (
        "from ansible.module_utils.testing import patch_module_args\n"
        "import ansible_collections.mini.hypervisor.plugins.modules.image_fetch as module\n"
        f"with patch_module_args({options!r}):\n"
        "    module.main()\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)


@pytest.fixture
def fetch(run_module, mirror, images):
    """C(fetch(option=...)) with a URL and a checksum that fit unless the options say otherwise."""

    def run(**options):
        given = {**wanted(mirror, images, b""), "timeout": 2, "retries": 0, "checksum": None, **options}
        return run_module("image_fetch", **{key: value for key, value in given.items() if value is not None})

    return run


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def checksum(content):
    return f"sha256:{sha256(content)}"


def published(images):
    return sorted(path.name for path in images.iterdir() if not path.name.startswith(".")) if images.is_dir() else []


def parts(images):
    return list(images.glob(".*.part"))


def remains(images):
    """All hidden files but locks."""
    return [path.name for path in images.glob(".*") if path.suffix != ".lock"]


@pytest.fixture
def signed(mirror, keys, disk):
    """Options for an image with kernel and initrd, all signed by the pinned key, which the server also has."""
    signer = keys[0]
    mirror.files = {"/disk.img": disk, "/kernel": b"kernel", "/initrd": b"initrd"}
    sums = "".join(f"{sha256(content)} *{path[1:]}\n" for path, content in mirror.files.items()).encode()
    mirror.files.update({"/SHA256SUMS": sums, "/SHA256SUMS.gpg": signer.sign(sums)})
    mirror.files[f"/key/{signer.fingerprint}"] = signer.key
    sums_url, signature_url = f"{mirror.url}/SHA256SUMS", f"{mirror.url}/SHA256SUMS.gpg"
    return {
        "sums_url": sums_url,
        "signature_url": signature_url,
        "boot_sums_url": sums_url,
        "boot_signature_url": signature_url,
        "kernel_url": f"{mirror.url}/kernel",
        "initrd_url": f"{mirror.url}/initrd",
        "fingerprints": [signer.fingerprint],
        "keyring": [],
        "key_url": mirror.url + "/key/{fingerprint}",
        "root": "LABEL=root",
        "os": {"id": "ubuntu", "version": "20.04"},
    }


def test_a_signed_image_is_fetched_once(fetch, signed, mirror, images, keys, disk):
    predicted = fetch(check=True, **signed)
    assert predicted["changed"] and not images.exists() and mirror.requests == []

    first = fetch(**signed)
    image = first["image"]
    assert first["changed"] and keys[0].fingerprint in image["verified_by"]
    assert Path(image["path"]).read_bytes() == disk and image["sha256"] == sha256(disk)
    assert Path(image["kernel"]).read_bytes() == b"kernel" and Path(image["initrd"]).read_bytes() == b"initrd"
    assert (image["virtual_size"], image["size"], image["format"]) == (3 << 20, len(disk), "qcow2")
    assert {key for key in image if predicted["image"][key] != image[key]} == {
        *("size", "virtual_size", "sha256", "verified_by")
    }
    assert len(published(images)) == 4 and not parts(images)

    mirror.requests.clear()
    for check in (False, True):
        again = fetch(check=check, **signed)
        assert not again["changed"] and again["image"] == image
    assert mirror.requests == []


def test_an_installed_keyring_comes_first(fetch, signed, mirror, keys, tmp_path):
    keyring = tmp_path / "keyring.asc"
    keyring.write_bytes(keys[0].key)
    assert fetch(**{**signed, "keyring": ["/nonexistent.gpg", str(keyring)]})["changed"]
    assert not [path for path, _range in mirror.requests if path.startswith("/key/")]


def test_bad_signatures_are_refused(fetch, signed, mirror, images, keys, tmp_path):
    pinned, other = keys
    good = dict(mirror.files)
    sums, path = good["/SHA256SUMS"], f"/key/{pinned.fingerprint}"
    keyring = tmp_path / "both.gpg"
    keyring.write_bytes(other.key)
    expired = pinned.sign(
        sums, "--faked-system-time", "20200101T000000!", "--ignore-time-conflict", "--default-sig-expire", "1d"
    )
    for changed in (
        {"/SHA256SUMS": sums.replace(b"disk.img", b"disk2img")},  # tampered
        {"/SHA256SUMS.gpg": other.sign(sums)},  # the wrong key, and the right one delivered
        {"/SHA256SUMS.gpg": other.sign(sums), path: other.key},  # the wrong key delivered in its place
        {"/SHA256SUMS.gpg": expired},
        {"/SHA256SUMS.gpg": b"-----BEGIN PGP SIGNATURE-----\nnonsense"},
        {"/SHA256SUMS.gpg": b""},
    ):
        mirror.files = {**good, **changed}
        for rings in ([], [str(keyring)]):
            failed = fetch(**{**signed, "keyring": rings})
            assert failed["code"] == "SIGNATURE_INVALID", changed
    assert published(images) == [] and not parts(images)
    assert "/disk.img" not in [path for path, _range in mirror.requests]


def test_an_expired_key_is_refused(fetch, signed, mirror, images, tmp_path):
    then = ("--faked-system-time", "20200101T000000!")
    signer = Signer(tmp_path / "expired", *then, expires="1d")
    try:
        sums = mirror.files["/SHA256SUMS"]
        mirror.files["/SHA256SUMS.gpg"] = signer.sign(sums, *then)
        mirror.files[f"/key/{signer.fingerprint}"] = signer.key
    finally:
        signer.close()
    keyring = tmp_path / "expired.asc"
    keyring.write_bytes(signer.key)
    for rings in ([], [str(keyring)]):
        failed = fetch(**{**signed, "fingerprints": [signer.fingerprint], "keyring": rings})
        assert failed["code"] == "SIGNATURE_INVALID" and signer.fingerprint in failed["msg"]
    assert published(images) == [] and not remains(images)


def test_a_key_that_cannot_be_fetched_is_a_failed_download(fetch, signed, mirror, keys):
    del mirror.files[f"/key/{keys[0].fingerprint}"]
    assert fetch(**signed)["code"] == "DOWNLOAD_FAILED"


def test_a_short_fingerprint_is_refused(fetch, signed):
    assert fetch(**{**signed, "fingerprints": [signed["fingerprints"][0][-16:]]})["code"] == "INVALID_FINGERPRINT"


def test_a_wrong_file_is_not_kept(fetch, mirror, images, disk):
    mirror.files["/disk.img"] = disk[:-1] + b"x"
    failed = fetch(checksum=checksum(disk))
    assert failed["code"] == "CHECKSUM_MISMATCH" and checksum(disk) in failed["msg"]
    assert published(images) == [] and not parts(images)

    mirror.files["/disk.img"] = disk
    assert fetch(checksum=checksum(disk))["image"]["verified_by"].startswith("sha256")


def test_a_hostile_image_is_not_kept(fetch, mirror, images, disk):
    hostile = bytearray(disk)
    hostile[72 + 7] |= 4  # an external data file
    mirror.files["/disk.img"] = bytes(hostile)
    assert fetch(checksum=checksum(hostile))["code"] == "IMAGE_REFUSED"
    mirror.files["/disk.img"] = disk
    assert fetch(checksum=checksum(disk), format="raw")["code"] == "IMAGE_REFUSED"
    assert fetch(checksum=checksum(disk), max_size="2MiB")["code"] == "IMAGE_REFUSED"
    assert published(images) == [] and not parts(images)


def test_a_broken_connection_is_resumed(fetch, mirror, images, disk):
    mirror.files["/disk.img"] = disk
    mirror.stops_after = CHUNK
    assert fetch(checksum=checksum(disk), retries=1)["changed"]
    assert mirror.requests == [("/disk.img", None), ("/disk.img", f"bytes={CHUNK}-")]


@pytest.mark.parametrize("ranges", [True, False])
def test_the_next_run_goes_on_or_starts_over(fetch, mirror, images, disk, ranges):
    mirror.files["/disk.img"] = disk
    mirror.stops_after = 2 * CHUNK
    failed = fetch(checksum=checksum(disk))
    assert failed["code"] == "DOWNLOAD_FAILED" and published(images) == []
    (part,) = parts(images)
    assert part.stat().st_size == 2 * CHUNK and part.stat().st_mode & 0o777 == 0o600

    mirror.ranges = ranges
    image = fetch(checksum=checksum(disk))["image"]
    assert Path(image["path"]).read_bytes() == disk and not remains(images)
    assert mirror.requests[1:] == [("/disk.img", f"bytes={2 * CHUNK}-")]


@pytest.mark.parametrize("tags", [True, False])
def test_a_file_that_changed_in_between_is_fetched_as_a_whole(fetch, mirror, images, disk, tags):
    mirror.tags = tags
    mirror.files["/disk.img"] = b"x" + disk[1:]
    mirror.stops_after = 2 * CHUNK
    assert fetch(checksum=checksum(disk))["code"] == "DOWNLOAD_FAILED"

    mirror.files["/disk.img"] = disk
    assert Path(fetch(checksum=checksum(disk))["image"]["path"]).read_bytes() == disk and not remains(images)
    # The server tells at once where it names its versions; otherwise the checksum does.
    assert len(mirror.requests) == (2 if tags else 3)
    assert [condition is not None for condition in mirror.conditions] == [False, tags, False][: len(mirror.requests)]


def test_a_resumed_download_is_redirected_too(fetch, mirror, disk):
    mirror.files.update({"/disk.img": "/elsewhere", "/elsewhere": disk})
    mirror.stops_after = CHUNK
    assert fetch(checksum=checksum(disk), retries=1)["changed"]
    assert mirror.requests[-1] == ("/elsewhere", f"bytes={CHUNK}-")


def test_a_file_that_is_shorter_on_the_server_is_refused(fetch, signed, mirror, images, disk):
    mirror.files["/disk.img"] = disk[:-CHUNK]
    assert fetch(**signed)["code"] == "CHECKSUM_MISMATCH"
    assert published(images) == [] and not remains(images)


def test_offline_takes_what_is_there_and_nothing_else(fetch, mirror, images, disk):
    mirror.files["/disk.img"] = disk
    for check in (True, False):
        failed = fetch(check=check, checksum=checksum(disk), offline=True)
        assert failed["code"] == "NOT_CACHED" and str(images) in failed["msg"]
    boot = {f"{kind}_url": f"{mirror.url}/{kind}" for kind in ("kernel", "initrd", "boot_sums")}
    local = {"url": None, "path": "/disk.img", "root": "LABEL=root", "allow_unsigned": True, **boot}
    assert fetch(checksum=checksum(disk), offline=True, **local)["code"] == "NOT_CACHED"
    assert mirror.requests == [] and not images.exists()

    fetch(checksum=checksum(disk))
    mirror.requests.clear()
    assert fetch(checksum=checksum(disk), offline=True)["changed"] is False
    assert mirror.requests == []


def test_a_complete_or_stale_part_is_found_out(fetch, mirror, images, disk):
    mirror.files["/disk.img"] = disk
    mirror.stops_after = CHUNK
    fetch(checksum=checksum(disk))
    (part,) = parts(images)
    part.write_bytes(disk)  # nothing is missing: answered by 416
    assert fetch(checksum=checksum(disk))["changed"]

    other = disk[:-1] + b"x"
    mirror.stops_after = CHUNK
    fetch(checksum=checksum(other))
    (part,) = parts(images)
    mirror.files["/disk.img"] = other
    for stale in (b"s" * CHUNK, other + b"longer"):  # of another version of the file
        part.write_bytes(stale)
        assert fetch(checksum=checksum(other))["image"]["sha256"] == sha256(other)
        for path in images.glob("lab-*"):
            path.unlink()


def test_killed_half_way_the_next_run_converges(fetch, mirror, images, disk):
    mirror.files["/disk.img"] = disk
    mirror.delay = 0.2
    with in_process(wanted(mirror, images, disk)) as run:
        deadline = time.monotonic() + 20
        while not [part for part in parts(images) if part.stat().st_size]:
            assert time.monotonic() < deadline and run.poll() is None
            time.sleep(0.02)
        run.send_signal(signal.SIGKILL)
    assert published(images) == []
    mirror.delay = 0
    assert Path(fetch(checksum=checksum(disk))["image"]["path"]).read_bytes() == disk
    assert "bytes=" in mirror.requests[-1][1] and not parts(images)


def test_redirects(fetch, mirror, disk):
    mirror.files.update({"/disk.img": "/elsewhere", "/elsewhere": disk})
    assert fetch(checksum=checksum(disk))["changed"]
    mirror.files["/disk.img"] = "file:///etc/passwd"
    assert fetch(checksum=checksum(b"x"))["failed"]
    mirror.files["/disk.img"] = "/disk.img"
    assert fetch(checksum=checksum(b"x"))["code"] == "DOWNLOAD_FAILED"


def test_no_download_is_one_clear_error(fetch, mirror, images):
    started = time.monotonic()
    for url in ("http://127.0.0.1:1/x", "http://nowhere.invalid/x", f"{mirror.url}/missing"):
        failed = fetch(url=url, checksum=checksum(b"x"), retries=2)
        assert failed["code"] == "DOWNLOAD_FAILED" and url in failed["msg"]
    assert "404" in failed["msg"] and published(images) == []
    assert time.monotonic() - started < 30


def test_half_a_list_of_checksums_is_no_list(fetch, signed, mirror):
    mirror.stops_after = 10
    assert fetch(**signed)["code"] == "DOWNLOAD_FAILED"
    assert fetch(**signed)["changed"]


def test_a_directory_that_cannot_be_made_is_one_clear_error(fetch, tmp_path):
    (tmp_path / "file").write_text("")
    for dest in (tmp_path / "file", tmp_path / "file" / "images", "/proc/images"):
        failed = fetch(dest=str(dest), checksum=checksum(b""))
        assert failed["code"] == "NOT_WRITABLE" and str(dest) in failed["msg"]


def test_a_server_that_goes_silent_is_given_up(fetch, mirror, disk):
    mirror.files["/disk.img"] = disk
    mirror.delay = 5
    started = time.monotonic()
    assert fetch(checksum=checksum(disk), timeout=1)["code"] == "DOWNLOAD_FAILED"
    assert time.monotonic() - started < 4


def test_unsigned_sums_have_to_come_by_https(fetch, mirror, disk):
    mirror.files.update({"/disk.img": disk, "/SHA256SUMS": f"{sha256(disk)}  disk.img\n".encode()})
    failed = fetch(sums_url=f"{mirror.url}/SHA256SUMS")
    assert failed["code"] == "UNSIGNED" and "allow_unsigned" in failed["msg"]
    failed = fetch(sums_url=f"{mirror.url}/SHA256SUMS", allow_unsigned=True)
    assert failed["code"] == "INVALID_URL" and "HTTPS" in failed["msg"] and mirror.requests == []


def test_what_cannot_be_verified_is_refused(fetch, mirror, tmp_path):
    for options in ({}, {"url": None, "path": str(tmp_path)}):
        assert fetch(**options)["code"] == "MISSING_CHECKSUM"
    assert fetch(checksum="sha256:1")["code"] == "INVALID_CHECKSUM"
    assert fetch(url="file:///etc/passwd", checksum=checksum(b""))["code"] == "INVALID_URL"
    for url in ("http://user:secret@127.0.0.1/x", "http://[::1/x"):
        failed = fetch(url=url, checksum=checksum(b""))
        assert failed["code"] == "INVALID_URL" and "secret" not in failed["msg"]
    assert fetch(sums_url="https://x/y", signature_url="https://x/z")["code"] == "MISSING_OPTION"
    assert fetch(name="../x", checksum=checksum(b""))["code"] == "INVALID_NAME"
    assert mirror.requests == []


def test_a_local_file_is_copied(fetch, images, disk, tmp_path):
    source = tmp_path / "own.qcow2"
    source.write_bytes(disk)
    image = fetch(url=None, path=str(source), checksum=checksum(disk))["image"]
    assert image["source"] == "path" and Path(image["path"]).read_bytes() == disk
    assert not fetch(url=None, path=str(source), checksum=checksum(disk))["changed"]
    assert fetch(url=None, path=str(source), checksum=checksum(b"x"))["code"] == "CHECKSUM_MISMATCH"
    assert fetch(url=None, path="/nonexistent", checksum=checksum(b"x"))["code"] == "FILE_MISSING"
    assert not parts(images) and len(published(images)) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system needs root to mount")
def test_a_full_disk_leaves_nothing(run_module, mirror, disk, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=True)
    try:
        source = tmp_path / "own.qcow2"
        source.write_bytes(disk)
        mirror.files["/disk.img"] = disk
        for origin in ({"url": f"{mirror.url}/disk.img"}, {"path": str(source)}):
            failed = run_module("image_fetch", name="lab", dest=str(small), checksum=checksum(disk), **origin)
            assert failed["code"] == "NO_SPACE" and str(small) in failed["msg"]
            assert published(small) == [] and not parts(small)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_an_image_that_is_being_removed_is_fetched_again(fetch, mirror, images, disk):
    mirror.files["/disk.img"] = disk
    first = fetch(checksum=checksum(disk))["image"]
    with Path(first["record"]).open() as record:
        fcntl.flock(record, fcntl.LOCK_EX)  # as image_clean does
        run = in_process(wanted(mirror, images, disk))
        with pytest.raises(subprocess.TimeoutExpired):
            run.wait(3)
        for path in (first["path"], first["record"]):
            Path(path).unlink()
    output = run.communicate(timeout=30)[0]
    assert b'"changed": true' in output and Path(first["path"]).read_bytes() == disk


def test_several_runs_fetch_once(mirror, images, disk):
    mirror.files["/disk.img"] = disk
    mirror.delay = 0.05
    runs = [in_process(wanted(mirror, images, disk)) for run in range(4)]
    outputs = [run.communicate(timeout=30)[0] for run in runs]
    assert [run.returncode for run in runs] == [0] * 4
    assert sorted(b'"changed": true' in output for output in outputs) == [False] * 3 + [True]
    assert len(mirror.requests) == 1
