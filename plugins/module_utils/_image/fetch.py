# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""Cloud images from a mirror or a local file: fetched, verified, inspected, then published. Nothing else is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping

from .._errors import HypervisorError
from .._progress import Progress
from .._xml.units import parse_size
from . import signature
from .command import Run
from .download import Client, discard, forget_version
from .inspect import inspect
from .store import BOOT_FILES, Staged, Store, copy_sparse, explained_space, need_space, result
from .sums import Checksum, digest_file, find_checksum, parse_checksum


@dataclass(frozen=True)
class Tools:
    """What the outside world gives to the work."""

    run: Run
    client: Client
    progress: Progress


def converge(options: Mapping[str, Any], check_mode: bool, run: Run, warn: Callable[[str], None]) -> dict[str, Any]:
    """Have the image in the directory; returns the module's result."""
    _check(options)
    tools = Tools(run, Client(options["timeout"], options["retries"]), Progress(options["progress_file"]))
    store = Store(options["dest"], options["name"], _inputs(options))
    if not check_mode:
        store.note_use()  # first, so that what is done then is not removed before it is used
    image = store.done(warn)
    if image is not None:
        return result(False, image)
    if options["offline"] and any(options[key] for key in ("url", "kernel_url", "initrd_url")):
        raise store.missing("download")
    if check_mode:
        return result(True, _describe(store, options))
    with store.locked(options["lock_timeout"], tools.progress):
        image = store.done(warn)  # another run may have fetched it in the meantime
        if image is not None:
            return result(False, image)
        with explained_space(store.directory):
            return result(True, _fetch(store, options, tools))


def _check(options: Mapping[str, Any]) -> None:
    """Refuse what could not be verified, before anything is fetched."""
    if not options["checksum"] and (options["path"] or not options["sums_url"]):
        raise HypervisorError(
            f"Image {options['name']} could not be verified: give checksum (sha256:...)"
            + ("." if options["path"] else ", or sums_url and signature_url."),
            code="MISSING_CHECKSUM",
        )
    if options["checksum"]:
        parse_checksum(options["checksum"])
    for sums, kind in (("sums_url", "signature_url"), ("boot_sums_url", "boot_signature_url")):
        if options[sums] and not options[kind] and not options["allow_unsigned"]:
            raise HypervisorError(
                f"The checksums of image {options['name']} ({options[sums]}) are not signed: give {kind}, or allow"
                " it by allow_unsigned, where HTTPS is enough for you.",
                code="UNSIGNED",
                url=options[sums],
            )
        if options[kind] and not options["fingerprints"]:
            raise HypervisorError(
                f"Image {options['name']} has {kind} and no fingerprints: give the full fingerprints of the keys"
                " that may sign.",
                code="MISSING_OPTION",
            )
    parse_size(options["max_size"])


def _inputs(options: Mapping[str, Any]) -> dict[str, Any]:
    """What makes this image another one; how it is verified does not."""
    return {key: options[key] for key in ("url", "path", "checksum", "format", "kernel_url", "initrd_url")}


def _describe(store: Store, options: Mapping[str, Any]) -> dict[str, Any]:
    return store.image(
        options["format"],
        bool(options["kernel_url"]),
        profile="stock",
        dropped=[],
        root=options["root"],
        os=options["os"] or {"id": None, "version": None},
        source="path" if options["path"] else "download",
        url=options["url"] or options["path"],
    )


