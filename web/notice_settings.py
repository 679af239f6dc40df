"""Settings of notices: what I get, the mail server, the daily report, further channels."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from engine.errors import BridgeworkError, SetupError
from engine.http.urls import host_of
from engine.notices.daily import (
    DailySettings,
    daily_settings,
    report_zone,
    save_daily_settings,
)
from engine.notices.mail import (
    PORTS,
    SMTP_URL_VARIABLE,
    MailServer,
    is_set_by_environment,
    mail_server,
    save_mail_server,
)
from engine.notices.posting import check_url
from engine.notices.recipients import mail_recipient
from engine.notices.sending import send_trial, send_trial_mail
from engine.public_address import PUBLIC_URL_VARIABLE, public_url
from engine.redaction import redact
from engine.report import place
from engine.store import notice_deliveries as outbox
from engine.store.notice_channels import (
    Channel,
    list_channels,
    remove_channel,
    save_channel,
    save_topics_of_user,
    topics_of_user,
)
from engine.store.notice_deliveries import Trouble, troubles
from engine.store.notices import TOPICS
from web.notice_forms import ChannelForm, MailForm, ReportForm, ServerForm, SlackForm, WebhookForm
from web.notices import TOPIC_WORDS
from web.site import site
from web.times import When, when

bp = Blueprint("notice_settings", __name__, url_prefix="/notices/settings")

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


@bp.get("/")
def show() -> str:
    return _page()


@bp.post("/mine")
def mine() -> Response:
    """Keep what the admin wants by mail."""
    save_topics_of_user(site().store, current_user.user.id, _topics())
    flash("Saved what you get.", "done")
    return _back("mine")


# -- mail server -----------------------------------------------------------------------------------


@bp.post("/server")
def server() -> str | Response | tuple[str, int]:
    form = ServerForm()
    if is_set_by_environment():
        abort(409)
    if not form.validate_on_submit():
        return _page(server_form=form), 400
    host, user = form.host.data.strip(), form.user.data.strip()
    before = _server_or_none()
    # Kept for the same server and user alone: nobody is to have it sent to a server of theirs.
    kept = before.password if before and (before.host, before.user) == (host, user) else ""
    save_mail_server(
        site().store,
        MailServer(
            host=host,
            port=form.port.data or PORTS[form.security.data],
            security=form.security.data,
            user=user,
            password=(form.password.data or kept) if user else "",
            sender=form.sender.data.strip(),
        ),
    )
    outbox.try_again_now(site().store, outbox.to_mail(), datetime.now(UTC))
    flash("The mail server is saved. Send a test to see whether it works.", "done")
    return _back("server")


@bp.post("/server/test")
def test_server() -> Response:
    try:
        send_trial_mail(site().store, current_user.email)
    except BridgeworkError as error:
        flash(f"The test was not sent: {redact(str(error))}", "problem")
    else:
        flash(f"A test was sent to {current_user.email}.", "done")
    return _back("server")


@bp.post("/server/forget")
def forget_server() -> Response:
    save_mail_server(site().store, None)
    flash("The mail server is forgotten. Notices are shown here only.", "done")
    return _back("server")


# -- daily report ----------------------------------------------------------------------------------


@bp.post("/report")
def report() -> str | Response | tuple[str, int]:
    form = ReportForm()
    if not form.validate_on_submit():
        return _page(report_form=form), 400
    save_daily_settings(
        site().store,
        DailySettings(
            enabled=form.enabled.data,
            at=form.at.data,
            zone=form.zone.data.strip(),
            on_quiet_days=form.on_quiet_days.data,
        ),
    )
    flash("The daily report is saved.", "done")
    return _back("report")


# -- channels --------------------------------------------------------------------------------------


@bp.route("/channels/new/<kind>", methods=["GET", "POST"])
def add(kind: str) -> str | Response | tuple[str, int]:
    """Add a channel of a kind."""
    if kind not in FORMS:
        abort(404)
    form = FORMS[kind]()
    if isinstance(form, WebhookForm) and not form.is_submitted():
        form.key.data = secrets.token_urlsafe(32)
    blank = Channel(name="", kind=kind, place="")  # type: ignore[arg-type]  # one of FORMS
    return _edit(blank, form, new=True)


@bp.route("/channels/<int:channel_id>", methods=["GET", "POST"])
def change(channel_id: int) -> str | Response | tuple[str, int]:
    """Change a channel; an address or key left empty stays as it was."""
    channel = _channel_or_404(channel_id)
    form = FORMS[channel.kind](name=channel.name, address=channel.place)
    return _edit(channel, form, new=False)


@bp.post("/channels/<int:channel_id>/test")
def test_channel(channel_id: int) -> Response:
    channel = _channel_or_404(channel_id)
    try:
        send_trial(site().store, channel)
    except BridgeworkError as error:
        flash(f"The test to “{channel.name}” was not sent: {redact(str(error))}", "problem")
    else:
        flash(f"A test was sent to “{channel.name}”.", "done")
    return _back("channels")


@bp.post("/channels/<int:channel_id>/switch")
def switch_channel(channel_id: int) -> Response:
    channel = _channel_or_404(channel_id)
    save_channel(site().store, replace(channel, enabled=not channel.enabled))
    words = "off" if channel.enabled else "on"
    flash(f"“{channel.name}” is switched {words}.", "done")
    return _back("channels")


@bp.post("/channels/<int:channel_id>/remove")
def remove(channel_id: int) -> Response:
    channel = _channel_or_404(channel_id)
    remove_channel(site().store, channel)
    flash(f"“{channel.name}” is removed.", "done")
    return _back("channels")


def _edit(channel: Channel, form: ChannelForm, *, new: bool) -> str | Response | tuple[str, int]:
    wrong = ""
    chosen = channel.topics if not form.is_submitted() else frozenset(_topics())
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
            return _back("channels")
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


# -- parts -----------------------------------------------------------------------------------------


def _page(*, server_form: ServerForm | None = None, report_form: ReportForm | None = None) -> str:
    store = site().store
    wrong, mail = "", None
    try:
        mail = mail_server(store)
    except SetupError as error:
        wrong = redact(str(error))
    trouble, channels = troubles(store), list_channels(store)
    shown = {mail_recipient(current_user.email), *(channel.recipient for channel in channels)}
    daily = daily_settings(store)
    return render_template(
        "notices/settings.html",
        topics=TOPIC_WORDS,
        mine=topics_of_user(store, current_user.user.id),
        my_trouble=_trouble(trouble.get(mail_recipient(current_user.email))),
        mail=mail,
        mail_wrong=wrong,
        by_environment=is_set_by_environment(),
        server_form=server_form or _server_form(mail),
        report_form=report_form or ReportForm(formdata=None, data=vars(daily)),
        zone=place(report_zone(store, daily)),
        channels=[_card(channel, trouble) for channel in channels],
        others=[
            (recipient.removeprefix("mail:"), _trouble(found))
            for recipient, found in sorted(trouble.items())
            if recipient.startswith("mail:") and recipient not in shown
        ],
        additions=ADDITIONS,
        public_url=public_url(),
        public_url_variable=PUBLIC_URL_VARIABLE,
        smtp_variable=SMTP_URL_VARIABLE,
        every_day=f"{daily.at:%H:%M}",
    )


def _server_form(mail: MailServer | None) -> ServerForm:
    if mail is None:
        return ServerForm(formdata=None)
    return ServerForm(formdata=None, data={**vars(mail), "password": ""})


def _card(channel: Channel, trouble: dict[str, Trouble]) -> ChannelCard:
    wanted = [words for topic, words in TOPIC_WORDS.items() if topic in channel.topics]
    return ChannelCard(
        id=channel.id,
        name=channel.name,
        kind_words=KIND_WORDS[channel.kind],
        place=channel.place,
        enabled=channel.enabled,
        topics=", ".join(wanted) or "Nothing",
        trouble=_trouble(trouble.get(channel.recipient)),
    )


def _trouble(found: Trouble | None) -> TroubleLine | None:
    if found is None:
        return None
    next_try = when(found.next_try) if found.next_try else None
    return TroubleLine(redact(found.problem), when(found.since), next_try)


def _server_or_none() -> MailServer | None:
    try:
        return mail_server(site().store)
    except SetupError:
        return None


def _channel_or_404(channel_id: int) -> Channel:
    found = [one for one in list_channels(site().store) if one.id == channel_id]
    return found[0] if found else abort(404)


def _topics() -> Collection[str]:
    return [topic for topic in request.form.getlist("topics") if topic in TOPICS]


def _back(part: str) -> Response:
    return redirect(url_for("notice_settings.show") + f"#{part}")
