"""How much of a request is received before anyone looks at it: little, but for files that people upload."""

import copy
import re
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

from engine.store.kept_files import largest_file

#: Bytes of a body that are taken from anybody, which may be twice a webhook's largest.
LARGEST_BODY = 2 * 1024 * 1024
#: Bytes of a form around its file.
AROUND = 100_000
UPLOAD = re.compile(r"/recipes/[^/]+/upload")


def take_uploads(app: Flask, servers: Iterable[Any]) -> None:
    """Let servers receive large files from people who are logged in; from others no more than always.

    The server puts a body on the disk before the pages see it. So whoever isn't logged in must not
    be able to send one as large as a file may be.

    :param servers: what waitress made, of which some listen.
    """

    class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
        def parse_header(self, header: bytes) -> None:
            super().parse_header(header)
            uploads = self.command == "POST" and UPLOAD.fullmatch(self.path)
            if uploads and is_logged_in(app, self.headers.get("COOKIE", "")):
                own = copy.copy(self.__dict__["adj"])
                own.max_request_body_size = largest_file() + AROUND
                self.__dict__["adj"] = own  # of this request alone

    class Channel(HTTPChannel):  # type: ignore[misc]  # likewise
        parser_class = Parser

    for server in servers:
        if hasattr(server, "channel_class"):
            server.channel_class = Channel


def is_logged_in(app: Flask, cookies: str) -> bool:
    """Say whether a header holds a cookie that the pages gave to somebody who logged in.

    Whether it still counts is looked at by the pages.
    """
    cookie = app.session_interface
    if not isinstance(cookie, SecureCookieSessionInterface):
        return False
    signer = cookie.get_signing_serializer(app)
    if signer is None:
        return False
    try:
        given = SimpleCookie(cookies).get(app.config["SESSION_COOKIE_NAME"])
        if given is None:
            return False
        age = int(app.permanent_session_lifetime.total_seconds())
        return bool(signer.loads(given.value, max_age=age).get("_user_id"))
    except (BadSignature, CookieError, AttributeError):
        return False
