"""Jinja2 for HTML and Markdown. Both escape every value that a template prints, without being asked."""

from __future__ import annotations

import html
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from .. import safe
from . import accuracy, phrases, words

if TYPE_CHECKING:
    from jinja2 import Environment

_MARKDOWN = re.compile(r"([\\`*_\[\]|~])")
_MARKDOWN_START = re.compile(r"^(?:([-+=#])|(\d+)([.)]))")


def render(template: str, /, **values: Any) -> str:
    """A template of ``templates/`` with values; ``*.md`` is Markdown, everything else HTML."""
    found = _environment(template.endswith(".md")).get_template(template)
    text = found.render(phrases=phrases, words=words, accuracy=accuracy, markdown_link=markdown_link, **values)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n" if template.endswith(".md") else text


@cache
def _environment(markdown: bool) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("freedom_policy.reports"),
        autoescape=True,
        # Markdown has its own escaping, by finalize; what it gives is Markup, so nothing is escaped twice.
        finalize=_markdown_value if markdown else _html_value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _html_value(value: Any) -> Any:
    return "" if value is None else value


def _markdown_value(value: Any) -> Any:
    from markupsafe import Markup

    if value is None:
        return ""
    return value if isinstance(value, Markup) else Markup(markdown(str(value)))  # noqa: S704 (escaped just here)


def markdown(text: str) -> str:
    """Text that Markdown shows as it is: no emphasis, link, heading, list, table or HTML comes of it."""
    line = safe.plain(text)
    line = _MARKDOWN.sub(r"\\\1", html.escape(line, quote=False))
    return _MARKDOWN_START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", line)


def markdown_link(label: str, url: str | None) -> Any:
    """A Markdown link, or the label alone where there is no good address."""
    from markupsafe import Markup

    good = safe.link(url)
    if good is None:
        return Markup(markdown(label))  # noqa: S704 (escaped just here)
    target = good.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C")
    return Markup(f"[{markdown(label)}](<{target}>)")  # noqa: S704 (both parts are escaped)