def _fetch(store: Store, options: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    expected, verified_by = _expected(options, tools)
    boot_files = list(_boot_files(options, tools))
    disk = _stage(store, options["format"], options["url"], options["path"], expected, tools)
    try:
        with disk.part.open("rb") as file:
            header = inspect(file, store.name, options["format"], parse_size(options["max_size"]))
    except HypervisorError:
        discard(disk.part)
        raise
    boot = [_stage(store, BOOT_FILES[kind], url, None, checksum, tools) for kind, url, checksum in boot_files]
    known = {"virtual_size": header.virtual_size, "verified_by": verified_by}
    return store.publish({**_describe(store, options), **known}, disk, boot)


def _expected(options: Mapping[str, Any], tools: Tools) -> tuple[Checksum, str]:
    """The checksum that the image has to have, and who says so."""
    if options["checksum"]:
        checksum = parse_checksum(options["checksum"])
        return checksum, f"{checksum.algorithm} checksum given by the user"
    listing, verified_by = _sums(options, "sums_url", "signature_url", tools)
    return find_checksum(listing, _basename(options["url"]), options["sums_url"]), verified_by


def _boot_files(options: Mapping[str, Any], tools: Tools) -> Iterator[tuple[str, str, Checksum]]:
    """Kind, URL and checksum of each file for direct kernel boot."""
    urls = {kind: options[f"{kind}_url"] for kind in BOOT_FILES if options[f"{kind}_url"]}
    if urls:
        listing, _verified_by = _sums(options, "boot_sums_url", "boot_signature_url", tools)
        for kind, url in urls.items():
            yield kind, url, find_checksum(listing, _basename(url), options["boot_sums_url"])


def _sums(options: Mapping[str, Any], sums: str, signed_by: str, tools: Tools) -> tuple[str, str]:
    """The text of a checksum file, and how far it can be trusted."""
    url, signature_url = options[sums], options[signed_by]
    tools.progress.say(f"downloading {options['name']}: checksums")
    content = tools.client.text(url, secure=not signature_url)
    if not signature_url:
        return content.decode("utf-8", "replace"), f"{_basename(url)} over HTTPS, not signed"
    signer = signature.verify(
        tools.run,
        content,
        tools.client.text(signature_url),
        [signature.check_fingerprint(each) for each in options["fingerprints"]],
        options["keyring"],
        lambda fingerprint: tools.client.text(options["key_url"].replace("{fingerprint}", fingerprint)),
        url,
    )
    return content.decode("utf-8", "replace"), f"{_basename(url)} signed by {signer}"


def _stage(store: Store, suffix: str, url: str | None, path: str | None, expected: Checksum, tools: Tools) -> Staged:
    """The file, complete and verified, under its staging name."""
    part, final = store.part(suffix), store.final(suffix)
    report = tools.progress.reporter(f"{'copying' if path else 'downloading'} {_label(store.name, suffix)}")
    resumed = part.exists()
    if path:
        _copy(Path(path), part, report)
    else:
        tools.client.file(str(url), part, report)
    tools.progress.say(f"verifying {_label(store.name, suffix)}")
    digests = digest_file(part, "sha256", expected.algorithm)
    if digests[expected.algorithm] == expected.digest:
        forget_version(part)
        return Staged(part, final, digests["sha256"])
    discard(part)
    if resumed and url:
        # The server's file may have changed between the run that began it and this one.
        return _stage(store, suffix, url, path, expected, tools)
    found = Checksum(expected.algorithm, digests[expected.algorithm])
    raise HypervisorError(
        f"{url or path} is not the expected file: its checksum is {found}, and {expected} was expected."
        " It was not kept. Run again if the mirror was just being updated; otherwise do not use that source.",
        code="CHECKSUM_MISMATCH",
        expected=str(expected),
        found=str(found),
    )


def _copy(source: Path, part: Path, report: Callable[[int, int | None], None]) -> None:
    if not os.access(source, os.R_OK) or not source.is_file():
        raise HypervisorError(
            f"There is no image file {source} that can be read: give the absolute path of a file on the hypervisor.",
            code="FILE_MISSING",
            path=str(source),
        )
    need_space(part.parent, source.stat().st_blocks * 512, str(source))
    with explained_space(part.parent, part):
        copy_sparse(source, part, report)


def _basename(url: str) -> str:
    return url.split("?", 1)[0].rsplit("/", 1)[-1]


def _label(name: str, suffix: str) -> str:
    return f"{name} ({suffix})" if suffix in BOOT_FILES.values() else name
