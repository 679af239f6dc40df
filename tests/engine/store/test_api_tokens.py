"""API tokens: seen once, kept as a digest, and what they subscribed ends with them."""

from datetime import timedelta

from sqlalchemy import select

from engine.store import outbound
from engine.store.api_tokens import find_token, list_tokens, make_token, revoke_token
from engine.store.notices import list_notices
from engine.store.tables import api_tokens


def test_a_token_opens_and_nothing_like_it_does(store, clock) -> None:
    token = make_token(store, " Zapier ", "admin@firm.example", clock())
    assert token.startswith("bridgework_")
    found = find_token(store, token, clock())
    assert found is not None
    assert (found.name, found.made_by) == ("Zapier", "admin@firm.example")
    for other in ("", token[:-1], token + "x", token.upper(), "bridgework_"):
        assert find_token(store, other, clock()) is None
    assert make_token(store, "Other", "a@firm.example", clock()) != token


def test_the_token_itself_is_nowhere_in_the_database(store, clock) -> None:
    token = make_token(store, "Zapier", "a@firm.example", clock())
    with store.reading() as connection:
        [row] = connection.execute(select(api_tokens)).all()
    assert token not in repr(row)
    assert token.removeprefix("bridgework_") not in repr(row)


def test_its_last_use_is_noted_at_most_once_a_minute(store, clock) -> None:
    token = make_token(store, "Zapier", "a@firm.example", clock())
    assert list_tokens(store)[0].used_at is None
    first = clock()
    find_token(store, token, clock())
    clock.pass_by(seconds=30)
    find_token(store, token, clock())
    assert list_tokens(store)[0].used_at == first
    clock.pass_by(seconds=40)
    find_token(store, token, clock())
    assert list_tokens(store)[0].used_at == first + timedelta(seconds=70)


def test_with_a_token_goes_what_it_subscribed(store, clock) -> None:
    make_token(store, "Zapier", "a@firm.example", clock())
    [token] = list_tokens(store)
    outbound.subscribe(
        store,
        token_id=token.id,
        target="https://hooks.example/1",
        host="hooks.example",
        event="run.finished",
        recipe="",
        now=clock(),
    )
    [subscriber] = outbound.list_subscribers(store)
    outbound.note_failure(store, subscriber, [], "It answered 500.", clock(), retry_at=None)
    assert [notice.stands for notice in list_notices(store)] == [True]
    assert revoke_token(store, token.id)
    assert outbound.list_subscribers(store) == []
    assert list_tokens(store) == []
    assert [notice.stands for notice in list_notices(store)] == [False]
    assert not revoke_token(store, token.id)
