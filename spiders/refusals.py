"""Pages that lie: a refusal or challenge that answers as if all were well (HTTP 200), told apart from real replies."""

from __future__ import annotations

import re

from scrapy.http import Response

from .formats import html_title, looks_like_html

# Words of well-known walls, on the page itself. "Request Rejected": F5; "Just a moment": Cloudflare; the others by name.
_WALL = re.compile(
    rb"request rejected|just a moment\.\.\.|attention required! \| cloudflare|cf-challenge|challenge-platform|cf-turnstile"
    rb"|access denied|sucuri website firewall|_incapsula_|pardon our interruption|are you a (?:robot|human)|captcha",
    re.IGNORECASE,
)


def refusal(response: Response, expects: str) -> str | None:
    """Why a reply with status 200 is a refusal, in words; None if it is not.

    Args:
        expects: ``json``, ``xml``, ``html`` or ``any``. Where JSON or XML was due, any HTML page is a refusal.
    """
    if response.headers.get("cf-mitigated"):
        return "answered with a Cloudflare challenge"
    body = response.body
    page = looks_like_html(body)
    if expects in ("json", "xml") and page:
        return f"answered with a web page ({html_title(body) or 'no title'}) where {expects.upper()} was due"
    # A real page may hold one of the words in its text; a wall is short and says it at once.
    if page and len(body) < 20_000 and (match := _WALL.search(body[:8192])):
        return f"answered with a refusal page ({html_title(body) or match[0].decode('ascii', 'replace')})"
    return None
