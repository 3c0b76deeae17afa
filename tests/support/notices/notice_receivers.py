"""Real receivers of notices: an HTTP gateway and a mail server, on free ports."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.http_server import LOCAL, serving
from tools import ports


@dataclass
class Gateway:
    """The requests to a webhook. It answers `status` once `answers` is set."""

    port: int
    status: int = 200
    answers: threading.Event = field(default_factory=threading.Event)
    got: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def url(self, rest: str = "") -> str:
        """Return its address for Apprise."""
        return f"json://{LOCAL}:{self.port}/{rest}"

    @property
    def references(self) -> list[str]:
        """Return the references of all requests in order."""
        return [message["reference"] for message in self.got]


@contextmanager
def gateway(*, port: int = 0, status: int = 200, answering: bool = True) -> Iterator[Gateway]:
    """Run a gateway within this block."""
    box = Gateway(port, status)
    if answering:
        box.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            box.paths.append(self.path)
            box.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            box.answers.wait(30)
            try:
                self.send_response(box.status)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:  # the sender has disconnected
                return

        def log_message(self, format: str, *args: object) -> None:
            return

    with serving(Handler, port=port) as box.port:
        try:
            yield box
        finally:
            box.answers.set()


class _Inbox:
    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = cast("bytes", envelope.content)
        self.mails.append(message_from_bytes(raw, policy=policy.default))
        return "250 OK"


@dataclass
class MailServer:
    """A mail server and its received mails."""

    port: int
    mails: list[EmailMessage]

    @property
    def url(self) -> str:
        """Its address for Apprise."""
        return mail_address(self.port)


def mail_address(port: int) -> str:
    """Return a channel that mails to the server on this port."""
    return f"mailto://{LOCAL}:{port}?from=notices@example.org&to=duty@example.org&format=text"


@contextmanager
def mail_server(*, port: int = 0) -> Iterator[MailServer]:
    """Run a mail server within this block."""
    inbox = _Inbox()
    controller = Controller(inbox, hostname=LOCAL, port=port or ports.free_port(LOCAL))
    controller.start()
    try:
        yield MailServer(controller.port, inbox.mails)
    finally:
        controller.stop()
