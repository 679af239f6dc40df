"""Connections are checked once a day, and their tokens kept alive, though no recipe runs."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from engine.errors import AuthError
from engine.host import Host
from engine.http.connect import add_connection, new_connection
from engine.recipe.library import Library
from engine.run.connections.health import check, check_connections, keep_tokens
from engine.run.upkeep.duties import Works
from engine.run.upkeep.listed import DUTIES
from engine.store.connections import Connection, get_connection, save_connection
from engine.store.database import Store
from engine.store.notices import list_notices
from tests.engine.http.mint import CLIENT, FIRST, MACHINE, Mint, answer, mint_connector

Act = Callable[..., None]


@pytest.fixture
def mint(clock: Any) -> Mint:
    return Mint(clock.seconds, lasts=3600)


@pytest.fixture
def works(store: Store) -> Works:
    host = Host({"mint": mint_connector()})
    return Works(store, host, Library(store.home / "recipes"), lambda run_id: None)


@pytest.fixture
def do(works: Works, mint: Mint, clock: Any) -> Act:
    """Do a duty as it is done in a running Bridgework, at the clock's time."""
    transports = {"mint": httpx2.WSGITransport(app=mint)}
    return lambda act: act(works, transports=transports, clock=clock)


@pytest.fixture(autouse=True)
def _connected(store: Store, mint: Mint, clock: Any) -> None:
    connector = mint_connector()
    connection = new_connection(connector, "mint", {**CLIENT, **FIRST})
    mint.good = ""  # the first token has run out, so the kept one says when it ends
    line = httpx2.WSGITransport(app=mint)
    add_connection(store, connector, connection, transport=line, clock=clock)
    mint.grants.clear()


def heard(store: Store) -> list[str]:
    return [notice.kind for notice in reversed(list_notices(store))]


def test_both_are_duties_of_a_running_bridgework() -> None:
    acts = {duty.act: duty.every for duty in DUTIES}
    assert acts[keep_tokens].total_seconds() <= 600
    assert acts[check_connections].total_seconds() <= 3600


# -- a check a day ---------------------------------------------------------------------------------


def test_a_connection_is_checked_once_a_day(store: Store, mint: Mint, do: Act, clock: Any) -> None:
    checks = []
    for _ in range(3 * 24 * 4):
        before = get_connection(store, "mint").checked_at
        do(check_connections)
        if get_connection(store, "mint").checked_at != before:
            checks.append(clock())
        clock.pass_by(minutes=15)
    assert len(checks) == 2
    assert (checks[1] - checks[0]).days == 1


def test_a_broken_one_is_noted_since_then_and_told_once(
    store: Store, mint: Mint, do: Act, clock: Any
) -> None:
    clock.pass_by(days=1)
    broke = clock()
    mint.good, mint.refresh_token = "", "revoked"
    for _ in range(4):
        do(check_connections)
        clock.pass_by(days=1)
    broken = get_connection(store, "mint")
    assert broken.problem.startswith("The Mint refused to give access: reused.")
    assert broken.broken_since == broke
    assert heard(store) == ["connection_broke"]
    assert list_notices(store)[0].body.endswith("No recipe that is on uses it.")


def test_one_out_of_reach_is_tried_again_after_an_hour_and_is_no_news(
    store: Store, mint: Mint, do: Act, clock: Any, works: Works
) -> None:
    class Down(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("refused", request=request)

    clock.pass_by(days=1)
    check_connections(works, transports={"mint": Down()}, clock=clock)
    assert get_connection(store, "mint").problem_code == "unavailable"
    clock.pass_by(minutes=59)
    do(check_connections)
    assert get_connection(store, "mint").problem
    clock.pass_by(minutes=1)
    do(check_connections)
    assert get_connection(store, "mint").problem == ""
    assert heard(store) == []


def test_connections_without_a_log_in_or_a_connector_are_left_alone(store: Store, do: Act) -> None:
    save_connection(store, Connection(name="old", connector="removed"))
    do(check_connections)
    do(keep_tokens)
    assert get_connection(store, "old").checked_at is None


def test_a_check_by_hand_tells_people_too(
    store: Store, mint: Mint, works: Works, clock: Any
) -> None:
    line = httpx2.WSGITransport(app=mint)
    mint.good, token, mint.refresh_token = "", mint.refresh_token, "revoked"
    with pytest.raises(AuthError):
        check(store, works.host, works.library, "mint", transport=line, clock=clock)
    mint.refresh_token = token
    assert check(store, works.host, works.library, "mint", transport=line, clock=clock)
    assert heard(store) == ["connection_broke", "connection_well"]


# -- tokens kept alive -----------------------------------------------------------------------------


def test_tokens_near_their_end_are_renewed_though_nothing_runs(
    store: Store, mint: Mint, do: Act, clock: Any
) -> None:
    for _ in range(24 * 12):
        do(keep_tokens)
        tokens = get_connection(store, "mint").tokens
        assert tokens is not None
        assert tokens["expires_at"] > clock.seconds() + 300
        clock.pass_by(minutes=5)
    assert 24 <= len(mint.grants) <= 29  # each hour's token once, up to ten minutes ahead
    assert mint.refusals == 1  # while connecting


def test_long_lived_tokens_are_renewed_every_week_so_that_none_is_forgotten(
    store: Store, mint: Mint, do: Act, clock: Any
) -> None:
    mint.lasts = 30 * 86_400
    clock.pass_by(hours=1)
    do(keep_tokens)
    mint.grants.clear()
    for _ in range(60):
        clock.pass_by(days=1)
        do(keep_tokens)
    assert len(mint.grants) == 7


def test_a_refresh_that_is_refused_is_told_and_not_asked_again_by_itself(
    store: Store, mint: Mint, do: Act, clock: Any
) -> None:
    mint.refresh_token = "revoked"
    clock.pass_by(hours=1)
    do(keep_tokens)
    do(keep_tokens)
    assert mint.grants == ["refresh_token"]
    assert get_connection(store, "mint").needs_person
    assert heard(store) == ["connection_broke"]


def test_a_busy_token_server_is_asked_again_at_the_next_look(
    store: Store, mint: Mint, do: Act, clock: Any
) -> None:
    mint.answers = [answer({}, 503)]
    clock.pass_by(hours=1)
    do(keep_tokens)
    assert get_connection(store, "mint").problem == ""
    do(keep_tokens)
    assert mint.grants == ["refresh_token"] * 2
    assert mint.count == 2


def test_log_ins_that_need_nobody_are_not_renewed_unasked(
    store: Store, mint: Mint, clock: Any
) -> None:
    machine = mint_connector(MACHINE)
    line = httpx2.WSGITransport(app=mint)
    add_connection(
        store, machine, new_connection(machine, "robot", CLIENT), transport=line, clock=clock
    )
    mint.grants.clear()
    clock.pass_by(days=8)
    works = Works(store, Host({"mint": machine}), Library(store.home), lambda run_id: None)
    keep_tokens(works, transports={"mint": line, "robot": line}, clock=clock)
    assert mint.grants == []
