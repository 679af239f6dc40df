"""How the practice server reads forms and words its refusals."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from engine.sdk import PracticeRefusal, Request, Response, json_response


class Refused(PracticeRefusal):
    """An error answer of Stripe's.

    :param begun: whether the request had begun to be carried out: only then is its answer kept with
        its idempotency key (documented).
    """

    def __init__(
        self,
        message: str,
        status: int = 400,
        *,
        kind: str = "invalid_request_error",
        begun: bool = False,
        **more: str | None,
    ) -> None:
        self.status = status
        self.begun = begun
        self.body = {"type": kind, "message": message, **{k: v for k, v in more.items() if v}}
        super().__init__(message)

    def response(self) -> Response:
        code = self.body.get("code")
        if code:
            self.body.setdefault("doc_url", f"https://stripe.com/docs/error-codes/{code}")
        return json_response({"error": self.body}, self.status)


def missing(kind: str, id: str, *, param: str = "id", status: int = 404) -> Refused:
    """Return the refusal of an id that isn't there; 400 where a field names it."""
    return Refused(f"No such {kind}: '{id}'", status, code="resource_missing", param=param)


def required(form: Mapping[str, Any], *names: str) -> None:
    """Refuse a form without one of these."""
    for name in names:
        if not form.get(name):
            raise Refused(f"Missing required param: {name}.", code="parameter_missing", param=name)


def refuse_unknown(form: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse a form with a field that there isn't."""
    for name in form:
        if name not in known and name != "expand":
            raise Refused(
                f"Received unknown parameter: {name}", code="parameter_unknown", param=name
            )


def whole(form: Mapping[str, Any], name: str) -> int:
    """Return a whole number of a form."""
    text = str(form.get(name, ""))
    if not re.fullmatch(r"-?\d+", text):
        raise Refused(f"Invalid integer: {text}", code="parameter_invalid_integer", param=name)
    return int(text)


def read_form(request: Request) -> dict[str, Any]:
    """Return the body's form with its brackets as nested objects and lists.

    :raises Refused: it is JSON, which version 1 of the API does not take (spec).
    """
    if request.mimetype == "application/json" and request.get_data():
        raise Refused(
            "Invalid request (check that your POST content type is "
            "application/x-www-form-urlencoded)."
        )
    return nested(request.form.items(multi=True))


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return ``a[b]=c`` as objects; numbers and ``[]`` in brackets make lists."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        path = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        place = found
        for step, following in zip(path, [*path[1:], None], strict=True):
            step = step or str(len(place))
            if following is None:
                place[step] = value
            else:
                inner = place.setdefault(step, {})
                if not isinstance(inner, dict):
                    raise Refused(f"Invalid object: {name}", param=name)
                place = inner
    return {name: _listed(value) for name, value in found.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    items = {key: _listed(item) for key, item in value.items()}
    if items and all(key.isdecimal() for key in items):
        return [items[key] for key in sorted(items, key=int)]
    return items


def flag(value: Any, *, default: bool) -> bool:
    """Return a form's true or false."""
    return default if value in (None, "") else str(value) == "true"


def as_json(document: Any) -> bytes:
    """Write what webhooks send, indented as Stripe's are."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode()
