"""How the practice server answers: bodies of refusals, and records as they are shown."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.sdk import PracticeRefusal, Response, json_response

API_VERSION = "v67.0"


class Refused(PracticeRefusal):
    """An answer that refuses: a list with one error (documented)."""

    def __init__(
        self, status: int, code: str, message: str, fields: Iterable[str] | None = None
    ) -> None:
        self.status, self.code, self.message = status, code, message
        self.fields = None if fields is None else list(fields)
        super().__init__(message)

    def response(self) -> Response:
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = self.fields
        return json_response([error], self.status)

    def of_row(self) -> dict[str, Any]:
        """Return it as one record's of many; the code goes by another name there (documented)."""
        error = {"statusCode": self.code, "message": self.message, "fields": self.fields or []}
        return {"success": False, "errors": [error]}


def not_found() -> Refused:
    return Refused(404, "NOT_FOUND", "The requested resource does not exist")


def attributes(object: str, id: str) -> Mapping[str, str]:
    url = f"/services/data/{API_VERSION}/sobjects/{object}/{id}"
    return {"type": object, "url": url}
