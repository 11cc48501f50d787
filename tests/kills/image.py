# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image that is fetched from a slow server: parts, verification, record and names."""

from __future__ import annotations

import hashlib
import http.server
import json
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import Iterator

from .host import PLACE, playing, run
from .victim import Victim

WORD = "TASK [Image |"
"""What a run prints before it changes anything."""

_IMAGES, _FILES = PLACE / "images", PLACE / "files"
_CHUNK, _PAUSE = 1 << 20, 0.1


class _Slow(http.server.BaseHTTPRequestHandler):
    """Files at ten chunks a second, continued where that is asked for."""

    def do_GET(self) -> None:
        path = _FILES / self.path.lstrip("/")
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.end_headers()
        for position in range(start, len(content), _CHUNK):
            self.wfile.write(content[position : position + _CHUNK])
            time.sleep(_PAUSE)

    def log_message(self, *_arguments: object) -> None:
        """Silent."""


def begin() -> Victim:
    """What has to be there; the run that fetches the image."""
    _FILES.mkdir(parents=True)
    disk = _FILES / "disk.qcow2"
    run("qemu-img", "create", "-q", "-f", "qcow2", "-o", "preallocation=full", str(disk), "24M")
    for name in ("kernel", "initrd"):
        (_FILES / name).write_bytes(name.encode() * 300_000)
    keyring, fingerprint = _sign()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    lab = {
        "kills_images": str(_IMAGES),
        "kills_server": f"http://127.0.0.1:{server.server_port}",
        "kills_checksum": f"sha256:{_sha256(disk)}",
        "kills_keyring": str(keyring),
        "kills_fingerprint": fingerprint,
    }
    return playing("image", lab, {})


def faults() -> Iterator[str]:
    """What is not as it shall be after a run that was not disturbed."""
    (record,) = _IMAGES.glob("*.json")
    files = json.loads(record.read_text())["files"]
    names = {Path(entry["path"]).name for entry in files}
    there = {path.name for path in _IMAGES.iterdir() if path.suffix != ".lock"}
    if there != {*names, record.name} or len(names) != 3:
        yield f"files are left: {sorted(there)}"
    sources = {".qcow2": "disk.qcow2", ".vmlinuz": "kernel", ".initrd": "initrd"}
    for entry in files:
        path = Path(entry["path"])
        if not _sha256(path) == entry["sha256"] == _sha256(_FILES / sources[path.suffix]):
            yield f"{path.name} is not what the server has"
        if path.stat().st_mode & 0o777 != 0o644:
            yield f"{path.name} cannot be read by guests"


def end() -> None:
    """Back to nothing, whatever there is; but never a part under a final name."""
    final = [path for path in _IMAGES.glob("[!.]*") if path.suffix != ".json"]
    for path in final:
        name = {".qcow2": "disk.qcow2", ".vmlinuz": "kernel", ".initrd": "initrd"}[path.suffix]
        if _sha256(path) != _sha256(_FILES / name):
            raise SystemExit(f"{path} has its final name and is not whole")
    shutil.rmtree(_IMAGES, ignore_errors=True)


def _sign() -> tuple[Path, str]:
    """Sign the checksums of the boot files; the key and its fingerprint."""
    sums = "".join(f"{_sha256(_FILES / name)}  {name}\n" for name in ("kernel", "initrd"))
    (_FILES / "SHA256SUMS").write_text(sums)
    home, keyring = PLACE / "gnupg", PLACE / "key.asc"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
    run(*gpg, "--quick-generate-key", "kills@example.org", "ed25519", "sign", "never")
    run(*gpg, "--armor", "--output", str(keyring), "--export")
    run(*gpg, "--output", str(_FILES / "SHA256SUMS.gpg"), "--detach-sign", str(_FILES / "SHA256SUMS"))
    listing = subprocess.run([*gpg, "--list-keys", "--with-colons"], check=True, capture_output=True, text=True).stdout
    run("gpgconf", "--homedir", str(home), "--kill", "all")
    found = re.search(r"^fpr:+([0-9A-F]{40}):", listing, re.MULTILINE)
    return keyring, found[1] if found else ""


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
