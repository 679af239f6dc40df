"""A webhook lives as long as its recipe is on: subscribed, renewed, ended, whatever happens between."""

from typing import Any

import pytest

from engine.host import build_host
from engine.practice.server import Fault
from engine.run.recipes.switching import look_after_webhooks, switch_off, switch_on
from engine.run.webhooks.incoming import receive
from engine.run.webhooks.subscribing import address_of
from engine.sdk import HookRequest, hookimpl
from engine.store import hooks
from engine.store.connections import remove_connection
from engine.store.deliveries import list_deliveries
from engine.store.notices import list_notices
from engine.store.switches import pause_recipe, set_switch, switches
from tests.engine.run.bell import bell_connector, events, signed
from tests.engine.run.depot import depot_connector

PUBLIC = "https://bridgework.firm.example"
DAY = 24 * 60 * 60


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch, porter: Any, bell: Any, clock: Any) -> str:
    """Bridgework can be reached by the bell, which shakes hands when it is subscribed."""
    monkeypatch.setenv("BRIDGEWORK_PUBLIC_URL", PUBLIC + "/")

    def send(url: str, headers: dict[str, str], body: bytes) -> int:
        assert url.startswith(f"{PUBLIC}/hooks/")
        token = url.rpartition("/")[2]
        lower = {name.lower(): value for name, value in headers.items()}
        request = HookRequest("POST", lower, {}, body)
        return receive(porter.office.store, porter.office.host, token, request).status

    bell.send, bell.now = send, clock
    return PUBLIC


def look_after(porter: Any) -> Any:
    look_after_webhooks(porter.works, porter.office.clock(), porter.transports)
    return porter.hook


def asked(bell: Any) -> list[str]:
    return [f"{r['method']} {r['path']}" for r in bell.requests if "/hooks" in r["path"]]


# -- on and off ------------------------------------------------------------------------------------


def test_switching_on_subscribes_and_switching_off_ends_it(
    porter: Any, bell: Any, public: str, clock: Any
) -> None:
    hook = porter.switch_on(porter.recipe(trigger="rung"))
    assert (hook.state, hook.subscription_id, hook.problem) == ("enabled", "H1", "")
    assert hook.secret == "bell-secret-H1"  # brought by the handshake
    assert bell.hooks["H1"]["url"] == address_of(hook) == f"{public}/hooks/{hook.token}"
    body = events("7")
    assert bell.send(address_of(hook), signed(body, hook.secret), body) == 200
    office = porter.office
    assert switch_off(office.store, office.host, "parcels", transports=porter.transports) == ""
    assert bell.hooks == {}
    assert (porter.hook.state, porter.hook.subscription_id) == ("removed", "")
    assert bell.send(address_of(hook), signed(body, hook.secret), body) == 410
    assert switches(office.store) == {"parcels": False}


def test_a_recipe_that_runs_by_the_clock_alone_has_no_webhook(porter: Any, bell: Any) -> None:
    recipe = porter.recipe(trigger="rung", trigger_keys="schedule: every day at 20:30")
    office = porter.office
    assert switch_on(office.store, office.host, recipe, transports=porter.transports) == ""
    assert hooks.list_hooks(office.store) == []
    assert bell.requests == []


def test_a_webhook_that_people_enter_themselves_is_ready_at_once(porter: Any, bell: Any) -> None:
    hook = porter.switch_on(porter.recipe(trigger="posted"))
    assert (hook.state, hook.problem) == ("enabled", "")
    assert bell.requests == []


