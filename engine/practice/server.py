"""Practice servers: a local copy of a vendor's API, with memory, for demos, tests and trying out.

A connector subclasses :class:`PracticeServer`, adds ``@route`` methods that answer as the vendor
documents, and sample data that holds the awkward cases. It is a WSGI application: tests reach it
through ``httpx2.WSGITransport``; ``serve_practice`` puts it on loopback.
"""

import inspect
import json
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, TypeVar
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request as Request
from werkzeug.wrappers import Response as Response

H = TypeVar("H", bound=Callable[..., Any])

#: Request headers and body fields whose values never enter the request log.
SECRET_WORDS = ("authorization", "secret", "token", "password", "api_key", "code")

#: Where demos and checks steer a server; it is always open, and isn't logged.
CONTROL = "/_practice/"

#: Larger bodies (bytes) are logged by their size alone, so that a long import fits into memory.
LARGEST_LOGGED_BODY = 20_000


class PracticeRefusal(Exception):
    """What a server answers instead of what it was asked for; raised wherever that turns out.

    Each practice server has one of its own, that words it as the vendor does.
    """

    def response(self) -> Response:
        raise NotImplementedError


def route(method: str, path: str, *, open: bool = False) -> Callable[[H], H]:
    """Mark a method as the answer to ``method path``.

    It is called with the request, and with those parts of the path that it has parameters for; it
    returns a Response, or what is answered as JSON.

    :param open: whether anybody may ask; else :meth:`PracticeServer.refusal` is asked first.
    """

    def mark(function: H) -> H:
        anybody = open or path.startswith(CONTROL)
        function.__dict__.setdefault("practice_routes", []).append((method, path, anybody))
        return function

    return mark


def json_response(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None, *, kind: str = "json"
) -> Response:
    """Build an answer; ``kind`` is the content type after ``application/``."""
    text = json.dumps(body, ensure_ascii=False, default=str)
    return Response(text, status, headers=dict(headers or {}), content_type=f"application/{kind}")


@dataclass
class Fault:
    """Something that goes wrong on purpose.

    :param path: requests whose path starts with it are hit.
    :param times: how many of them.
    :param status: answer this status; 0 drops the answer half way, as a broken network does.
    :param body: the answer's text.
    :param headers: e.g. ``{"Retry-After": "1"}``.
    """

    path: str
    times: int = 1
    status: int = 500
    body: str = "Internal Server Error"
    headers: dict[str, str] = field(default_factory=dict)


