"""Settings of notices: what I get, the mail server, the daily report. Channels are in web/notice_channels.py."""

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from engine.errors import BridgeworkError, SetupError
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
from engine.notices.recipients import mail_recipient
from engine.notices.sending import send_trial_mail
from engine.public_address import PUBLIC_URL_VARIABLE, public_url
from engine.redaction import redact
from engine.report.coming import place
from engine.store import notice_deliveries as outbox
from engine.store.notice_channels import (
    list_channels,
    save_topics_of_user,
    topics_of_user,
)
from engine.store.notice_deliveries import troubles
from web.notice_channels import ADDITIONS, channel_card, chosen_topics, trouble_line
from web.notice_forms import ReportForm, ServerForm
from web.notices import TOPIC_WORDS
from web.site import site

bp = Blueprint("notice_settings", __name__, url_prefix="/notices/settings")


@bp.get("/")
def show() -> str:
    return _page()


@bp.post("/mine")
def mine() -> Response:
    """Keep what the admin wants by mail."""
    save_topics_of_user(site().store, current_user.user.id, chosen_topics())
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
        my_trouble=trouble_line(trouble.get(mail_recipient(current_user.email))),
        mail=mail,
        mail_wrong=wrong,
        by_environment=is_set_by_environment(),
        server_form=server_form or _server_form(mail),
        report_form=report_form or ReportForm(formdata=None, data=vars(daily)),
        zone=place(report_zone(store, daily)),
        channels=[channel_card(channel, trouble) for channel in channels],
        others=[
            (recipient.removeprefix("mail:"), trouble_line(found))
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


def _server_or_none() -> MailServer | None:
    try:
        return mail_server(site().store)
    except SetupError:
        return None


def _back(part: str) -> Response:
    return redirect(url_for("notice_settings.show") + f"#{part}")
