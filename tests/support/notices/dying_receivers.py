"""Receivers that die during a delivery: a mail server and an HTTP gateway, each at a named point."""

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from enum import StrEnum
from io import BufferedReader

from notices.sender import REFERENCE_FIELD, REFERENCE_HEADER
from tests.support.http_server import LOCAL
from tests.support.polling import PATIENCE

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: the connection is reset on closing, as when its program is killed."""


class MailPoint(StrEnum):
    """The point at which a mail server dies."""

    CONNECTED = "connected"
    GREETED = "greeted"
    ADDRESSED = "addressed"
    IN_THE_TEXT = "in-the-text"
    TAKEN = "taken"
    """It has the whole mail and has not confirmed it."""
    ACKNOWLEDGED = "acknowledged"
    """It has confirmed the mail, and dies before the sender quits."""


class WebPoint(StrEnum):
    """The point at which a gateway dies."""

    CONNECTED = "connected"
    IN_THE_HEADERS = "in-the-headers"
    IN_THE_BODY = "in-the-body"
    TAKEN = "taken"
    IN_THE_ANSWER = "in-the-answer"


@dataclass
class Dying:
    """It lives for one delivery. `took` are the references it had received completely when it died."""

    dead: threading.Event = field(default_factory=threading.Event)
    took: list[str] = field(default_factory=list)


Talk = Callable[[socket.socket, BufferedReader, Dying], None]


@contextmanager
def _dying(port: int, talk: Talk) -> Iterator[Dying]:
    state = Dying()
    listening = socket.create_server((LOCAL, port))
    listening.settimeout(30)

    def live() -> None:
        connection, _ = listening.accept()
        connection.settimeout(30)
        with connection, connection.makefile("rb") as said:
            talk(connection, said, state)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        listening.close()
        state.dead.set()

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        thread.join(PATIENCE)


@contextmanager
def dying_mail_server(port: int, point: MailPoint) -> Iterator[Dying]:
    """Run an SMTP server up to the point; then nobody listens."""

    def talk(connection: socket.socket, said: BufferedReader, state: Dying) -> None:
        if point is MailPoint.CONNECTED:
            return
        connection.sendall(b"220 here\r\n")
        for verb, answer in ((b"EHLO", b"250 here"), (b"MAIL", b"250 OK"), (b"RCPT", b"250 OK")):
            assert said.readline().upper().startswith(verb)
            if point is MailPoint.GREETED:
                return
            connection.sendall(answer + b"\r\n")
        assert said.readline().upper().startswith(b"DATA")
        if point is MailPoint.ADDRESSED:
            return
        connection.sendall(b"354 go on\r\n")
        if point is MailPoint.IN_THE_TEXT:
            said.readline()
            return
        mail = b"".join(iter(said.readline, b".\r\n"))
        state.took.append(str(message_from_bytes(mail)[REFERENCE_HEADER]))
        if point is MailPoint.ACKNOWLEDGED:
            connection.sendall(b"250 OK\r\n")
            assert said.readline().upper().startswith(b"QUIT")

    with _dying(port, talk) as state:
        yield state


@contextmanager
def dying_gateway(port: int, point: WebPoint) -> Iterator[Dying]:
    """Run an HTTP server up to the point; then nobody listens."""

    def talk(connection: socket.socket, said: BufferedReader, state: Dying) -> None:
        if point is WebPoint.CONNECTED:
            return
        headers = said.readline()
        if point is WebPoint.IN_THE_HEADERS:
            return
        headers += b"".join(iter(said.readline, b"\r\n"))
        length = re.search(rb"(?i)content-length: (\d+)", headers)
        assert length is not None
        if point is WebPoint.IN_THE_BODY:
            said.read(int(length[1]) // 2)
            return
        state.took.append(str(json.loads(said.read(int(length[1])))[REFERENCE_FIELD]))
        if point is WebPoint.IN_THE_ANSWER:
            connection.sendall(b"HTTP/1.1 200 O")

    with _dying(port, talk) as state:
        yield state
