"""A trigger's webhook as a connector declares it: what requests hold, and what the host refuses."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest

from engine.errors import InputError, PluginLoadError
from engine.sdk import (
    Connector,
    Context,
    Delivery,
    Field,
    HookRequest,
    Subscription,
    TypedDict,
    Webhook,
)
from engine.validation import validate


class Settings(TypedDict):
    """What a connection to the notes needs."""

    shared_secret: Annotated[str, Field("Shared secret", secret=True)]


def note_changed(ctx: Context, folder: str = "inbox") -> Iterator[dict[str, Any]]:
    """Start with each note."""
    yield from ()


def notes() -> Connector:
    connector = Connector(name="notes", title="Notes", settings=Settings)
    connector.trigger("Note changed", key="id", sample={"id": "n1"})(note_changed)
    return connector


def complete(connector: Connector) -> Webhook:
    hook = connector.webhook(note_changed, secret_setting="shared_secret")

    @hook.deliveries
    def deliveries(request: HookRequest, folder: str) -> Iterator[Delivery]:
        yield Delivery("d1", key="n1", event=folder)

    @hook.subscribe
    def subscribe(ctx: Context, url: str, folder: str) -> Subscription:
        return Subscription(f"{folder} {url}")

    @hook.unsubscribe
    def unsubscribe(ctx: Context, subscription: Subscription) -> None:
        pass

    return hook


def test_a_webhook_is_found_by_the_name_of_its_trigger() -> None:
    connector = notes()
    hook = complete(connector)
    validate(connector, "notes")
    assert connector.webhooks == {"note_changed": hook}


def no_trigger(connector: Connector) -> None:
    def note_chnaged() -> None: ...

    connector.webhook(note_chnaged)


def no_deliveries(connector: Connector) -> None:
    connector.webhook(note_changed)


def for_ever(connector: Connector) -> None:
    complete(connector).unsubscribe_function = None


def unknown_setting(connector: Connector) -> None:
    complete(connector).secret_setting = "secret"


def unknown_parameter(connector: Connector) -> None:
    @complete(connector).subscribe
    def subscribe(ctx: Context, url: str, drawer: str) -> Subscription:
        return Subscription(drawer)


def two_of_them(connector: Connector) -> None:
    complete(connector)
    complete(connector)


@pytest.mark.parametrize(
    ("mistake", "problem", "remedy"),
    [
        (no_trigger, "there is no trigger 'note_chnaged'", "Did you mean 'note_changed'?"),
        (no_deliveries, "nothing says what its requests deliver", "@hook.deliveries"),
        (for_ever, "can be subscribed but not unsubscribed", "@hook.unsubscribe"),
        (unknown_setting, "the connection has no setting 'secret'", "secret=True"),
        (unknown_parameter, "asks for 'drawer'", "It may name: ctx, folder, url."),
        (two_of_them, "it has two webhooks", "one webhook for each trigger"),
    ],
)
def test_a_wrong_webhook_is_refused_with_what_to_do(
    mistake: Callable[[Connector], None], problem: str, remedy: str
) -> None:
    connector = notes()
    mistake(connector)
    with pytest.raises(PluginLoadError) as caught:
        validate(connector, "notes")
    assert problem in caught.value.message
    assert remedy in caught.value.hint


def test_a_form_with_brackets_becomes_nested_objects() -> None:
    body = b"type=profile&data[email]=ada%40firm.example&data[merges][FNAME]=Ada+B.&data[note]="
    assert HookRequest("POST", body=body).form() == {
        "type": "profile",
        "data": {"email": "ada@firm.example", "merges": {"FNAME": "Ada B."}, "note": ""},
    }


@pytest.mark.parametrize("body", [b"data=1&data[a]=2", b"data[a]=2&data=1"])
def test_a_form_that_contradicts_itself_keeps_the_more_detailed_value(body: bytes) -> None:
    assert HookRequest("POST", body=body).form() == {"data": {"a": "2"}}


@pytest.mark.parametrize("body", [b"&".join([b"a=1"] * 2001), b"a" + b"[b]" * 100_000 + b"=1"])
def test_a_form_that_nobody_means_is_not_read(body: bytes) -> None:
    with pytest.raises(InputError, match="too many fields"):
        HookRequest("POST", body=body).form()


@pytest.mark.parametrize("body", [b"[" * 900_000, b'{"a":' * 100_000])
def test_json_as_deep_as_a_well_is_no_json(body: bytes) -> None:
    with pytest.raises(InputError, match="isn't JSON"):
        HookRequest("POST", body=body).json()


def test_a_body_that_is_no_json_is_an_error_people_can_read() -> None:
    assert HookRequest("POST", body=b'{"id": 1}').json() == {"id": 1}
    with pytest.raises(InputError, match="isn't JSON"):
        HookRequest("POST", body=b"<html>").json()


def test_secrets_and_bodies_are_not_shown_by_their_values() -> None:
    shown = f"{HookRequest('POST', body=b'private')} {Subscription('17', secret='s3cret')}"
    assert "private" not in shown
    assert "s3cret" not in shown
