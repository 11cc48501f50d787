# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""HTTP as images need it: bounded, resumed, and honest about why it failed."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Callable

from .._errors import HypervisorError
from .store import explained_space, need_space, open_part

_CHUNK = 1 << 18
_TRANSIENT_STATUS = (408, 425, 429, 500, 502, 503, 504)
_SMALL = 4 << 20
_NETWORK = (urllib.error.URLError, http.client.HTTPException, ConnectionError, socket.timeout, ssl.SSLError)
"""What a network does to a download; any other OSError is the disk's."""

Report = Callable[[int, "int | None"], None]
"""C(report(done, total)) in bytes; the total is None where the server does not tell."""


class Client:
    """Fetches over HTTP and HTTPS, through the proxies of the environment."""

    def __init__(self, timeout: int, retries: int) -> None:
        self._timeout, self._retries = timeout, retries

    def text(self, url: str, secure: bool = False) -> bytes:
        """The content of a small file; with C(secure), by HTTPS only, redirects included."""

        def read() -> bytes:
            with self._open(url, {}, secure) as response:
                content = bytes(response.read(_SMALL))
                if response.length:
                    raise http.client.IncompleteRead(content, response.length)
                return content

        content: bytes = self._again(url, read, lambda: 0)
        return content

    def file(self, url: str, part: Path, report: Report) -> None:
        """Fetch into C(part), going on where an earlier run stopped if the server allows that."""

        def size() -> int:
            return part.stat().st_size if part.exists() else 0

        with explained_space(part.parent, part, _version(part)):
            self._again(url, lambda: self._continue(url, part, size(), report), size)

    def _again(self, url: str, work: Callable[[], Any], progress: Callable[[], int]) -> Any:
        """The result of C(work), tried again after faults that may pass; an attempt that got further is not counted."""
        failures = 0
        while True:
            before = progress()
            try:
                return work()
            except _NETWORK as error:
                failures = 1 if progress() > before else failures + 1
                if failures > self._retries or not _may_pass(error):
                    raise _failed(url, error) from error
            time.sleep(min(failures, 5))

    def _open(self, url: str, headers: dict[str, str], secure: bool = False) -> Any:
        _check_url(url, secure)
        request = urllib.request.Request(url, headers={"User-Agent": "mini.hypervisor", **headers})
        opener = urllib.request.build_opener(_Redirects(secure))
        return opener.open(request, timeout=self._timeout)

    def _continue(self, url: str, part: Path, offset: int, report: Report) -> None:
        response = self._ask(url, part, offset)
        if response is None:
            return
        with response:
            if response.status != 206 or not response.headers.get("Content-Range", "").startswith(f"bytes {offset}-"):
                offset = 0
            length = response.headers.get("Content-Length")
            total = offset + int(length) if length else None
            if total is not None:
                need_space(part.parent, total - offset, url)
            with open_part(part, "r+b" if offset else "wb") as file:
                if not offset:
                    _note_version(part, response.headers)
                file.seek(offset)
                done = offset
                for chunk in iter(lambda: response.read(_CHUNK), b""):
                    file.write(chunk)
                    done += len(chunk)
                    report(done, total)
        if total is not None and done < total:
            raise ConnectionError(f"the connection ended after {done} of {total} bytes")

    def _ask(self, url: str, part: Path, offset: int) -> Any:
        """The server's answer: what is missing, or the whole file; None where nothing is missing."""
        if not offset:
            return self._open(url, {})
        version = _version(part)
        # Where the file has changed since, the server sends the whole of it instead of a rest that does not fit.
        condition = {"If-Range": version.read_text(encoding="ascii")} if version.exists() else {}
        try:
            return self._open(url, {"Range": f"bytes={offset}-", **condition})
        except urllib.error.HTTPError as error:
            if error.code != 416:
                raise
            if error.headers.get("Content-Range", "").strip() == f"bytes */{offset}":
                return None
        discard(part)
        return self._open(url, {})


def discard(part: Path) -> None:
    """Remove a partial file and what is known of it."""
    part.unlink(missing_ok=True)
    forget_version(part)


def forget_version(part: Path) -> None:
    """The file is complete: nothing will be added to it."""
    _version(part).unlink(missing_ok=True)


def _version(part: Path) -> Path:
    """Where it is kept which version of the server's file the part is from."""
    return part.with_name(f"{part.name}.version")


def _note_version(part: Path, headers: Any) -> None:
    """Keep what the server calls this version of the file, if that may be used to continue it (RFC 9110, 13.1.5)."""
    forget_version(part)
    tag = headers.get("ETag", "")
    name = tag if tag and not tag.startswith("W/") else headers.get("Last-Modified", "")
    if name and name.isascii() and name.isprintable():
        _version(part).write_text(name, encoding="ascii")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Redirects that leave HTTPS are followed only where something else verifies the content."""

    def __init__(self, secure: bool) -> None:
        self._secure = secure

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        _check_url(newurl, self._secure)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check_url(url: str, secure: bool) -> None:
    schemes = ("https",) if secure else ("https", "http")
    try:
        parts = urllib.parse.urlsplit(url)
        name, scheme, user = parts.hostname, parts.scheme, parts.username
    except ValueError:
        name, scheme, user = None, "", None
    if user is not None:
        # Not shown: it would be in logs, and the address of an image is also in its record.
        raise HypervisorError(f"A URL at {name} is refused: it holds a user name or password.", code="INVALID_URL")
    if scheme not in schemes or not name:
        why = "checksums that are not signed have to come by HTTPS" if secure else "only http and https are supported"
        raise HypervisorError(f"URL {url!r} is refused: {why}.", code="INVALID_URL", url=url)


def _may_pass(error: Exception) -> bool:
    """Whether the same request may succeed in a moment."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code in _TRANSIENT_STATUS
    cause = getattr(error, "reason", error)
    if isinstance(cause, socket.gaierror):
        return cause.errno == socket.EAI_AGAIN
    return not isinstance(cause, ssl.SSLCertVerificationError)


def _failed(url: str, error: Exception) -> HypervisorError:
    if isinstance(error, urllib.error.HTTPError):
        reason = f"the server answered {error.code} {error.reason}"
    else:
        cause = getattr(error, "reason", error)
        reason = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return HypervisorError(
        f"{url} could not be downloaded: {reason}. Check the URL, the network and the proxy settings (https_proxy).",
        code="DOWNLOAD_FAILED",
        url=url,
        reason=reason,
    )
