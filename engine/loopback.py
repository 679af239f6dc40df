"""Puts a WSGI application on a loopback port: practice servers in the demo, tests and command."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.types import WSGIApplication

from waitress import create_server, wasyncore


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
        server.task_dispatcher.shutdown()  # its threads wake the loop, so they go first
        # Closed in the loop's own thread, which would else wait on sockets already gone. Under the
        # lock, so that a wake-up of before can't close the pipe between the two lines.
        with server.trigger.lock:
            server.trigger.thunks.append(lambda: wasyncore.close_all(server._map))
            server.pull_trigger()
        thread.join(timeout=5)
