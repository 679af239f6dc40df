"""The consent page of an OAuth connector: opened for a person, or answered for a practice server."""

import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic
from urllib.parse import urljoin

import httpx2

from engine.cli.output import say
from engine.connector import Connector
from engine.errors import AuthError, RemoteError, RetryableError, SetupError
from engine.http.connect import begin_oauth, finish_oauth
from engine.store.connections import Connection

#: Vendors insist on an address that was registered with them, so the port can't be just any.
CALLBACK_PORT = 8731
CALLBACK_PATH = "/callback"

#: Seconds a person has to answer the consent page.
PATIENCE = 300


def consent_in_browser(
    connector: Connector,
    connection: Connection,
    *,
    port: int = CALLBACK_PORT,
    patience: float = PATIENCE,
) -> Connection:
    """Send a person to the consent page and wait until they come back with access.

    :param port: of the page on this computer they are sent back to; 0 takes a free one.
    :param patience: seconds to wait.
    :raises SetupError: the port is taken, or nobody came back in time.
    :raises AuthError: access was refused.
    """
    with _callback_page(port) as page:
        redirect_uri = f"http://127.0.0.1:{page.server_port}{CALLBACK_PATH}"
        authorization = begin_oauth(connector, connection, redirect_uri)
        say(f"Open this page and allow access to {connector.title}:\n\n  {authorization.url}\n")
        say(f"(Its app there must have the redirect address {redirect_uri}.)")
        webbrowser.open(authorization.url)
        callback = page.wait(patience)
    if callback is None:
        raise SetupError(
            f"Nobody allowed access to {connector.title} within {patience / 60:g} minutes.",
            hint="Run the command again when you are ready.",
        )
    return finish_oauth(connector, connection, authorization, callback)


def consent_to_practice(
    connector: Connector, connection: Connection, *, transport: httpx2.BaseTransport | None = None
) -> Connection:
    """Answer a practice server's consent page as a person would: open it, press its button.

    :param transport: instead of the network, in tests.
    :raises AuthError: access was refused.
    :raises RemoteError: the page is not what it should be.
    """
    redirect_uri = f"http://127.0.0.1:{CALLBACK_PORT}{CALLBACK_PATH}"
    authorization = begin_oauth(connector, connection, redirect_uri)
    title = f"The consent page of {connector.title}'s practice server"
    try:
        with httpx2.Client(transport=transport, timeout=30) as browser:
            page = browser.get(authorization.url)
            form = _Form()
            form.feed(page.text)
            if page.is_error or not form.found:
                raise AuthError(f"{title} could not be opened (answer {page.status_code}).")
            answer = browser.post(urljoin(authorization.url, form.action), data=form.values)
    except httpx2.HTTPError as error:
        raise RetryableError(f"{title} can't be reached.", hint="Try again.") from error
    location = answer.headers.get("Location", "")
    if not location.startswith(redirect_uri):
        raise RemoteError(f"{title} did not lead back here (answer {answer.status_code}).")
    return finish_oauth(connector, connection, authorization, location, transport=transport)


class _Form(HTMLParser):
    """Reads the first form of a page, filled in as pressing its first button would."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False
        self.action = ""
        self.values: dict[str, str] = {}
        self._pressed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag == "form" and not self.found:
            self.found, self.action = True, have.get("action", "")
        elif tag == "input" and have.get("type") == "hidden":
            self.values[have.get("name", "")] = have.get("value", "")
        elif tag == "button" and not self._pressed:
            self._pressed = True
            if have.get("name"):
                self.values[have["name"]] = have.get("value", "")


class _CallbackPage(HTTPServer):
    """The page on this computer that a vendor sends people back to; answers a single visit."""

    callback: str | None = None

    def wait(self, seconds: float) -> str | None:
        """Return the address someone came back with; None when nobody did in time."""
        end = monotonic() + seconds
        while self.callback is None and (left := end - monotonic()) > 0:
            self.timeout = left
            self.handle_request()
        return self.callback


class _Visit(BaseHTTPRequestHandler):
    server: _CallbackPage

    def do_GET(self) -> None:
        """Thank the visitor, and keep the address they came with."""
        found = self.path.partition("?")[0] == CALLBACK_PATH
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        if found:
            self.server.callback = f"http://127.0.0.1:{self.server.server_port}{self.path}"
            self.wfile.write(b"Thank you. You can close this page and go back to Bridgework.\n")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the address holds the code."""


@contextmanager
def _callback_page(port: int) -> Iterator[_CallbackPage]:
    try:
        page = _CallbackPage(("127.0.0.1", port), _Visit)
    except OSError as error:
        raise SetupError(
            f"Port {port}, to which people come back from the consent page, is taken.",
            hint="Another `bridgework connections add` may still be waiting; end it first.",
        ) from error
    with page:
        yield page
