"""How the practice Case Status lets in, refuses, and cuts lists into pages."""

from collections.abc import Iterable, Sequence
from typing import Any

from engine.sdk import PracticeRefusal, Request, Response, json_response
from plugins.casestatus import assumed_contract as contract
from plugins.casestatus.assumed_contract import Problem

#: The one key this server accepts; its spelling says that it opens nothing.
API_KEY = "practice-casestatus-key"

#: Rows of a page where the request names no size: proven for messages, assumed for the others.
PAGE_SIZE = 10


class Refused(PracticeRefusal):
    """All that is wrong, at once."""

    def __init__(self, problems: Iterable[Problem], status: int = 422) -> None:
        self.problems, self.status = list(problems), status
        super().__init__(*self.problems)

    def response(self) -> Response:
        return json_response(contract.error_body(self.problems), self.status)


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
