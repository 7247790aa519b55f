"""Where a crawl's own process begins, ``python -m freedom_policy.spiders``: the quick way into :mod:`.worker`."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Load what a crawl needs, in the order that costs least, and run it."""
    # Nothing that is imported is garbage; looking for it while a thousand modules load is a tenth of a crawl's start.
    gc.disable()
    # It asks for the whole stack and for the file of every module, which is cheap only as long as there are few of both.
    import scrapy.core.downloader.contextfactory  # noqa: F401

    from . import worker

    return worker.main()


if __name__ == "__main__":
    sys.exit(main())
