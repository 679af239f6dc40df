"""What the tests of Clio's practice server share."""

from typing import Any

import httpx2

from plugins.clio.practice import PracticeClio


def client_of(server: PracticeClio, token: str = "") -> httpx2.Client:
    return httpx2.Client(
        transport=httpx2.WSGITransport(app=server),
        base_url="http://clio.test/api/v4",
        headers={"Authorization": f"Bearer {token or server.credentials()['access_token']}"},
    )


def problem(answer: httpx2.Response) -> tuple[int, str]:
    """Return status and type of an error of the API, which has the object shape."""
    error = answer.json()["error"]
    assert error.keys() == {"type", "message"}
    assert error["message"].endswith(".")
    return answer.status_code, error["type"]


def some_matter(server: PracticeClio, **wanted: Any) -> dict[str, Any]:
    return next(
        matter
        for matter in server.records()["matters"]
        if all(matter[name] == value for name, value in wanted.items())
    )
