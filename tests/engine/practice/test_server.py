"""What every practice server does: routes, a log without secrets, faults, edits from outside."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import pytest
from werkzeug.wrappers import Request, Response

from engine.loopback import on_loopback
from engine.practice.server import (
    LARGEST_LOGGED_BODY,
    Fault,
    PracticeRefusal,
    PracticeServer,
    json_response,
    route,
)


class Notes(PracticeServer):
    name = "notes"

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.notes: dict[str, dict[str, Any]] = {"1": {"id": "1", "text": "Call Ada"}}

    @route("GET", "/notes/<id>")
    def note(self, request: Request, id: str) -> Response:
        return json_response(self.notes[id]) if id in self.notes else self.not_found(request)

    @route("POST", "/notes")
    @route("PUT", "/notes")
    def add(self, request: Request) -> Response:
        return json_response(request.get_json(), 201, {"X-Kind": "note"}, kind="vnd.note+json")

    @route("POST", "/log-in")
    def log_in(self, request: Request) -> Response:
        return json_response({})

    @route("POST", "/count")
    def count(self, request: Request) -> Response:
        number = self.notes["1"].get("number", 0)
        threading.Event().wait(0.001)
        self.notes["1"]["number"] = number + 1
        return json_response({})

    def records(self) -> dict[str, list[dict[str, Any]]]:
        return {"notes": list(self.notes.values())}

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        self.notes[id].update(changes)
        return self.notes[id]


class Full(PracticeRefusal):
    def response(self) -> Response:
        return json_response({"sorry": str(self)}, 409)


class Guarded(PracticeServer):
    @route("GET", "/door", open=True)
    def door(self, request: Request) -> list[str]:
        return ["ring"]

    @route("GET", "/rooms/<floor>/<room>")
    def room(self, request: Request, room: str) -> dict[str, str]:
        if room == "9":
            raise Full("room 9 is taken")
        return {"room": room}

    def refusal(self, request: Request) -> Response | None:
        if "key" not in request.args:
            return json_response({"sorry": "no key"}, 401)
        if request.args["key"] != "iron":
            raise Full("the key doesn't fit")
        return None


@pytest.fixture
def server() -> Notes:
    return Notes(clock=lambda: 1000.0)


@pytest.fixture
def http(server: Notes) -> Iterator[httpx2.Client]:
    transport = httpx2.WSGITransport(app=server)
    with httpx2.Client(transport=transport, base_url="http://notes.test") as http:
        yield http


# -- answers ---------------------------------------------------------------------------------------


def test_routes_answer_with_the_parts_of_the_path(http: httpx2.Client) -> None:
    assert http.get("/notes/1").json() == {"id": "1", "text": "Call Ada"}
    assert http.get("/notes/2").status_code == 404
    assert http.get("/elsewhere").json() == {"error": "Not Found"}


def test_one_method_may_answer_several_routes(http: httpx2.Client) -> None:
    for method in ("POST", "PUT"):
        answer = http.request(method, "/notes", json={"text": "Grüße"})
        assert answer.status_code == 201
        assert answer.json() == {"text": "Grüße"}
        assert answer.headers["Content-Type"].startswith("application/vnd.note+json")
        assert answer.headers["X-Kind"] == "note"


def test_a_body_that_is_no_json_is_a_bad_request(http: httpx2.Client) -> None:
    headers = {"Content-Type": "application/json"}
    assert http.post("/notes", content="{", headers=headers).status_code == 400
    assert http.post("/notes", content="x").status_code == 415


def test_whoever_is_refused_gets_no_further_than_the_open_routes() -> None:
    transport = httpx2.WSGITransport(app=Guarded())
    with httpx2.Client(transport=transport, base_url="http://house.test") as http:
        asked = [
            ("/door", 200, ["ring"]),
            ("/rooms/2/7", 401, {"sorry": "no key"}),
            ("/rooms/2/7?key=tin", 409, {"sorry": "the key doesn't fit"}),
            ("/rooms/2/7?key=iron", 200, {"room": "7"}),
            ("/rooms/2/9?key=iron", 409, {"sorry": "room 9 is taken"}),
            ("/elsewhere", 404, {"error": "Not Found"}),
            ("/_practice/records", 200, {}),
        ]
        for path, status, body in asked:
            answer = http.get(path)
            assert (answer.status_code, answer.json()) == (status, body), path


def test_the_same_seed_gives_the_same_data() -> None:
    assert Notes(seed=7).random.random() == Notes(seed=7).random.random()
    assert Notes(seed=7).random.random() != Notes(seed=8).random.random()


def test_requests_take_turns() -> None:
    server = Notes()

    def send() -> None:
        with httpx2.Client(transport=httpx2.WSGITransport(app=server)) as http:
            for _ in range(5):
                http.post("http://notes.test/count")

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.notes["1"]["number"] == 20


# -- the log of requests ---------------------------------------------------------------------------


def test_requests_are_logged_as_they_were(server: Notes, http: httpx2.Client) -> None:
    http.post("/notes?folder=inbox&folder=all", json={"text": "Call Ada"})
    assert server.requests == [
        {
            "method": "POST",
            "path": "/notes",
            "query": {"folder": ["inbox", "all"]},
            "body": {"text": "Call Ada"},
            "status": 201,
            "at": 1000.0,
        }
    ]


@pytest.mark.parametrize(
    "name",
    ["authorization", "client_secret", "access_token", "token", "password", "api_key", "code",
     "code_verifier"],
)  # fmt: skip
def test_secrets_are_not_logged(server: Notes, http: httpx2.Client, name: str) -> None:
    http.post("/log-in", json={name: "hunter2", "user": "ada"})
    http.post("/log-in", data={name: "hunter2", "user": "ada"})
    http.post("/log-in", params={name: "hunter2"}, headers={"Authorization": "Bearer hunter2"})
    assert "hunter2" not in str(server.requests)
    assert [entry["body"].get("user") for entry in server.requests] == ["ada", "ada", None]


def test_secrets_deep_in_a_body_are_not_logged(server: Notes, http: httpx2.Client) -> None:
    http.post("/log-in", json={"data": [{"password": "hush-hush-1", "name": "Ada"}]})
    assert server.requests[-1]["body"] == {"data": [{"password": "…", "name": "Ada"}]}


def test_a_long_body_is_logged_by_its_size(server: Notes, http: httpx2.Client) -> None:
    text = "x" * LARGEST_LOGGED_BODY
    http.post("/notes", content=f'"{text}"', headers={"Content-Type": "application/json"})
    [entry] = server.requests
    assert entry["body"] == f"({LARGEST_LOGGED_BODY + 2} bytes)"


# -- control ---------------------------------------------------------------------------------------


def test_control_shows_requests_and_records_and_logs_nothing(
    server: Notes, http: httpx2.Client
) -> None:
    http.get("/notes/1")
    for _ in range(2):
        logged = http.get("/_practice/requests").json()
        assert [entry["path"] for entry in logged] == ["/notes/1"]
    assert http.get("/_practice/records").json() == {"notes": [server.notes["1"]]}


def test_a_record_is_edited_as_in_the_vendors_app(server: Notes, http: httpx2.Client) -> None:
    edit = {"kind": "notes", "id": 1, "changes": {"text": "Call Bob"}}
    assert http.post("/_practice/edit", json=edit).json() == {"id": "1", "text": "Call Bob"}
    assert http.get("/notes/1").json()["text"] == "Call Bob"
    answer = http.post("/_practice/edit", json={**edit, "id": "9"})
    assert answer.status_code == 404
    assert "'9'" in answer.json()["error"]


# -- faults ----------------------------------------------------------------------------------------


def test_a_fault_hits_its_path_so_many_times(server: Notes, http: httpx2.Client) -> None:
    server.faults = [
        Fault("/notes", times=2, status=429, body="Slow", headers={"Retry-After": "1"})
    ]
    first = http.get("/notes/1")
    assert (first.status_code, first.text, first.headers["Retry-After"]) == (429, "Slow", "1")
    assert http.post("/log-in", json={}).status_code == 200
    assert http.get("/notes/1").status_code == 429
    assert http.get("/notes/1").status_code == 200
    assert [entry["status"] for entry in server.requests] == [429, 200, 429, 200]


def test_a_fault_is_ordered_from_outside_and_does_not_hit_control(http: httpx2.Client) -> None:
    answer = http.post("/_practice/faults", json={"path": "/", "status": 503})
    assert answer.json() == {"faults": 1}
    assert http.get("/_practice/records").status_code == 200
    assert http.get("/notes/1").status_code == 503
    assert http.get("/notes/1").status_code == 200


def test_a_fault_of_status_0_drops_the_answer_half_way(server: Notes) -> None:
    server.faults = [Fault("/notes", status=0)]
    with on_loopback(server) as url, httpx2.Client(base_url=url) as http:
        with pytest.raises(httpx2.RemoteProtocolError):
            http.get("/notes/1")
        assert http.get("/notes/1").status_code == 200
