"""Open States scraper JSON and bulk files from a folder or archive: 100,000 bills in minutes, no request made.

``--base-url PATH`` names the files. Texts in a ``files/`` folder beside a bill's JSON become the words of its versions.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import groupby
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import IO, Any
from urllib.parse import unquote

from freedom_policy.records import Measure, TextVersion
from freedom_policy.text import Extracted, extract

from .archives import MOST, json_rows, opened
from .base import MeasureSpider, Yielded
from .failures import Broken
from .openstates import key_of, measure_of, place_of, session_of

_BILL = "bill/"
_EXTRACTED = "_extracted.txt"
_HEAD = re.compile(rb"\A(?:[A-Z][A-Za-z ]*:[^\n]*\n)+\s*={20,}\s*")


class OpenStatesBulkSpider(MeasureSpider):
    """Bills from files. A bill whose bytes are as they were last time is told as unchanged."""

    name = "openstates-bulk"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seen: set[str] = set()

    async def collect(self) -> AsyncIterator[Yielded]:
        """Never called: nothing is fetched."""
        raise NotImplementedError
        yield

    def read_local(self, path: Path) -> Iterator[Yielded]:
        """All bills below a folder or in an archive, in its order; one folder of it in memory at a time.

        Raises:
            Broken: it holds no JSON file, or breaks off.
        """
        files = 0
        try:
            for _, group in groupby(opened(path, _wanted), key=lambda member: _folder(member[0])):
                texts: dict[str, bytes] = {}
                bill: tuple[str, bytes] | None = None
                for name, stream in group:
                    files += name.endswith(".json")
                    if "/files/" in name:
                        texts[PurePosixPath(name).name] = stream.read(MOST)
                    elif PurePosixPath(name).name == "metadata.json":
                        bill = (name, stream.read(MOST))  # its texts may come before it or after it
                    else:
                        yield from self._file(_where(path, name), stream)
                if bill:
                    yield from self._one_bill(_where(path, bill[0]), bill[1], texts)
        except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise Broken(f"{path.name} breaks off: {error}", mend="Get the file again.") from error
        if not files:
            raise Broken(
                f"No JSON files in {path}.", mend="Name a folder or archive of Open States scraper output or bulk JSON."
            )
        if self.jurisdiction:  # without a place the files are whatever somebody put there, not a whole of anything
            self.listed(len(self._seen))

    def _file(self, where: str, stream: IO[bytes]) -> Iterator[Yielded]:
        """A bill, or a session's bulk file: an array of any length, of which one bill is in memory at a time."""
        begun = stream.read(4096)
        if not begun.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
            yield from self._one_bill(where, begun + stream.read(MOST - len(begun)), {})
            return
        try:
            for number, row in enumerate(json_rows(stream, begun)):
                yield from self._row(where, number, row)
        except (ValueError, RecursionError) as error:
            yield self.reject(f"no JSON: {error}", url=where, raw=begun, media_type="application/json", key=where)

    def _one_bill(self, where: str, body: bytes, texts: Mapping[str, bytes]) -> Iterator[Yielded]:
        """A file of its own for a bill, with the files of its texts."""
        try:
            row = json.loads(body)
        except (ValueError, RecursionError) as error:
            yield self.reject(f"no JSON: {error}", url=where, raw=body, media_type="application/json", key=where)
            return
        yield from self._row(where, 0, row, body, texts)

    def _row(
        self,
        where: str,
        number: int,
        row: Any,
        body: bytes | None = None,
        texts: Mapping[str, bytes] = MappingProxyType({}),
    ) -> Iterator[Yielded]:
        """A bill's object; others are skipped. ``number``: its place in a file, for one without an identifier."""
        if not isinstance(row, dict) or "identifier" not in row or "actions" not in row:
            return  # a vote, a person or an organisation of the same run
        try:
            yield from self._bill(row, body, texts, where)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            why = f"{type(error).__name__}: {error}".splitlines()[0]
            raw = body or json.dumps(row).encode()
            key = str(row.get("identifier") or number)
            yield self.reject(why, url=where, raw=raw, media_type="application/json", key=key)

    def _bill(
        self, row: dict[str, Any], body: bytes | None, texts: Mapping[str, bytes], where: str
    ) -> Iterator[Yielded]:
        row.setdefault("jurisdiction", row.get("jurisdiction_id") or row.get("jurisdiction_name"))
        if not self._asked_for(row):
            return
        key = key_of(row)
        if key in self._seen:
            self.problem(f"{key} is there twice; the later one counts.", where=where, sort="twice")
        self._seen.add(key)
        digest = hashlib.blake2b(body or json.dumps(row, sort_keys=True).encode(), digest_size=8)
        for name in sorted(texts):
            digest.update(texts[name])
        remembered = digest.hexdigest()
        if self.known(_BILL + key) == remembered:
            yield self.unchanged(key, where)
            return
        measure = measure_of(row, self.source(where))
        yield self.found(self._with_texts(measure, texts), remember={_BILL + key: remembered})

    def _asked_for(self, row: Mapping[str, Any]) -> bool:
        where = row["jurisdiction"]
        place = place_of(where if isinstance(where, str) else where["id"])
        if self.jurisdiction and place != self.jurisdiction:
            return False
        if (
            self.options.session
            and session_of(place, row.get("legislative_session") or row["session"]) != self.options.session
        ):
            return False
        if self.options.since and not any(
            (a.get("date") or "") >= self.options.since.isoformat() for a in row["actions"]
        ):
            return False
        if self.options.query:
            words = [
                row.get("title"),
                *(a.get("abstract") for a in row.get("abstracts") or []),
                *(row.get("subject") or []),
            ]
            return self.options.query.lower() in " ".join(filter(None, words)).lower()
        return True

    def _with_texts(self, measure: Measure, texts: Mapping[str, bytes]) -> Measure:
        """The measure with the words of each version whose file lies beside it."""
        if not texts:
            return measure
        versions = []
        for version in measure.versions:
            name = _file_of(version, texts)
            found = _words(texts[name], name, version.media_type) if name else None
            if found and found.status == "ok":
                version = version.model_copy(update={"text": found.text})
            elif found:
                self.problem(f"{measure.key}: {name} is {found.status}: {found.note}", sort="text")
            versions.append(version)
        return measure.model_copy(update={"versions": tuple(versions)})


