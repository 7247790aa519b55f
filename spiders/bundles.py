"""ZIP files of a service, fetched to disk piece by piece: memory stays flat, and a connection that breaks costs one piece."""

from __future__ import annotations

import re
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from .base import MeasureSpider
from .failures import BadReply
from .formats import html_title, looks_like_html

PIECE = 16 * 1024 * 1024
"""Bytes asked for at a time."""
_WHOLE = 256 * 1024 * 1024
"""Bytes taken at once from a server that gives no pieces. GovInfo's biggest ZIP of bill status had 36 MB in 2026."""
_MOST = 1024 * 1024 * 1024
"""A ZIP that says it has more bytes than this is not fetched."""
_MEMBER = 64 * 1024 * 1024
"""A file in it that says it has more bytes than this is not unpacked (a ZIP bomb)."""
_RANGE = re.compile(rb"bytes (\d+)-\d+/(\d+)")


@dataclass(frozen=True)
class Bundle:
    """A ZIP on disk, which is gone when it is closed. ``files`` are by base name."""

    validators: dict[str, str]
    files: Mapping[str, zipfile.ZipInfo]
    archive: zipfile.ZipFile
    disk: IO[bytes]

    def read(self, name: str) -> bytes | None:
        """One file of it, checked against its checksum; None if it is not there, broken or too big."""
        info = self.files.get(name)
        if info is None or info.file_size > _MEMBER:
            return None
        try:
            # What is unpacked ends at the size that it says, so the bound above holds for a file that lies too.
            with self.archive.open(info) as stream:
                return stream.read()
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
            return None

    def close(self) -> None:
        """Remove it from disk."""
        self.archive.close()
        self.disk.close()


async def fetch(
    spider: MeasureSpider, url: str, *, unless: Mapping[str, str] | None = None, piece: int = PIECE
) -> Bundle | None:
    """A ZIP of the service, to be closed by the caller.

    Args:
        url: as for :meth:`~.base.MeasureSpider.get`.
        unless: validators of the ZIP that was read before.
        piece: bytes asked for at a time.

    Returns:
        The ZIP; None if it is the one that was read before (status 304).

    Raises:
        BadReply: what came is no ZIP, or breaks off; else as :meth:`~.base.MeasureSpider.get`.
    """
    disk = tempfile.TemporaryFile()  # noqa: SIM115  closed with the bundle
    try:
        validators = await _download(spider, url, disk, unless, piece)
        if validators is None:
            disk.close()
            return None
        archive = zipfile.ZipFile(disk)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        disk.seek(0)
        head = disk.read(4096)
        disk.close()
        page = f"a web page ({html_title(head) or 'no title'})" if looks_like_html(head) else f"no whole ZIP: {error}"
        raise BadReply(f"answered with {page}", url=url, raw=head) from error
    except BaseException:
        disk.close()
        raise
    return Bundle(validators, {PurePosixPath(info.filename).name: info for info in archive.infolist()}, archive, disk)


async def _download(
    spider: MeasureSpider, url: str, disk: IO[bytes], unless: Mapping[str, str] | None, piece: int
) -> dict[str, str] | None:
    """Write a file to disk; its validators, or None for status 304."""
    validators: dict[str, str] = {}
    done, total = 0, 1
    while done < total:
        headers = {"Range": f"bytes={done}-{done + piece - 1}", "Accept-Encoding": "identity"}
        # If it changed between two pieces the whole of it comes. A weak validator ("W/") may not stand here.
        tag = validators.get("etag", "W/")
        if same := validators.get("modified") if tag.startswith("W/") else tag:
            headers["If-Range"] = same
        response = await spider.get(
            url, headers=headers, expects="any", unless=None if done else unless, most=max(_WHOLE, piece)
        )
        if response.status == 304:
            return None
        if response.status == 206:
            match = _RANGE.match(response.headers.get("Content-Range") or b"")
            if not match or int(match[1]) != done or not response.body or int(match[2]) > _MOST:
                raise spider.bad_reply(response, f"a piece of a file that was not asked for, or is too big: {match}")
            done, total = done + len(response.body), int(match[2])
        else:
            disk.seek(0)
            disk.truncate()
            done = total = len(response.body)
        validators = spider.validators(response)
        disk.write(response.body)
    return validators
