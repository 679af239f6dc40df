"""The practice workspace keeps to Slack's rules: retries, handshakes, limits, control."""

from collections.abc import Callable, Iterator

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from engine.loopback import on_loopback
from plugins.slack.practice import PracticeSlack
from tests.plugins.line import Clock
from tests.plugins.slack.workspace import GENERAL, INTAKE


class Address:
    """What stands at a Request URL."""

    def __init__(self) -> None:
        self.answer: Callable[[Request], Response] = _echo
        self.headers: list[dict[str, str]] = []

    @Request.application
    def __call__(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        return self.answer(request)


def _echo(request: Request) -> Response:
    return Response(request.get_json().get("challenge", ""))


@pytest.fixture
def address() -> Address:
    return Address()


@pytest.fixture
def url(address: Address) -> Iterator[str]:
    with on_loopback(address) as url:
        yield url


@pytest.mark.parametrize("way", ["text", "form", "json"])
def test_a_challenge_may_be_answered_as_text_form_or_json(
    server: PracticeSlack, address: Address, url: str, way: str
) -> None:
    ways = {"text": "{}", "form": "challenge={}", "json": '{{"challenge": "{}"}}'}
    address.answer = lambda request: Response(ways[way].format(request.get_json()["challenge"]))
    server.events.subscribe(url, ["message.channels"])
    assert server.events.sender.wait_until_idle()
    assert server.events.verified


def test_who_does_not_answer_the_challenge_is_told_nothing(
    server: PracticeSlack, address: Address, url: str
) -> None:
    address.answer = lambda request: Response("hello")
    server.events.subscribe(url, ["message.channels"])
    assert server.events.sender.wait_until_idle()
    server.edit("messages", GENERAL, {"text": "x"})
    assert server.events.sender.wait_until_idle()
    assert len(address.headers) == 1
    with pytest.raises(ValueError, match="https"):
        server.events.subscribe("http://firm.example/hook", ["message.channels"])


def test_what_is_not_taken_comes_three_times_more_numbered(
    server: PracticeSlack, clock: Clock, address: Address, url: str
) -> None:
    server.events.subscribe(url, ["message.channels"])
    assert server.events.sender.wait_until_idle()
    address.answer = lambda request: Response(status=500)
    server.edit("messages", GENERAL, {"text": "x"})
    for seconds in (0, 60, 300, 3600):
        clock.now += seconds
        assert server.events.sender.wait_until_idle()
    numbers = [headers.get("X-Slack-Retry-Num") for headers in address.headers[1:]]
    assert numbers == [None, "1", "2", "3"]
    assert address.headers[-1]["X-Slack-Retry-Reason"] == "http_error"
    stamps = [int(headers["X-Slack-Request-Timestamp"]) for headers in address.headers[1:]]
    assert [later - stamps[0] for later in stamps] == [0, 0, 60, 360]


def test_who_wants_no_retries_gets_none(
    server: PracticeSlack, clock: Clock, address: Address, url: str
) -> None:
    server.events.subscribe(url, ["message.channels"])
    assert server.events.sender.wait_until_idle()
    address.answer = lambda request: Response(status=500, headers={"X-Slack-No-Retry": "1"})
    server.edit("messages", GENERAL, {"text": "x"})
    clock.now += 3600
    assert server.events.sender.wait_until_idle()
    assert len(address.headers) == 2


def test_each_method_has_a_limit_of_its_own(server: PracticeSlack, clock: Clock) -> None:
    client = Client(server)
    headers = {"Authorization": f"Bearer {server.access.bot_token}"}
    answers = [client.get("/api/users.list", headers=headers) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert client.get("/api/users.info?user=U0ADA00001", headers=headers).status_code == 200
    clock.now += 60
    assert client.get("/api/users.list", headers=headers).json["ok"] is True


def test_without_a_good_token_nothing_is_told(server: PracticeSlack, clock: Clock) -> None:
    client = Client(server)
    assert client.get("/api/users.list").json == {"ok": False, "error": "not_authed"}
    wrong = {"Authorization": "Bearer xoxb-nobody"}
    assert client.get("/api/users.list", headers=wrong).json["error"] == "invalid_auth"
    mine = {"Authorization": f"Bearer {server.access.ready_made['access_token']}"}
    assert client.post("/_practice/expire").json["expired"] == 2
    assert client.get("/api/users.list", headers=mine).json["error"] == "token_expired"


def test_json_is_read_only_with_the_token_in_a_header(server: PracticeSlack) -> None:
    client = Client(server)
    body = {"token": server.access.bot_token, "channel": GENERAL, "text": "x"}
    assert client.post("/api/chat.postMessage", json=body).json["error"] == "not_authed"
    assert client.post("/api/chat.postMessage", data=body).json["ok"] is True


def test_what_a_person_does_is_done_and_unknown_things_are_refused(server: PracticeSlack) -> None:
    client = Client(server)
    edit = {"kind": "messages", "id": INTAKE, "changes": {"text": "By hand"}}
    assert client.post("/_practice/edit", json=edit).json["text"] == "By hand"
    assert client.post("/_practice/edit", json={**edit, "id": "C0NOWHERE1"}).status_code == 404
    assert client.post("/_practice/edit", json={**edit, "kind": "moons"}).status_code == 404
    records = client.get("/_practice/records").json
    assert records["messages"][-1]["channel"]
    assert len(records["channels"]) == 31


def test_the_same_seed_makes_the_same_workspace() -> None:
    one, two = PracticeSlack(7, Clock()), PracticeSlack(7, Clock())
    assert one.records() == two.records()
    assert one.credentials() == two.credentials()
    assert one.credentials() != PracticeSlack(8, Clock()).credentials()
