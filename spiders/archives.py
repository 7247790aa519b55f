"""Files in a folder, a ZIP or a tar archive, one after the other, so that an archive of any size takes little memory."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

_TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_MOST = 64 * 1024 * 1024
"""Bytes of one file; a bigger one gives its beginning only, which then does not read."""


def members(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each wanted file in a folder (with the archives in it), a ZIP, or a tar archive.

    Names use ``/``. A folder is walked in the order of names, an archive in its own order. A single file gives itself.

    Raises:
        OSError, EOFError, zipfile.BadZipFile, tarfile.TarError: the archive is broken.
    """
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and (wanted(file.as_posix()) or _is_archive(file)):
                yield from members(file, wanted)
    elif path.name.lower().endswith(_TAR):
        # Not as a stream ("r|*"): that takes an archive which breaks off at a file's head for a whole one.
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                if member.isfile() and wanted(member.name) and (stream := archive.extractfile(member)):
                    yield member.name, stream.read(_MOST)
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as bundle:
            for name in bundle.namelist():
                if wanted(name):
                    with bundle.open(name) as stream:
                        yield name, stream.read(_MOST)
    elif wanted(path.as_posix()):
        with path.open("rb") as stream:
            yield path.as_posix(), stream.read(_MOST)


def _is_archive(file: Path) -> bool:
    return file.suffix.lower() == ".zip" or file.name.lower().endswith(_TAR)
