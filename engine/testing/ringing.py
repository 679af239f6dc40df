"""Checks of webhooks: nothing unsigned is taken, nothing surprises, and what is subscribed can end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TypeVar

from werkzeug.wrappers import Request, Response

from engine.calls import call_deliveries, call_handshake, guarded
from engine.errors import BridgeworkError, ConnectorError, InputError, PluginCrash
from engine.loopback import on_loopback
from engine.operations import Trigger
from engine.parameters import named
from engine.testing.checks import Checks, each, fail, triggers
from engine.testing.rig import Rig, rig
from engine.testing.subject import Subject
from engine.webhooks import Handshake, HookReply, HookRequest, Subscription, Webhook

T = TypeVar("T")

#: Bodies that no vendor means, and that the internet sends all the same.
NONSENSE = (b"", b"null", b"[]", b"{}", b'"text"', b"[1]", b'{"a', b"\xff\xfe", b"data[a][b]=c")


def hooked(subject: Subject) -> list[Trigger]:
    return [one for one in triggers(subject) if one.name in subject.connector.webhooks]


def signed(subject: Subject) -> list[Trigger]:
    return [one for one in hooked(subject) if subject.connector.webhooks[one.name].signature]


def subscribable(subject: Subject) -> list[Trigger]:
    """Return the triggers whose webhook can be subscribed at the practice server."""
    if subject.server is None:
        return []
    return [
        one for one in hooked(subject) if subject.connector.webhooks[one.name].subscribe_function
    ]


class WebhookChecks(Checks):
    """Each webhook, as far as it can be tried without its vendor."""

    @each(signed)
    def test_unsigned_requests_are_refused(self, trigger: Trigger) -> None:
        """Nobody but the vendor starts a recipe, also not before the secret is known."""
        signature = self._hook(trigger).signature
        assert signature is not None
        for secret in ("", "a secret that the vendor knows"):
            for body in (b"", b"{}"):
                request = HookRequest("POST", body=body)
                if signature.refusal(request, secret, datetime.now().astimezone()) is None:
                    known = "while no secret is known" if not secret else "though a secret is known"
                    fail(
                        f"The webhook of {trigger.name} takes a request without signature, {known}."
                    )

    @each(hooked)
    def test_nonsense_is_refused_in_words(self, trigger: Trigger) -> None:
        """What anybody can send is foreseen: all where nothing is signed, else what may be a question.

        The answer to it is an ``InputError``.
        """
        hook, parameters = self._hook(trigger), self.subject.parameters_of(trigger)
        for body in NONSENSE:
            request = HookRequest("POST", {"content-type": "application/json"}, body=body)
            try:
                call_handshake(hook, request, "")
                if hook.signature is not None:
                    continue
                delivered = call_deliveries(hook, request, parameters)
            except InputError:
                continue
            except PluginCrash as error:
                fail(
                    f"The webhook of {trigger.name} doesn't foresee the body {body!r}: "
                    f"{error.__cause__!r}. Look what it is, and raise InputError."
                )
            except ConnectorError:
                continue
            if any(not one.id for one in delivered):
                fail(f"The webhook of {trigger.name} yields a delivery without an id for {body!r}.")

    @each(subscribable)
    def test_a_webhook_is_subscribed_found_renewed_and_ended(self, trigger: Trigger) -> None:
        """A recipe that is switched off leaves nothing behind at the vendor."""
        hook, parameters = self._hook(trigger), self.subject.parameters_of(trigger)
        with rig(self.subject) as line, _listener(hook) as (url, secrets):
            assert hook.subscribe_function is not None
            assert hook.unsubscribe_function is not None
            given = named(hook.subscribe_function, parameters)
            made = _call(hook, partial(hook.subscribe_function, line.context, url, **given))
            self._look_at(hook, made)
            self._find(hook, line, url, made)
            kept = Subscription(made.id, made.secret or (secrets or [""])[-1], made.expires_at)
            if hook.renew_function is not None:
                kept = _call(hook, partial(hook.renew_function, line.context, kept))
                self._look_at(hook, kept)
            _call(hook, partial(hook.unsubscribe_function, line.context, kept))
            self._find(hook, line, url, None)
            if hook.renew_function is not None:
                self._renew_what_is_gone(hook, line, kept)

    def _look_at(self, hook: Webhook, made: Subscription) -> None:
        if not getattr(made, "id", ""):
            fail(f"The webhook of {hook.trigger} was subscribed as {made!r}, without an id.")
        asks = hook.handshake_function is not None or hook.secret_setting
        if hook.signature is not None and not made.secret and not asks:
            fail(
                f"Nobody tells the secret that the webhook of {hook.trigger} is signed with: put it "
                "into the Subscription, or declare a handshake or `secret_setting=`."
            )
        if made.expires_at is None:
            return
        if made.expires_at.tzinfo is None:
            fail(f"The webhook of {hook.trigger} ends at {made.expires_at}, without a time zone.")
        if hook.renew_function is None:
            fail(f"The webhook of {hook.trigger} ends, and nothing renews it: declare @hook.renew.")

    def _find(self, hook: Webhook, line: Rig, url: str, wanted: Subscription | None) -> None:
        if hook.find_function is None:
            return
        found = _call(hook, partial(hook.find_function, line.context, url))
        if (found and found.id) != (wanted and wanted.id):
            state = "was subscribed" if wanted else "was ended"
            fail(f"The webhook of {hook.trigger} {state}, and its find returned {found!r}.")

    def _renew_what_is_gone(self, hook: Webhook, line: Rig, gone: Subscription) -> None:
        assert hook.renew_function is not None
        try:
            with guarded(hook.connector, f"{hook.trigger} (webhook)"):
                hook.renew_function(line.context, gone)
        except InputError as error:
            if error.code == "not_found":
                return
            said = repr(error)
        except BridgeworkError as error:
            said = repr(error)
        else:
            said = "nothing"
        fail(
            f"The webhook of {hook.trigger} is gone, and renewing it raised {said}. An InputError "
            "with the code 'not_found' has it subscribed anew."
        )

    def _hook(self, trigger: Trigger) -> Webhook:
        return self.subject.connector.webhooks[trigger.name]


def _call(hook: Webhook, function: Callable[[], T]) -> T:
    """Call a part of a webhook that talks to the vendor; a failure ends the check."""
    try:
        with guarded(hook.connector, f"{hook.trigger} (webhook)"):
            return function()
    except PluginCrash:  # a defect: its author wants the traceback
        raise
    except BridgeworkError as error:
        problem = str(error)
    return fail(f"The webhook of {hook.trigger} failed: {problem}")


@contextmanager
def _listener(hook: Webhook) -> Iterator[tuple[str, list[str]]]:
    """Answer a vendor's questions at an address; yields it, and the secrets that came with them."""
    secrets: list[str] = []

    @Request.application
    def answer(request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = HookRequest(
            request.method, headers, request.args.to_dict(), request.get_data(cache=False)
        )
        reply = call_handshake(hook, asked, "".join(secrets[-1:]))
        if isinstance(reply, Handshake):
            secrets.append(reply.secret)
            reply = reply.reply
        reply = reply or HookReply()
        return Response(reply.body, reply.status, dict(reply.headers))

    with on_loopback(answer) as url:
        yield f"{url}/hooks/check", secrets
