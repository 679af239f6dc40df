"""Further channels that notices go to: addresses, Slack, webhooks; added, changed, tested, removed."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug import Response

from engine.errors import BridgeworkError, SetupError
from engine.http.urls import host_of
from engine.notices.posting import check_url
from engine.notices.sending import send_trial
from engine.redaction import redact
from engine.store import notice_deliveries as outbox
from engine.store.notice_channels import (
    Channel,
    list_channels,
    remove_channel,
    save_channel,
)
from engine.store.notice_deliveries import Trouble
from engine.store.notices import TOPICS
from web.notice_forms import ChannelForm, MailForm, SlackForm, WebhookForm
from web.notices import TOPIC_WORDS
from web.site import site
from web.times import When, when

bp = Blueprint("notice_channels", __name__, url_prefix="/notices/settings/channels")

ADDITIONS = {
    "mail": "Add an e-mail address",
    "slack": "Add a channel in Slack",
    "webhook": "Add a webhook",
}
KIND_WORDS = {"mail": "E-mail", "slack": "Slack", "webhook": "Webhook"}
FORMS: dict[str, type[ChannelForm]] = {"mail": MailForm, "slack": SlackForm, "webhook": WebhookForm}


@dataclass(frozen=True)
class ChannelCard:
    """One channel, ready for a template."""

    id: int
    name: str
    kind_words: str
    place: str
    enabled: bool
    topics: str
    trouble: "TroubleLine | None"


@dataclass(frozen=True)
class TroubleLine:
    """What keeps failing; ``next_try`` is None where it was given up."""

    problem: str
    since: When
    next_try: When | None


@bp.route("/new/<kind>", methods=["GET", "POST"])
def add(kind: str) -> str | Response | tuple[str, int]:
    """Add a channel of a kind."""
    if kind not in FORMS:
        abort(404)
    form = FORMS[kind]()
    if isinstance(form, WebhookForm) and not form.is_submitted():
        form.key.data = secrets.token_urlsafe(32)
    blank = Channel(name="", kind=kind, place="")  # type: ignore[arg-type]  # one of FORMS
    return _edit(blank, form, new=True)


@bp.route("/<int:channel_id>", methods=["GET", "POST"])
def change(channel_id: int) -> str | Response | tuple[str, int]:
    """Change a channel; an address or key left empty stays as it was."""
    channel = _channel_or_404(channel_id)
    form = FORMS[channel.kind](name=channel.name, address=channel.place)
    return _edit(channel, form, new=False)


@bp.post("/<int:channel_id>/test")
def test(channel_id: int) -> Response:
    channel = _channel_or_404(channel_id)
    try:
        send_trial(site().store, channel)
    except BridgeworkError as error:
        flash(f"The test to “{channel.name}” was not sent: {redact(str(error))}", "problem")
    else:
        flash(f"A test was sent to “{channel.name}”.", "done")
    return _back()


@bp.post("/<int:channel_id>/switch")
def switch(channel_id: int) -> Response:
    channel = _channel_or_404(channel_id)
    save_channel(site().store, replace(channel, enabled=not channel.enabled))
    words = "off" if channel.enabled else "on"
    flash(f"“{channel.name}” is switched {words}.", "done")
    return _back()


@bp.post("/<int:channel_id>/remove")
def remove(channel_id: int) -> Response:
    channel = _channel_or_404(channel_id)
    remove_channel(site().store, channel)
    flash(f"“{channel.name}” is removed.", "done")
    return _back()


def _edit(channel: Channel, form: ChannelForm, *, new: bool) -> str | Response | tuple[str, int]:
    wrong = ""
    chosen = channel.topics if not form.is_submitted() else frozenset(chosen_topics())
    if form.validate_on_submit():
        try:
            changed = _changed(channel, form)
            save_channel(site().store, replace(changed, topics=chosen))
        except SetupError as error:
            wrong = redact(str(error))
        else:
            flash(f"“{changed.name}” is saved. Send a test to see whether it works.", "done")
            if not new:
                recipient = outbox.to_recipient(changed.recipient)
                outbox.try_again_now(site().store, recipient, datetime.now(UTC))
            return _back()
    page = render_template(
        "notices/channel.html",
        form=form,
        new=new,
        channel=channel,
        heading=ADDITIONS[channel.kind] if new else f"Change “{channel.name}”",
        topics=TOPIC_WORDS,
        chosen=chosen,
        wrong=wrong,
    )
    return (page, 400) if form.is_submitted() else page


def _changed(channel: Channel, form: ChannelForm) -> Channel:
    """Return the channel as the form has it.

    :raises SetupError: its address is none.
    """
    changed = replace(channel, name=form.name.data.strip())
    if isinstance(form, MailForm):
        return replace(changed, place=form.address.data.strip().lower())
    assert isinstance(form, SlackForm | WebhookForm)
    kept = dict(channel.secrets)
    if form.url.data or "url" not in kept:
        kept["url"] = check_url(form.url.data or "")
    if isinstance(form, WebhookForm) and form.key.data:
        kept["key"] = form.key.data.strip()
    # The host alone is shown: the path may be a secret.
    return replace(changed, secrets=kept, place=host_of(kept["url"]))


def channel_card(channel: Channel, trouble: dict[str, Trouble]) -> ChannelCard:
    """Return a channel as a template shows it; ``trouble`` is by recipient."""
    wanted = [words for topic, words in TOPIC_WORDS.items() if topic in channel.topics]
    return ChannelCard(
        id=channel.id,
        name=channel.name,
        kind_words=KIND_WORDS[channel.kind],
        place=channel.place,
        enabled=channel.enabled,
        topics=", ".join(wanted) or "Nothing",
        trouble=trouble_line(trouble.get(channel.recipient)),
    )


def trouble_line(found: Trouble | None) -> TroubleLine | None:
    """Return what keeps failing as a template shows it."""
    if found is None:
        return None
    next_try = when(found.next_try) if found.next_try else None
    return TroubleLine(redact(found.problem), when(found.since), next_try)


def chosen_topics() -> Collection[str]:
    """Return the topics that a form has ticked."""
    return [topic for topic in request.form.getlist("topics") if topic in TOPICS]


def _channel_or_404(channel_id: int) -> Channel:
    found = [one for one in list_channels(site().store) if one.id == channel_id]
    return found[0] if found else abort(404)


def _back() -> Response:
    return redirect(url_for("notice_settings.show") + "#channels")
