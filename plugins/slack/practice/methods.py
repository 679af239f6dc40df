"""Methods of the practice server's Web API: what each needs, and how it is asked and refuses."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.sdk import PracticeRefusal, Request, Response
from plugins.slack.practice.workspace import Workspace

Answer = dict[str, Any]

#: The most a page may be asked for (documented: "under 1000").
LARGEST_LIMIT = 999


class Refusal(PracticeRefusal):
    """An answer ``{"ok": false, "error": code}``, of status 200 save where there were too many requests.

    :param wait: seconds until there may be one again.
    :param more: what else is in it.
    """

    def __init__(self, code: str, *, wait: int = 0, **more: Any) -> None:
        self.code, self.wait, self.more = code, wait, more
        super().__init__(code)

    def response(self) -> Response:
        body = {"ok": False, "error": self.code, **self.more}
        return answer(body, 429, {"Retry-After": str(self.wait)}) if self.wait else answer(body)


@dataclass(frozen=True)
class Call:
    """One request of a method.

    :param given: its arguments, from query, form or JSON; texts, unless they came as JSON.
    :param scopes: what the token may do.
    :param host: where the server is reached, with a slash at the end.
    """

    workspace: Workspace
    given: Mapping[str, Any]
    scopes: frozenset[str]
    host: str

    def needs_one_of(self, scopes: tuple[str, ...]) -> None:
        """Refuse a token that has none of these scopes.

        :raises Refusal: saying what it needs and has.
        """
        if scopes and not self.scopes & set(scopes):
            provided = ",".join(sorted(self.scopes))
            raise Refusal("missing_scope", needed=scopes[0], provided=provided)

    def text(self, name: str, missing: str = "invalid_arguments") -> str:
        """Return an argument that must be there.

        :raises Refusal: it isn't.
        """
        value = self.given.get(name)
        if value in (None, ""):
            raise Refusal(
                missing, response_metadata={"messages": [f"[ERROR] missing required field: {name}"]}
            )
        return str(value)

    def flag(self, name: str) -> bool:
        return self.given.get(name) in (True, "true", "1", 1)

    def value(self, name: str) -> Any:
        """Return an argument that may be JSON within text, as forms bring it."""
        value = self.given.get(name)
        if isinstance(value, str) and value[:1] in "[{":
            try:
                return json.loads(value)
            except ValueError:
                raise Refusal("invalid_arguments") from None
        return value

    def page(self, rows: list[Any]) -> tuple[list[Any], str]:
        """Return the rows of the page that is asked for, and the next cursor; empty at the end.

        Fewer than asked for may come (documented), and here no more than the workspace's size.
        """
        try:
            limit = int(self.given.get("limit") or 100)
        except ValueError:
            raise Refusal("invalid_limit") from None
        if not 0 < limit <= LARGEST_LIMIT:
            raise Refusal("invalid_limit")
        start = _place(str(self.given.get("cursor") or ""))
        end = start + min(limit, self.workspace.page_size)
        cursor = base64.b64encode(f"place:{end}".encode()).decode() if end < len(rows) else ""
        return rows[start:end], cursor


@dataclass(frozen=True)
class Method:
    """:param scopes: any of them is enough; none: any token. :param tier: requests a minute (documented as 1+, 20+, 50+ and 100+)."""

    answer: Callable[[Call], Answer]
    scopes: tuple[str, ...] = ()
    tier: int = 50


@dataclass
class Methods:
    """The methods there are, by name."""

    by_name: dict[str, Method] = field(default_factory=dict)

    def add(
        self, name: str, *scopes: str, tier: int = 50
    ) -> Callable[[Callable[[Call], Answer]], Callable[[Call], Answer]]:
        def note(answer: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
            self.by_name[name] = Method(answer, scopes, tier)
            return answer

        return note


METHODS = Methods()


def answer(body: Answer, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer without spaces between the parts, as Slack does."""
    text = json.dumps(body, separators=(",", ":"))
    kind = "application/json; charset=utf-8"
    return Response(text, status, headers=dict(headers or {}), content_type=kind)


def arguments(request: Request) -> dict[str, Any]:
    """Return what a method is asked with; JSON is read only where the token is in the header.

    :raises Refusal: the JSON is none, or no object.
    """
    given: dict[str, Any] = {**request.args.to_dict(), **request.form.to_dict()}
    if request.is_json and request.headers.get("Authorization"):
        body = request.get_json(silent=True)
        if body is None:
            raise Refusal("invalid_json")
        if not isinstance(body, dict):
            raise Refusal("json_not_object")
        given |= body
    return given


def _place(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, place = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word == "place":
            return int(place)
    except ValueError:
        pass
    raise Refusal("invalid_cursor")