def _words(body: bytes, name: str, media_type: str | None) -> Extracted:
    if not name.endswith(_EXTRACTED):
        return extract(body, media_type)
    # Another tool took the words out and wrote a head of its own over them.
    return extract(_HEAD.sub(b"", body), "text/plain")


def _where(path: Path, name: str) -> str:
    """How a file is called: where it lies on this machine is nobody's business."""
    return f"{path.name}/{name.removeprefix(path.as_posix()).lstrip('/')}"


def _wanted(name: str) -> bool:
    return name.endswith(".json") or "/files/" in name


def _folder(name: str) -> str:
    """The folder of a bill, for its JSON and its texts alike."""
    return name.partition("/files/")[0] if "/files/" in name else name.rpartition("/")[0]


def _file_of(version: TextVersion, texts: Mapping[str, bytes]) -> str | None:
    """The file with a version's words: named by the address it came from and by the version, best format first."""
    note, address = _letters(version.note), _letters(PurePosixPath(unquote(version.url or "")).stem)
    if not note:
        return None
    ranks = (".xml", ".html", ".htm", ".docx", ".rtf", ".pdf")

    def rank(name: str) -> tuple[bool, int, int]:
        stem = _letters(_stem(name))
        kind = next((n for n, suffix in enumerate(ranks) if name.lower().endswith(suffix)), len(ranks))
        return stem != address + note, len(stem), kind

    return min((name for name in texts if _letters(_stem(name)).endswith(note)), key=rank, default=None)


def _stem(name: str) -> str:
    return unquote(name.removesuffix(_EXTRACTED) if name.endswith(_EXTRACTED) else PurePosixPath(name).stem)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())
