"""What can go wrong while reading a source, as exceptions with plain words. One page's error costs one measure."""

from __future__ import annotations


class ReadError(Exception):
    """A reply that could not be had or read. Costs one page; the crawl goes on.

    Args:
        what: one sentence for people, without secrets.
        url: address without key or token.
        raw: body of the reply, if there was one.
    """

    def __init__(self, what: str, *, url: str = "", raw: bytes = b"", media_type: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.url = url
        self.raw = raw
        self.media_type = media_type


class Gone(ReadError):
    """The source says that there is nothing at this address (404, 410)."""


class Unreachable(ReadError):
    """No whole reply after all retries: connection lost, cut or too slow, server errors, a redirect loop, too big."""


class Refused(ReadError):
    """The source will not serve us: 401, 403, a refusal or challenge page, or robots.txt."""


class BadReply(ReadError):
    """A reply that is not what was due (broken JSON or XML, a field of another type)."""


class Stop(Exception):
    """Ends the crawl; what was read stays."""

    def __init__(self, what: str, *, mend: str = "", url: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend
        self.url = url


class Blocked(Stop):
    """The source refuses us as a whole. Verdict ``blocked``."""


class ComeBackLater(Stop):
    """A limit of the source is used up; a later run goes on from here. Verdict ``partial``."""


class Broken(Stop):
    """The source cannot be read as a whole: down, not the service, or empty. Verdict ``failed`` or ``partial``."""