@pytest.mark.parametrize("given", ["", "bridgework.firm.example"])
def test_without_a_public_address_it_says_what_to_set_and_goes_on_once_it_is(
    porter: Any, bell: Any, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("BRIDGEWORK_PUBLIC_URL", given)
    hook = porter.switch_on(porter.recipe(trigger="rung"))
    assert hook.state == "pending"
    assert "Set BRIDGEWORK_PUBLIC_URL" in hook.problem
    assert bell.requests == []
    monkeypatch.setenv("BRIDGEWORK_PUBLIC_URL", PUBLIC)
    assert look_after(porter).state == "enabled"


def test_switching_on_again_subscribes_the_same_address_anew(
    porter: Any, bell: Any, public: str
) -> None:
    recipe = porter.recipe(trigger="rung")
    first = porter.switch_on(recipe)
    office = porter.office
    switch_off(office.store, office.host, "parcels", transports=porter.transports)
    again = porter.switch_on(recipe)
    assert (again.token, again.subscription_id) == (first.token, "H2")
    assert again.secret == "bell-secret-H2"


# -- what goes wrong -------------------------------------------------------------------------------


def test_a_vendor_that_is_down_is_asked_again_and_people_are_told_if_it_lasts(
    porter: Any, bell: Any, public: str, clock: Any
) -> None:
    bell.faults.append(Fault("/hooks", times=1000, status=503))
    hook = porter.switch_on(porter.recipe(trigger="rung"))
    assert hook.state == "broken"
    assert "has a problem of its own" in hook.problem
    assert switches(porter.office.store) == {"parcels": True}
    for minutes in (1, 2):
        requests = len(bell.requests)
        look_after(porter)
        assert len(bell.requests) == requests  # not before its time
        clock.pass_by(minutes=minutes)
        look_after(porter)
    (notice,) = list_notices(porter.office.store)
    assert (notice.kind, notice.about) == ("webhook_broke", "webhook:parcels")
    bell.faults.clear()
    clock.pass_by(minutes=4)
    assert look_after(porter).state == "enabled"
    assert list_notices(porter.office.store)[0].kind == "webhook_well"


def test_a_refused_subscription_says_why(porter: Any, bell: Any, public: str) -> None:
    bell.send = lambda url, headers, body: 500  # the bell can't reach us
    hook = porter.switch_on(porter.recipe(trigger="rung"))
    assert (hook.state, hook.asked_at, bell.hooks) == ("broken", None, {})
    assert hook.problem


def killed_while_subscribing(porter: Any, bell: Any) -> None:
    class Killed(KeyboardInterrupt):
        """Ends everything, as nothing that comes out of a connector does otherwise."""

    def die() -> None:
        raise Killed

    bell.before_answer = die
    with pytest.raises(Killed):
        porter.switch_on(porter.recipe(trigger="rung"))
    bell.before_answer = lambda: None
    assert (porter.hook.state, porter.hook.subscription_id) == ("pending", "")
    assert porter.hook.asked_at is not None
    assert list(bell.hooks) == ["H1"]


def test_killed_while_subscribing_the_subscription_is_found_again(
    porter: Any, bell: Any, public: str
) -> None:
    killed_while_subscribing(porter, bell)
    hook = look_after(porter)
    assert (hook.state, hook.subscription_id) == ("enabled", "H1")
    assert list(bell.hooks) == ["H1"]
    body = events("7")
    assert bell.send(bell.hooks["H1"]["url"], signed(body, hook.secret), body) == 200


def test_killed_while_subscribing_and_switched_off_it_is_found_and_ended(
    porter: Any, bell: Any, public: str
) -> None:
    killed_while_subscribing(porter, bell)
    set_switch(porter.office.store, "parcels", False)
    hook = look_after(porter)
    assert (hook.state, hook.asked_at, bell.hooks) == ("removed", None, {})


def test_where_the_vendor_cant_be_asked_a_new_address_is_subscribed_and_the_old_one_is_gone(
    porter: Any, bell: Any, public: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Plugin:
        @hookimpl
        def register_connectors(self) -> list[Any]:
            return [bell_connector(finds=False), depot_connector()]

    porter.office.host = build_host([Plugin()], strict=True)
    killed_while_subscribing(porter, bell)
    orphan = bell.hooks["H1"]["url"]
    hook = look_after(porter)
    assert (hook.state, hook.subscription_id) == ("enabled", "H2")
    assert address_of(hook) == bell.hooks["H2"]["url"] != orphan
    assert bell.send(orphan, {}, events("7")) == 410


def test_killed_before_the_vendor_is_told_a_switched_off_webhook_is_ended_later(
    porter: Any, bell: Any, public: str
) -> None:
    porter.switch_on(porter.recipe(trigger="rung"))
    set_switch(porter.office.store, "parcels", False)  # as far as it came
    assert look_after(porter).state == "removed"
    assert bell.hooks == {}


def test_a_vendor_that_is_down_is_told_later_that_it_ended(
    porter: Any, bell: Any, public: str, clock: Any
) -> None:
    porter.switch_on(porter.recipe(trigger="rung"))
    bell.faults.append(Fault("/hooks", times=2, status=503))
    office = porter.office
    how = {"now": clock(), "transports": porter.transports}
    assert switch_off(office.store, office.host, "parcels", **how)
    assert porter.hook.state == "removed"  # nothing is taken any more
    clock.pass_by(minutes=1)
    look_after(porter)
    assert bell.hooks == {}
    assert porter.hook.subscription_id == ""
    requests = len(bell.requests)
    clock.pass_by(days=2)
    look_after(porter)
    assert len(bell.requests) == requests


def test_without_its_connection_the_address_alone_tells_the_vendor(
    porter: Any, bell: Any, public: str
) -> None:
    hook = porter.switch_on(porter.recipe(trigger="rung"))
    remove_connection(porter.office.store, "bell")
    set_switch(porter.office.store, "parcels", False)
    look_after(porter)
    assert porter.hook.subscription_id == ""
    assert bell.send(address_of(hook), {}, events("7")) == 410


# -- as time goes by -------------------------------------------------------------------------------


def test_it_is_renewed_long_before_it_ends(porter: Any, bell: Any, public: str, clock: Any) -> None:
    porter.switch_on(porter.recipe(trigger="rung"))
    for _ in range(10 * 8):
        clock.pass_by(hours=3)
        look_after(porter)
        assert porter.hook.expires_at > clock()
    renewals = asked(bell).count("PATCH /hooks/H1")
    assert 9 <= renewals <= 11  # once a day
    assert asked(bell).count("POST /hooks") == 1


def test_one_that_lasts_a_few_hours_is_renewed_when_a_third_is_left(
    porter: Any, bell: Any, public: str, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from tests.engine.run import bell as module

    monkeypatch.setattr(module, "LIFE", timedelta(hours=3))
    porter.switch_on(porter.recipe(trigger="rung"))
    clock.pass_by(minutes=119)
    look_after(porter)
    assert asked(bell) == ["POST /hooks"]
    clock.pass_by(minutes=1)
    look_after(porter)
    assert asked(bell) == ["POST /hooks", "PATCH /hooks/H1"]


def test_one_that_the_vendor_dropped_is_subscribed_anew(
    porter: Any, bell: Any, public: str, clock: Any
) -> None:
    hook = porter.switch_on(porter.recipe(trigger="rung"))
    bell.hooks.clear()
    clock.pass_by(days=1)
    again = look_after(porter)
    assert (again.token, again.subscription_id, again.state) == (hook.token, "H2", "enabled")
    assert again.secret == "bell-secret-H2"


def test_another_parameter_is_subscribed_for_and_another_trigger_too(
    porter: Any, bell: Any, public: str
) -> None:
    porter.switch_on(porter.recipe(trigger="rung"))
    porter.recipe(trigger="rung", trigger_keys="schedule: instant\nwith: {door: back}")
    assert look_after(porter).subscription_id == "H2"
    assert [h["door"] for h in bell.hooks.values()] == ["back"]
    porter.deliver("7")
    porter.recipe(trigger="posted")
    hook = look_after(porter)
    assert (hook.trigger, hook.state, bell.hooks) == ("bell.posted", "enabled", {})
    assert [one.state for one in list_deliveries(porter.office.store)] == ["ignored"]


def test_when_bridgework_moves_to_another_address_it_is_subscribed_there(
    porter: Any, bell: Any, public: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    porter.switch_on(porter.recipe(trigger="rung"))
    look_after(porter)
    assert asked(bell) == ["POST /hooks"]
    monkeypatch.setenv("BRIDGEWORK_PUBLIC_URL", "https://new.firm.example")
    bell.send = None
    hook = look_after(porter)
    assert (hook.subscription_id, hook.state) == ("H2", "enabled")
    assert [h["url"] for h in bell.hooks.values()] == [
        f"https://new.firm.example/hooks/{hook.token}"
    ]


def test_a_recipe_that_no_longer_wants_it_a_deleted_and_a_broken_one(
    porter: Any, bell: Any, public: str
) -> None:
    recipe = porter.recipe(trigger="rung")
    porter.switch_on(recipe)
    recipe.path.write_text("name: [broken")
    assert look_after(porter).state == "enabled"  # a slip shall not cost the subscription
    recipe.path.unlink()
    assert look_after(porter).state == "removed"
    assert bell.hooks == {}
    porter.recipe(trigger="rung")
    assert look_after(porter).state == "enabled"
    porter.recipe(trigger="rung", trigger_keys="schedule: every day at 20:30")
    assert look_after(porter).state == "removed"


def test_a_paused_recipe_keeps_its_webhook_so_that_nothing_is_lost(
    porter: Any, bell: Any, public: str
) -> None:
    hook = porter.switch_on(porter.recipe(trigger="rung"))
    with porter.office.store.writing() as connection:
        pause_recipe(connection, "parcels", "It failed ten times in a row.")
    look_after(porter)
    body = events("7")
    assert bell.send(address_of(hook), signed(body, hook.secret), body) == 200
    assert porter.look() == []
    bell.ring("7")
    set_switch(porter.office.store, "parcels", True)
    assert porter.go().counts == {"created": 1}
