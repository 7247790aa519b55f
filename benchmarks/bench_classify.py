"""Speed of the classifier, on one core: python benchmarks/bench_classify.py [CORPUS]

CORPUS is the folder of real records (default: $FREEDOM_POLICY_SHARED/corpus or ../shared/corpus). CPU seconds are counted,
so that a busy machine does not slow the figures.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

HALF = 600


def measures(corpus: Path, states: str = "nj mn wa ia ky") -> Iterator[tuple[str, str]]:
    """Titles and abstracts as collected."""
    for state in states.split():
        with tarfile.open(corpus / "openstates" / f"{state}.tar.gz") as archive:
            for member in archive:
                if member.name.endswith("metadata.json"):
                    row = json.load(io.TextIOWrapper(archive.extractfile(member), encoding="utf-8"))  # type: ignore[arg-type]
                    abstracts = " ".join(item.get("abstract") or "" for item in row.get("abstracts") or ())
                    yield row.get("title") or "", abstracts


def texts(corpus: Path, most: int) -> Iterator[str]:
    """Full texts of bills that mention the subject or something near it: the heavy end."""
    with tarfile.open(corpus / "openstates" / "candidate_texts.tar.gz") as archive:
        for member in archive:
            if member.name.endswith("_extracted.txt") and most > 0:
                most -= 1
                yield archive.extractfile(member).read().decode("utf-8", "replace")  # type: ignore[union-attr]


def timed(work: Callable[[], int]) -> tuple[float, int]:
    start = time.process_time()
    count = work()
    return time.process_time() - start, count


def main() -> None:
    shared = os.environ.get("FREEDOM_POLICY_SHARED", "../shared")
    corpus = Path(sys.argv[1] if len(sys.argv) > 1 else f"{shared}/corpus")
    start = time.perf_counter()
    from freedom_policy.classifiers import load_model
    from freedom_policy.classifiers.anchors import normalise, scan
    from freedom_policy.text import clean

    model = load_model()
    model.classify("Human trafficking")
    print(f"import, load and first answer: {time.perf_counter() - start:.2f} s")

    titled = list(measures(corpus))
    seconds, count = timed(lambda: sum(1 for title, abstract in titled if model.classify(title, abstract)))
    print(f"title and abstract: {count / seconds:,.0f} measures/s ({count:,})")

    # The second half shows a long run: by then most cues have been compiled. Versions of one bill stand side by side, as they
    # do in a store, and share passages.
    every = list(texts(corpus, 2 * HALF))
    full, later = every[:HALF], every[HALF:]
    size = sum(map(len, full))
    seconds, _ = timed(lambda: sum(len(scan(normalise(text))) for text in full))
    print(f"anchor screen: {size / seconds / 1e6:,.1f} MB/s")
    seconds, _ = timed(lambda: sum(len(clean(text).text) for text in full))
    print(f"cleaning: {size / seconds / 1e6:,.1f} MB/s")
    for name, some in (("first", full), ("next", later)):
        seconds, count = timed(lambda some=some: sum(1 for text in some if model.classify("", "", text)))  # type: ignore[misc]
        mean = sum(map(len, some)) / count / 1000
        print(
            f"full texts, everything, {name} {count:,}: {count / seconds:,.0f} texts/s (mean {mean:,.0f} thousand characters)"
        )


if __name__ == "__main__":
    main()