class PracticeServer:
    """Base of every practice server.

    :param seed: of the sample data; the same seed gives the same data.
    :param clock: seconds since 1970; tests move it to let tokens expire.
    """

    #: What the connector is called; names the server in its answers to ``/_practice``.
    name: ClassVar[str] = ""

    def __init__(self, seed: int = 1, clock: Callable[[], float] = time.time) -> None:
        self.random = random.Random(seed)  # noqa: S311 - sample data, not secrets
        self.clock = clock
        self.lock = threading.RLock()
        self.requests: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self._urls = _routes_of(type(self))

    # -- what a subclass says ------------------------------------------------------------------

    def credentials(self) -> dict[str, Any]:
        """Return the settings a connection to this server needs, besides its base URL."""
        return {}

    def credentials_for(self, log_in: str) -> dict[str, Any]:
        """Return the same for one of several ways to log in; ``credentials`` has the first.

        :param log_in: its name in the connector's ``log_ins``.
        """
        return {**self.credentials(), "log_in": log_in}

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """Return what the server holds, by kind."""
        return {}

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change one record as a person in the vendor's own app would; return it.

        :raises KeyError: there is no such record.
        """
        raise KeyError(kind)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen on ports of its own while the block runs, where the vendor speaks more than HTTP.

        Whoever serves a practice server enters this first: ``credentials`` may name those ports.
        """
        yield

    def refusal(self, request: Request) -> Response | None:
        """Return the answer to a request that isn't let in; None lets it through.

        Who asks, in which version and how often is looked at here, once for all routes but the open
        ones. A :class:`PracticeRefusal` may be raised, too.
        """
        return None

    def answer(self, request: Request) -> Response:
        """Answer a request; a subclass adds here what all its answers carry.

        :raises PracticeRefusal: it is refused.
        """
        try:
            endpoint, parts = self._urls.bind_to_environ(request.environ).match()
        except HTTPException:
            return self.not_found(request)
        if not endpoint.open and (refused := self.refusal(request)) is not None:
            return refused
        given = {name: parts[name] for name in parts if name in endpoint.wanted}
        answer = getattr(self, endpoint.method)(request, **given)
        return answer if isinstance(answer, Response) else json_response(answer)

    def not_found(self, request: Request) -> Response:
        return json_response({"error": "Not Found"}, 404)

    def now(self) -> datetime:
        """Return the time by the server's clock, in UTC."""
        return datetime.fromtimestamp(self.clock(), UTC)

    # -- control, for demos and checks; connectors never use it --------------------------------

    @route("GET", "/_practice/requests")
    def practice_requests(self, request: Request) -> Response:
        return json_response(self.requests)

    @route("GET", "/_practice/records")
    def practice_records(self, request: Request) -> Response:
        return json_response(self.records())

    @route("POST", "/_practice/edit")
    def practice_edit(self, request: Request) -> Response:
        """Take ``{"kind": …, "id": …, "changes": {…}}``."""
        body = request.get_json()
        try:
            return json_response(self.edit(body["kind"], str(body["id"]), body["changes"]))
        except KeyError as error:
            return json_response({"error": f"nothing called {error}"}, 404)

    @route("POST", "/_practice/faults")
    def practice_faults(self, request: Request) -> Response:
        """Take the fields of :class:`Fault`."""
        self.faults.append(Fault(**request.get_json()))
        return json_response({"faults": len(self.faults)})

    # -- WSGI ----------------------------------------------------------------------------------

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        control = request.path.startswith(CONTROL)
        with self.lock:
            fault = None if control else self.fault_for(request.path)
            answer = partial(PracticeServer.answer, self) if control else self.answer
            response = self._fault_answer(fault) if fault else _answered(answer, request)
            if not control:
                self.requests.append(self._log_entry(request, response))
        request.close()  # and with it the files that came in its form
        return response(environ, start_response)

    def fault_for(self, path: str) -> Fault | None:
        """Return what goes wrong at this path now, and count it; None where all is well.

        Servers that listen on ports of their own ask with paths of their own, e.g. ``/imap/fetch``.
        """
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and path.startswith(fault.path):
                    fault.times -= 1
                    return fault
        return None

    def _fault_answer(self, fault: Fault) -> Response:
        if fault.status:
            return Response(fault.body, fault.status, headers=fault.headers)
        broken = Response(fault.body)  # promises more bytes than it sends, then hangs up
        broken.headers["Content-Length"] = str(len(fault.body) + 1000)
        return broken

    def _log_entry(self, request: Request, response: Response) -> dict[str, Any]:
        body: Any = request.get_json(silent=True) if request.is_json else request.form.to_dict()
        if (request.content_length or 0) > LARGEST_LOGGED_BODY:
            body = f"({request.content_length} bytes)"
        return {
            "method": request.method,
            "path": request.path,
            "query": _redacted(request.args.to_dict(flat=False)),
            "body": _redacted(body),
            "status": response.status_code,
            "at": self.clock(),
        }


@dataclass(frozen=True)
class _Endpoint:
    """A method that answers, and which parts of the path it wants."""

    method: str
    wanted: frozenset[str]
    open: bool


_ROUTES: dict[type[PracticeServer], Map] = {}


def _routes_of(server: type[PracticeServer]) -> Map:
    """Return what leads where; worked out once a class, for tests make servers by the hundred."""
    if server in _ROUTES:
        return _ROUTES[server]
    rules = []
    for name in dir(server):
        function = getattr(server, name)
        for method, path, open in getattr(function, "practice_routes", ()):
            wanted = frozenset(inspect.signature(function).parameters)
            rules.append(Rule(path, methods=[method], endpoint=_Endpoint(name, wanted, open)))
    return _ROUTES.setdefault(server, Map(rules, strict_slashes=False))


def _answered(answer: Callable[[Request], Response], request: Request) -> Response:
    try:
        return answer(request)
    except PracticeRefusal as refusal:
        return refusal.response()
    except HTTPException as error:  # e.g. a body that isn't JSON
        return json_response({"error": error.description}, error.code or 400)


def _redacted(body: Any) -> Any:
    if isinstance(body, list):
        return [_redacted(item) for item in body]
    if not isinstance(body, dict):
        return body
    return {key: "…" if _is_secret(key) else _redacted(value) for key, value in body.items()}


def _is_secret(name: str) -> bool:
    return any(word == name or word in name.split("_") for word in SECRET_WORDS)
