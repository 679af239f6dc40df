"""Clio's rules for asking for fields of records, and how it says no.

The rules of ``fields`` are documented at docs.developers.clio.com/api-docs/fields.
"""

from collections.abc import Collection, Mapping

from engine.sdk import PracticeRefusal, Response, json_response
from plugins.clio.practice.kinds import MODELS, Model

#: What Clio answers when a request names no fields.
DEFAULT_FIELDS = ("id", "etag")

#: Chosen fields; an association's own chosen fields stand behind it.
Selection = Mapping[str, tuple[str, ...]]


class ApiError(PracticeRefusal):
    """An error answer of the API: ``{"error": {"type": …, "message": …}}``."""

    def __init__(
        self, status: int, type: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.type = type
        self.message = message
        self.headers = dict(headers or {})
        super().__init__(message)

    def response(self) -> Response:
        body = {"error": {"type": self.type, "message": self.message}}
        return json_response(body, self.status, self.headers)


def parse_fields(text: str | None, kind: str, removed: Collection[str] = ()) -> Selection:
    """Read ``fields=id,client{id,name}``.

    :param removed: fields that the API has no more, as in ``matters.description``; those of all
        kinds where no kind is said.
    :raises ApiError: 400 for an unknown field, unbalanced braces, or braces within braces.
    """
    model = MODELS[kind]
    if not text:
        return dict.fromkeys(DEFAULT_FIELDS, ())
    selection: dict[str, tuple[str, ...]] = {}
    for part in _split(text):
        name, brace, inside = part.partition("{")
        nested = model.kind_of(name)
        if is_removed(kind, name, removed):
            raise _unknown(name, model)
        if nested is None:
            if brace or name not in model.plain:
                raise _unknown(name, model)
            selection[name] = ()
        elif brace:
            selection[name] = _nested_names(inside[:-1], nested, removed)
        else:
            selection[name] = DEFAULT_FIELDS
    return selection


def is_removed(kind: str, name: str, removed: Collection[str]) -> bool:
    """Say whether the API has a field no more."""
    return name in removed or f"{kind}.{name}" in removed


def _nested_names(text: str, kind: str, removed: Collection[str]) -> tuple[str, ...]:
    """Read what stands in braces: names alone; an association among them gives its defaults."""
    model = MODELS[kind]
    names = _split(text)
    for name in names:
        if "{" in name:
            raise ApiError(
                400,
                "InvalidFields",
                f"Fields of '{name.partition('{')[0]}' can't be chosen: only one level may be nested.",
            )
        known = name in model.plain or model.kind_of(name) is not None
        if not known or is_removed(kind, name, removed):
            raise _unknown(name, model)
    return tuple(names)


def _split(text: str) -> list[str]:
    """Split at the commas that stand outside braces."""
    parts, depth = [""], 0
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            break
        if character == "," and depth == 0:
            parts.append("")
        elif character != " ":
            parts[-1] += character
    balanced = depth == 0 and all("{" not in part or part.endswith("}") for part in parts)
    if not balanced or "" in parts:
        raise ApiError(400, "InvalidFields", f"'{text}' is not a list of fields.")
    return parts


def _unknown(name: str, model: Model) -> ApiError:
    return ApiError(400, "InvalidFields", f"'{name}' is not a field of {model.title}.")
