"""How well and how fast texts are extracted: ``python benchmarks/bench_extract.py ARCHIVE [ARCHIVE...]``.

An archive is a tar of files; what another tool extracted from a file may lie beside it as ``NAME_extracted.txt``. Prints per
format: files, how many read, MB/s, marks, and the share of the other tool's words that we have too (it keeps page navigation
and joins words at tags, so less than all is right).
"""

from __future__ import annotations

import re
import sys
import tarfile
import time
from collections import Counter, defaultdict
from pathlib import PurePosixPath

from freedom_policy.text import INSERTED, STRUCK, extract

SUFFIXES = (".htm", ".html", ".xml", ".pdf", ".rtf", ".docx")


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[a-z0-9$]+", text.lower()))


def main() -> None:
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    seconds: Counter[str] = Counter()
    for path in sys.argv[1:]:
        ours: dict[str, tuple[str, Counter[str]]] = {}
        with tarfile.open(path) as archive:
            for member in archive:
                name = member.name
                stream = archive.extractfile(member)
                if stream is None:
                    continue
                stem = re.sub(r"(_extracted)?\.\w+$", "", name)
                if name.endswith("_extracted.txt"):
                    if stem in ours:
                        compare(totals, ours.pop(stem), words(stream.read().decode("utf-8", "replace")))
                elif PurePosixPath(name.lower()).suffix in SUFFIXES:
                    data = stream.read()
                    began = time.perf_counter()
                    found = extract(data)
                    seconds[found.media_type] += time.perf_counter() - began
                    count = totals[found.media_type]
                    count.update(files=1, bytes=len(data), **{found.status: 1}, noted=bool(found.note))
                    count["inserted"] += found.text.count(INSERTED[0])
                    count["struck"] += found.text.count(STRUCK[0])
                    ours[stem] = (found.media_type, words(found.text))
    for kind, count in totals.items():
        shared = f"{count['shared'] / count['theirs']:.1%} of their words" if count["theirs"] else "not compared"
        rate = count["bytes"] / 1e6 / seconds[kind]
        print(
            f"{kind}: {count['files']:,} files, {count['ok']:,} read, {count['empty']} empty, "
            f"{count['unreadable']} unreadable, {rate:.1f} MB/s, {count['inserted']:,} inserted and "
            f"{count['struck']:,} struck, {shared}"
        )


def compare(totals: dict[str, Counter[str]], ours: tuple[str, Counter[str]], theirs: Counter[str]) -> None:
    kind, found = ours
    totals[kind]["theirs"] += sum(theirs.values())
    totals[kind]["shared"] += sum((found & theirs).values())


if __name__ == "__main__":
    main()
