"""Puts a WSGI application on a loopback port: practice servers in the demo, tests and command."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.types import WSGIApplication

from waitress import create_server


@contextmanager
def on_loopback(app: WSGIApplication, port: int = 0, threads: int = 8) -> Iterator[str]:
    """Serve ``app`` on 127.0.0.1 while the block runs; yields its URL.

    :param port: 0 takes a free one.
    :param threads: requests answered at once.
    :raises OSError: the port is taken.
    """
    # Bound here: waitress leaves its own socket open when the port is taken.
    listening = socket.create_server(("127.0.0.1", port))
    server = create_server(app, sockets=[listening], threads=threads)
    thread = threading.Thread(
        target=server.run, name=f"loopback:{server.effective_port}", daemon=True
    )
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # In the server's own thread: closed from here, its sockets could go while it waits on them.
        server.trigger.pull_trigger(server.close)
        thread.join(timeout=5)
