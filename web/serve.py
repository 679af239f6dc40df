"""The command ``bridgework serve``: pages, worker and scheduler in one process."""

import os
import signal
from ipaddress import ip_address
from types import FrameType
from typing import Any

import click
from waitress.server import create_server

from engine import memory
from engine.cli.output import say
from engine.cli.workspace import Workspace, with_workspace
from engine.drift.upgrades import look_at_connectors, tell_of_upgrades
from engine.errors import SetupError
from engine.run.webhooks.callers import answer_seconds
from engine.run.workers.durable import Worker
from engine.store.users import has_users
from web import create_app
from web.large_bodies import LARGEST_BODY, take_uploads
from web.metrics import metrics_token
from web.site import THREADS

#: Bytes of a request's headers that are taken at all, before anyone looks at it. Of its body see
#: :mod:`web.large_bodies`: by itself waitress would put a whole gigabyte on the disk.
LARGEST_HEADERS = 64 * 1024
#: The address of a proxy in front of the pages, or ``*``: it says who asks.
PROXY_VARIABLE = "BRIDGEWORK_TRUSTED_PROXY"


@click.command()
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535))
@click.option("--host", "address", default="127.0.0.1", show_default=True, help="Where to listen.")
@with_workspace
def serve(workspace: Workspace, port: int, address: str) -> None:
    """Serve the web pages, carry out runs, and start them on schedule; Ctrl-C stops it."""
    answer_seconds()  # a wrong setting is told now, and not to callers
    metrics_token()
    worker = Worker(workspace.store, workspace.host, workspace.library)
    app = create_app(
        workspace.store,
        workspace.host,
        workspace.library,
        enqueue=worker.enqueue,
        listening=address,
    )
    upgraded = look_at_connectors(workspace.store, workspace.host, workspace.library)
    tell_of_upgrades(workspace.store, upgraded)
    for one in upgraded:
        say(f"{one.sentence} Some recipes are held until that is looked at: see /drift/.")
    try:
        parts: dict[int, Any] = {}
        server = create_server(
            app,
            map=parts,
            host=address,
            port=port,
            threads=THREADS,
            ident="",  # no header names the server software: who asks need not know
            max_request_body_size=LARGEST_BODY,
            max_request_header_size=LARGEST_HEADERS,
            **proxy_options(),
        )
    except ValueError as error:  # what waitress makes of a name that leads nowhere
        raise SetupError(
            f"There is no address '{address}' on this computer.",
            hint="Choose another with --host, e.g. 127.0.0.1.",
        ) from error
    except OSError as error:
        raise SetupError(
            f"Port {port} of '{address}' can't be used: {error.strerror}.",
            hint="Choose another with --port or --host.",
        ) from error
    take_uploads(app, parts.values())
    worker.start()
    signal.signal(signal.SIGTERM, _stop)
    memory.started()  # the first run may be hours away
    url = f"http://{_shown(address)}:{server.effective_port}"
    first = "" if has_users(workspace.store) else " Open it to make the admin account."
    click.echo(f"Bridgework is at {url} (Ctrl-C stops it).{first}")
    try:
        server.run()  # returns on Ctrl-C
    finally:
        say("Stopping: runs under way finish what they are at.")
        server.close()
        worker.stop()


def proxy_options() -> dict[str, Any]:
    """Return whose ``X-Forwarded-For`` is believed: else all who come through a proxy are one.

    Wrong passwords are counted by address, and one person's would shut out everybody.

    :raises SetupError: the variable holds no address.
    """
    proxy = os.environ.get(PROXY_VARIABLE, "").strip()
    if not proxy:
        return {}
    try:
        proxy = proxy if proxy == "*" else str(ip_address(proxy))
    except ValueError:
        raise SetupError(
            f"{PROXY_VARIABLE} is no address: '{proxy}'.",
            hint="Give the proxy's IP address, e.g. 127.0.0.1; or * where nobody else gets through.",
        ) from None
    return {"trusted_proxy": proxy, "trusted_proxy_headers": {"x-forwarded-for"}}


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt  # a service's stop is the same as Ctrl-C


def _shown(address: str) -> str:
    """Return the address as a browser takes it."""
    if address in ("0.0.0.0", "::", ""):  # noqa: S104 - compared with, not listened on
        return "localhost"
    return f"[{address}]" if ":" in address else address
