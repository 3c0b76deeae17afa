"""TCP ports for a server that we are about to start."""

import errno
import socket


def free_port(ip: str) -> int:
    """Return a port that is free now and that the system gives nobody else for about a minute.

    A connection is opened and closed on it from the listening side, which leaves it in TIME_WAIT: the system
    then does not hand it out again, while a server that asks for it by number gets it.
    """
    with socket.create_server((ip, 0)) as listener:
        port: int = listener.getsockname()[1]
        with socket.create_connection((ip, port)):
            accepted, _ = listener.accept()
            accepted.close()
    return port


def is_free(ip: str, port: int) -> bool:
    """Return whether a server could listen there now. Raises OSError when the address itself is not ours."""
    try:
        socket.create_server((ip, port)).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise
    return True


def answers(ip: str, port: int) -> bool:
    """Return whether something takes connections there."""
    try:
        socket.create_connection((ip, port), timeout=1).close()
    except OSError:
        return False
    return True
