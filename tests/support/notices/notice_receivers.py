"""Real receivers of notices: a gateway that speaks HTTP and a mail server, on free ports."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tools import ports

LOCAL = "127.0.0.1"


@dataclass
class Gateway:
    """What a webhook got. `status` is its answer, which it gives once `answers` is set."""

    port: int
    status: int = 200
    answers: threading.Event = field(default_factory=threading.Event)
    got: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def url(self, rest: str = "") -> str:
        """Its address for the library."""
        return f"json://{LOCAL}:{self.port}/{rest}"

    @property
    def references(self) -> list[str]:
        """Of everything that it got, in order."""
        return [message["reference"] for message in self.got]


@contextmanager
def gateway(*, port: int = 0, status: int = 200, answering: bool = True) -> Iterator[Gateway]:
    """A gateway that is up inside this block."""
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
            except OSError:  # the sender is gone
                return

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer((LOCAL, port), Handler) as server:
        server.daemon_threads = True
        box.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield box
        finally:
            box.answers.set()
            server.shutdown()
            thread.join()


class _Inbox:
    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = cast("bytes", envelope.content)
        self.mails.append(message_from_bytes(raw, policy=policy.default))
        return "250 OK"


@dataclass
class MailServer:
    """A mail server and what it received."""

    port: int
    mails: list[EmailMessage]

    @property
    def url(self) -> str:
        """Its address for the library."""
        return mail_address(self.port)


def mail_address(port: int) -> str:
    """A channel to the mail server on this port."""
    return f"mailto://{LOCAL}:{port}?from=notices@example.org&to=duty@example.org&format=text"


@contextmanager
def mail_server(*, port: int = 0) -> Iterator[MailServer]:
    """A mail server that is up inside this block."""
    inbox = _Inbox()
    controller = Controller(inbox, hostname=LOCAL, port=port or ports.free_port(LOCAL))
    controller.start()
    try:
        yield MailServer(controller.port, inbox.mails)
    finally:
        controller.stop()
