"""Getting a digest to people: e-mail through SMTP, or a POST to a webhook. Nothing here decides what is told."""

from __future__ import annotations

import email.policy
import smtplib
import ssl
from collections.abc import Mapping
from email import message_from_string
from email.utils import formatdate
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from pydantic import Field, ValidationError

from .errors import BadInput, SourceFailed
from .records import Record

_TIMEOUT = 30


class Smtp(Record):
    """How to reach the mail server: the ``[smtp]`` table of the config file."""

    host: str
    port: int = 587
    sender: str
    user: str | None = None
    password: str | None = Field(default=None, repr=False)
    tls: bool = True
    """STARTTLS, or TLS from the start on port 465. Turn it off for a server on this machine only."""


def smtp_settings(values: Mapping[str, Any]) -> Smtp:
    """The mail server from a config file's values.

    Raises:
        BadInput: no ``[smtp]`` table, a field missing or wrong, or a password that would travel in clear text.
    """
    table = values.get("smtp")
    if not isinstance(table, Mapping):
        raise BadInput("No mail server is configured. Add [smtp] with host, port and sender to the config file.")
    try:
        settings = Smtp(**table)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(
            f"[smtp] {'.'.join(map(str, first['loc']))}: {first['msg']}. Mend it in the config file."
        ) from error
    if settings.password and not settings.tls and settings.host not in ("localhost", "127.0.0.1", "::1"):
        raise BadInput(f"[smtp] tls = false would send the password to {settings.host} in clear text. Set tls = true.")
    return settings


def send_mail(eml: str, recipients: tuple[str, ...], smtp: Smtp, *, message_id: str) -> None:
    """Send one message to all recipients or to none.

    Args:
        eml: the message as :meth:`Digest.to_eml` writes it.
        message_id: the same for the same issue of a digest, so that a repeated send shows once in a mailbox.

    Raises:
        BadInput: no recipient, or an address that is none.
        SourceFailed: the server could not be reached or refused a recipient or the message; nothing counts as told.
    """
    if not recipients:
        raise BadInput("No recipient. Give --email ADDRESS.")
    for address in recipients:
        check_address(address)
    message = message_from_string(eml, policy=email.policy.SMTP)
    for name, value in (
        ("From", smtp.sender),
        ("To", "undisclosed-recipients:;"),
        ("Date", formatdate()),
        ("Message-ID", message_id),
    ):
        del message[name]
        message[name] = value
    try:
        with _connect(smtp) as server:
            refused = server.send_message(message, from_addr=smtp.sender, to_addrs=list(recipients))
    except (smtplib.SMTPException, OSError) as error:
        raise SourceFailed(
            f"Mail server {smtp.host}:{smtp.port} did not take the digest: {_plain(error)}. It will be told again."
        ) from error
    if refused:
        raise SourceFailed(
            f"Mail server {smtp.host} refused {len(refused)} of {len(recipients)} recipients. Check the watch's addresses."
        )


def check_address(address: str) -> None:
    """Check that something is one e-mail address.

    Raises:
        BadInput: it is none.
    """
    name, _, domain = address.partition("@")
    if not name or not domain or "@" in domain or any(character in address for character in "\r\n,; "):
        raise BadInput(f"{address!r} is not an e-mail address.")


def _connect(smtp: Smtp) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if smtp.tls and smtp.port == 465:
        server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=_TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=_TIMEOUT)
        if smtp.tls:
            server.starttls(context=context)
    if smtp.user and smtp.password:
        server.login(smtp.user, smtp.password)
    return server


def _plain(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        return f"{error.smtp_code} {reply.decode(errors='replace') if isinstance(reply, bytes) else reply}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"all {len(error.recipients)} recipients were refused"
    return str(error) or type(error).__name__


def post_webhook(url: str, payload: str, *, idempotency_key: str) -> None:
    """POST a digest's JSON to a webhook.

    Raises:
        BadInput: not an http(s) URL.
        SourceFailed: no answer, or one other than 2xx; nothing counts as told.
    """
    check_webhook(url)
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": idempotency_key}
    request = Request(url, data=payload.encode(), headers=headers, method="POST")  # noqa: S310 (scheme checked above)
    where = urlsplit(url).hostname
    try:
        with urlopen(request, timeout=_TIMEOUT):  # noqa: S310
            return
    except HTTPError as error:
        raise SourceFailed(f"The webhook at {where} answered {error.code}. It will be told again.") from error
    except (URLError, OSError) as error:
        raise SourceFailed(f"The webhook at {where} did not answer: {error}. It will be told again.") from error


def check_webhook(url: str) -> None:
    """Check that something can be posted to.

    Raises:
        BadInput: not an http(s) URL.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise BadInput(f"{url!r} is not a web address. A webhook is an http or https URL.")
