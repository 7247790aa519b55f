"""A digest reaches people, or nobody is counted as told."""

from __future__ import annotations

import http.server
import socketserver
import threading
from contextlib import contextmanager

import pytest

from freedom_policy import delivery
from freedom_policy.errors import BadInput, SourceFailed

EML = "Subject: What moved\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nNothing changed.\n"


class _Mail(socketserver.StreamRequestHandler):
    """As much SMTP as smtplib needs."""

    def handle(self):
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                if self.server.refuse_data:
                    self.wfile.write(b"452 mailbox full\r\n")
                    continue
                self.wfile.write(b"354 go on\r\n")
                body = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    body += part
                self.server.received.append(body.decode())
                self.wfile.write(b"250 taken\r\n")
            elif verb == b"RCPT" and b"nobody@" in line:
                self.wfile.write(b"550 no such user\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


@contextmanager
def running(server):
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def mail():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail)
    server.received, server.refuse_data = [], False
    with running(server):
        yield server


def smtp(server):
    return delivery.Smtp(host="127.0.0.1", port=server.server_address[1], sender="digest@example.org", tls=False)


def test_recipients_do_not_see_each_other_and_a_repeat_has_the_same_id(mail):
    for _ in range(2):
        delivery.send_mail(EML, ("a@example.org", "b@example.org"), smtp(mail), message_id="<issue-1@freedom-policy>")
    assert len(mail.received) == 2
    assert all("Message-ID: <issue-1@freedom-policy>" in message for message in mail.received)
    assert "a@example.org" not in mail.received[0]


def test_a_server_that_refuses_half_way_is_told_in_a_line(mail):
    mail.refuse_data = True
    with pytest.raises(SourceFailed, match="452 mailbox full"):
        delivery.send_mail(EML, ("a@example.org",), smtp(mail), message_id="<x@y>")
    assert not mail.received


def test_a_refused_recipient_is_not_silent(mail):
    with pytest.raises(SourceFailed, match="refused 1 of 2"):
        delivery.send_mail(EML, ("a@example.org", "nobody@example.org"), smtp(mail), message_id="<x@y>")


@pytest.mark.parametrize("address", ["nobody", "a@b@c", "a@example.org\r\nBcc: x@example.org", "a b@example.org"])
def test_an_address_that_is_none(mail, address):
    with pytest.raises(BadInput, match="not an e-mail address"):
        delivery.send_mail(EML, (address,), smtp(mail), message_id="<x@y>")


def test_no_server_there():
    with pytest.raises(SourceFailed, match="did not take the digest"):
        delivery.send_mail(
            EML, ("a@b.org",), delivery.Smtp(host="127.0.0.1", port=9, sender="x@y.org", tls=False), message_id="<x@y>"
        )


def test_a_password_never_travels_in_clear_text():
    table = {"host": "mail.example.org", "sender": "x@y.org", "user": "u", "password": "secret", "tls": False}
    with pytest.raises(BadInput, match="clear text") as told:
        delivery.smtp_settings({"smtp": table})
    assert "secret" not in str(told.value)
    with pytest.raises(BadInput, match=r"\[smtp\]"):
        delivery.smtp_settings({})
    with pytest.raises(BadInput, match="host"):
        delivery.smtp_settings({"smtp": {"sender": "x@y.org"}})


def test_webhook():
    got = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.headers["Idempotency-Key"], self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200 if self.path == "/ok" else 500)
            self.end_headers()

        def log_message(self, *args):
            pass

    with running(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)) as server:
        base = f"http://127.0.0.1:{server.server_address[1]}"
        delivery.post_webhook(f"{base}/ok", "{}", idempotency_key="issue-1")
        assert got == [("issue-1", b"{}")]
        with pytest.raises(SourceFailed, match="answered 500"):
            delivery.post_webhook(f"{base}/broken", "{}", idempotency_key="issue-1")
    with pytest.raises(BadInput, match="not a web address"):
        delivery.post_webhook("file:///etc/passwd", "{}", idempotency_key="x")
