"""A practice Zapier: catch hooks that always succeed, and the addresses that REST hooks are sent to.

As documented: a catch hook takes POST, PUT and GET, forms, JSON and XML, adds the address's query to
the fields, ignores what is empty, and answers success whether its Zap is on or not; 429 above 30
requests a second. The answer's shape, and that a list starts the Zap once for each item, are general
knowledge.
"""

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar
from xml.etree import ElementTree as Xml

from engine.sdk import PracticeServer, Request, RequestWindow, Response, json_response, route

ACCOUNT, HOOK = "1234567", "practice"
HOOK_URL = f"https://hooks.zapier.com/hooks/catch/{ACCOUNT}/{HOOK}/"

#: Requests a hook takes in a second (documented).
PER_SECOND = 30
LARGEST = 10_000_000

CATCH = "/hooks/catch/<account>/<hook>"
STANDARD = "/hooks/standard/<account>/<zap>"


class PracticeZapier(PracticeServer):
    """Zapier in memory.

    :ivar on: hooks whose Zap is switched on; the answer is the same either way.
    :ivar caught: what started a Zap, in order.
    :ivar lost: what a hook took while its Zap was off.
    :ivar zaps: REST hooks that are subscribed, by the end of their address, with what they got.
    """

    name: ClassVar[str] = "zapier"

    def __init__(self, seed: int = 1, *, per_second: int = PER_SECOND, **options: Any) -> None:
        super().__init__(seed, **options)
        self.on: set[str] = {HOOK}
        self.caught: list[dict[str, Any]] = []
        self.lost: list[dict[str, Any]] = []
        self.zaps: dict[str, list[dict[str, Any]]] = {}
        self.per_second = per_second
        self._recent = RequestWindow(lambda: self.clock(), 1)

    # -- control -------------------------------------------------------------------------------

    def credentials(self) -> dict[str, Any]:
        return {"hook_url": HOOK_URL}

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """Return what started Zaps, what was lost, and what REST hooks were sent."""
        told = [{"zap": zap, **body} for zap, bodies in self.zaps.items() for body in bodies]
        return {"caught": self.caught, "lost": self.lost, "told": told}

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Switch the Zap of a hook on or off: ``{"kind": "hooks", "id": …, "changes": {"on": …}}``."""
        if kind != "hooks":
            raise KeyError(kind)
        (self.on.add if changes["on"] else self.on.discard)(id)
        return {"id": id, "on": id in self.on}

    # -- catch hooks ---------------------------------------------------------------------------

    def refusal(self, request: Request) -> Response | None:
        """Take so many requests a second of a hook, and so much at once."""
        if self._recent.wait(self.per_second, request.path.removesuffix("silent/")):
            return json_response({"status": "error", "message": "Too many requests."}, 429)
        large = (request.content_length or 0) > LARGEST
        return Response("Payload too large", 413) if large else None

    @route("GET", f"{CATCH}/")
    @route("POST", f"{CATCH}/")
    @route("PUT", f"{CATCH}/")
    def catch(self, request: Request, hook: str) -> Response:
        """Take what is sent, and say so."""
        self._start(request, hook)
        number = str(uuid.UUID(int=self.random.getrandbits(128)))
        return json_response(
            {"attempt": number, "id": number, "request_id": number, "status": "success"}
        )

    @route("GET", f"{CATCH}/silent/")
    @route("POST", f"{CATCH}/silent/")
    @route("PUT", f"{CATCH}/silent/")
    def catch_in_silence(self, request: Request, hook: str) -> Response:
        """Take what is sent without a word."""
        self._start(request, hook)
        return Response(status=200)

    def _start(self, request: Request, hook: str) -> None:
        """Start the Zap, if it is on, once for each item; an empty one is ignored."""
        started = self.caught if hook in self.on else self.lost
        started += filter(None, _items(request))

    # -- addresses of REST hooks ---------------------------------------------------------------

    @route("POST", f"{STANDARD}/", open=True)
    def told(self, request: Request, zap: str) -> Response:
        """Take an event for a Zap; who isn't subscribed any more answers 410."""
        if zap not in self.zaps:
            return json_response({"status": "error", "message": "unsubscribed"}, 410)
        secret = request.headers.get("X-Hook-Secret")
        if secret:  # a handshake: the secret is echoed at once, and nothing starts
            return Response(status=200, headers={"X-Hook-Secret": secret})
        self.zaps[zap].append(
            {
                "body": request.get_json(silent=True),
                "signature": request.headers.get("X-Bridgework-Signature", ""),
                "timestamp": request.headers.get("X-Bridgework-Timestamp", ""),
                "raw": request.get_data(as_text=True),
            }
        )
        return json_response({"status": "success"})


def _items(request: Request) -> list[dict[str, Any]]:
    """Return the fields that a request brings, once for each item of a list."""
    query = request.args.to_dict()
    kind = request.mimetype
    body: Any = {}
    if kind in ("application/json", "text/json") or request.get_data().lstrip()[:1] in (b"{", b"["):
        body = request.get_json(force=True, silent=True) or {}
    elif kind.endswith("xml"):
        body = _from_xml(request.get_data())
    elif request.form:
        body = request.form.to_dict()
    items = body if isinstance(body, list) else [body]
    return [{**query, **(item if isinstance(item, dict) else {"data": item})} for item in items]


def _from_xml(data: bytes) -> dict[str, Any]:
    try:
        root = Xml.fromstring(data)  # noqa: S314 - a practice server, on this machine
    except Xml.ParseError:
        return {}
    return {child.tag: child.text or "" for child in root}
