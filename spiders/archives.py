"""Files in a folder, a ZIP or a tar archive, one after the other, so that an archive of any size takes little memory."""

from __future__ import annotations

import codecs
import contextlib
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

_TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
MOST = 64 * 1024 * 1024
"""Bytes of one file; a bigger one gives its beginning only, which then does not read."""
_CHUNK = 1024 * 1024


def members(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each wanted file in a folder (with the archives in it), a ZIP, or a tar archive.

    Names use ``/``. A folder is walked in the order of names, an archive in its own order. A single file gives itself.

    Raises:
        OSError, EOFError, zipfile.BadZipFile, tarfile.TarError: the archive is broken.
    """
    for name, stream in opened(path, wanted):
        yield name, stream.read(MOST)


def opened(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, IO[bytes]]]:
    """As :func:`members`, with each file open to be read until the next one is asked for."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and (wanted(file.as_posix()) or _is_archive(file)):
                yield from opened(file, wanted)
    elif path.name.lower().endswith(_TAR):
        # Not as a stream ("r|*"): that takes an archive which breaks off at a file's head for a whole one.
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                if member.isfile() and wanted(member.name) and (content := archive.extractfile(member)):
                    yield member.name, content
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as bundle:
            for name in bundle.namelist():
                if wanted(name):
                    with bundle.open(name) as stream:
                        yield name, stream
    elif wanted(path.as_posix()):
        with path.open("rb") as stream:
            yield path.as_posix(), stream


def _is_archive(file: Path) -> bool:
    return file.suffix.lower() == ".zip" or file.name.lower().endswith(_TAR)


def json_rows(stream: IO[bytes], begun: bytes = b"") -> Iterator[Any]:
    """The elements of a JSON array of any length, one in memory at a time.

    Args:
        begun: bytes that were read from the stream before; the array begins in them.

    Raises:
        ValueError: it is no JSON array, breaks off, or has an element of more than 64 million characters.
    """
    decode = codecs.getincrementaldecoder("utf-8-sig")().decode
    decoder = json.JSONDecoder()
    buffer = decode(begun or stream.read(_CHUNK)).lstrip()
    if not buffer.startswith("["):
        raise ValueError("no JSON array")
    place, empty, due, ended = 1, True, True, False
    while True:
        while buffer[place : place + 1] in (" ", "\t", "\r", "\n"):
            place += 1
        sign = buffer[place : place + 1]
        if sign == "]" and (empty or not due):
            return
        if sign == "," and not due:
            place, due = place + 1, True
            continue
        if sign and (not due or sign in ",]"):
            raise ValueError(f"{sign!r} where an array cannot have it")
        if sign:
            with contextlib.suppress(ValueError):
                row, end = decoder.raw_decode(buffer, place)
                # At the buffer's end a number may go on.
                if end < len(buffer):
                    place, empty, due = end, False, False
                    yield row
                    continue
        if ended or len(buffer) - place > MOST:
            raise ValueError("the array breaks off, or an element of it does not read")
        # Twice as much each time, so that a long element is not tried too often.
        more = stream.read(max(_CHUNK, len(buffer) - place))
        buffer, place, ended = buffer[place:] + decode(more, final=not more), 0, not more
