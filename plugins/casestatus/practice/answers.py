"""How the practice Case Status lets in, refuses, and cuts lists into pages."""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

from werkzeug.wrappers import Request, Response

from engine.sdk import PracticeServer, json_response
from plugins.casestatus import assumed_contract as contract
from plugins.casestatus.assumed_contract import Code, Problem

#: The one key this server accepts; its spelling says that it opens nothing.
API_KEY = "practice-casestatus-key"

#: Rows of a page where the request names no size: proven for messages, assumed for the others.
PAGE_SIZE = 10


def signed_in(answer: Callable[..., Response]) -> Callable[..., Response]:
    """Let only requests with the API key through."""

    @wraps(answer)
    def checked(self: PracticeServer, request: Request, **parts: str) -> Response:
        if request.headers.get("Authorization") != f"ApiKey {API_KEY}":
            return refusal([Problem(Code.UNAUTHORIZED, "", "The API key is not valid.")], 401)
        return answer(self, request, **parts)

    return checked


def no_such_case(id: Any) -> Problem:
    """Say that there is no case ``id``."""
    return Problem(Code.UNKNOWN_CASE, "case", "Case not found.", str(id))


def refusal(problems: Iterable[Problem], status: int = 422) -> Response:
    """Answer with all problems at once."""
    return json_response(contract.error_body(problems), status)


def page_of(rows: Sequence[Any], request: Request) -> list[Any]:
    """Return the page a request asks for; pages past the end are empty."""
    size = max(1, request.args.get("size", PAGE_SIZE, type=int))
    first = (max(1, request.args.get("page[number]", 1, type=int)) - 1) * size
    return list(rows[first : first + size])


def by_id(records: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Index records by their id as text."""
    return {str(record["id"]): record for record in records}


def next_id(records: dict[str, Any]) -> str:
    """Return the id after the last one; ids are given in ascending order."""
    return str(int(next(reversed(records))) + 1)
