"""Notices: what people were told of, what still stands, and whether it reached them."""

from dataclasses import dataclass

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from engine.redaction import redact
from engine.store.notice_channels import list_channels
from engine.store.notice_deliveries import Sent, deliveries_of
from engine.store.notice_reads import mark_read, unread_among, unread_count
from engine.store.notices import RECOVERY, TOPICS, Notice, list_notices
from web.site import site
from web.times import When, when

bp = Blueprint("notices", __name__, url_prefix="/notices")

NOTICES_A_PAGE = 25
TOPIC_WORDS = {
    "failure": "Failures and recoveries",
    "records": "Rejected records, quiet runs, fields gone",
    "pause": "Paused recipes",
    "question": "Questions",
    "report": "Reports",
}
#: The icon and colour of a notice, by its topic.
LOOKS = {
    "failure": "failed",
    "records": "rejected",
    "pause": "held",
    "question": "unsure",
    "report": "unchanged",
}


@dataclass(frozen=True)
class NoticeLine:
    """One notice in the list.

    :param look: its icon and colour.
    :param state: what is to be said of it besides: that it stands, or when it ended.
    :param sent: to whom it was sent.
    :param failed: to whom it was not, and why.
    """

    id: int
    look: str
    topic: str
    subject: str
    body: str
    link: str
    at: When
    unread: bool
    stands: bool
    ended: When | None
    repeats: int
    sent: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]

    @property
    def is_report(self) -> bool:
        return self.topic == "report"


@bp.get("/")
def index() -> str:
    """List notices, newest first; ``?topic=``, ``?standing=1`` and ``?before=`` narrow it."""
    topic = request.args.get("topic", "")
    topic = topic if topic in TOPICS else ""
    standing = "standing" in request.args
    before = request.args.get("before", type=int)
    found = list_notices(
        site().store,
        topic=topic or None,
        standing=standing,
        before=before,
        limit=NOTICES_A_PAGE + 1,
    )
    shown = found[:NOTICES_A_PAGE]
    return render_template(
        "notices/index.html",
        notices=_lines(shown),
        topics=TOPIC_WORDS,
        topic=topic,
        standing=standing,
        narrowed=bool(topic or standing),
        older=shown[-1].id if len(found) > NOTICES_A_PAGE else None,
        newest=before is None,
        unread=unread_count(site().store, current_user.user.id),
    )


@bp.post("/read")
def read() -> Response:
    """Mark the notice ``id`` as read, or all of them."""
    one = request.form.get("id", type=int)
    mark_read(site().store, current_user.user.id, None if one is None else [one])
    topic = request.form.get("topic") or None
    return redirect(url_for("notices.index", topic=topic))


def show_unread(app: Flask) -> None:
    """Tell every page how many notices are unread."""

    @app.context_processor
    def unread() -> dict[str, int]:
        if not current_user or not current_user.is_authenticated:
            return {}
        return {"unread_notices": unread_count(site().store, current_user.user.id)}


def recipient_words(recipient: str, channels: dict[str, str]) -> str:
    """Return what people call a recipient.

    :param channels: the channels' names, by what deliveries call them.
    """
    return channels.get(recipient) or recipient.removeprefix("mail:")


def _lines(found: list[Notice]) -> list[NoticeLine]:
    ids = [notice.id for notice in found]
    unread = unread_among(site().store, current_user.user.id, ids)
    deliveries = deliveries_of(site().store, ids)
    names = {
        channel.recipient: channel.name
        for channel in list_channels(site().store)
        if channel.kind != "mail"
    }
    return [
        _line(notice, notice.id in unread, deliveries.get(notice.id, []), names) for notice in found
    ]


def _line(notice: Notice, unread: bool, sent: list[Sent], names: dict[str, str]) -> NoticeLine:
    return NoticeLine(
        id=notice.id,
        look="succeeded" if notice.kind in RECOVERY else LOOKS[notice.topic],
        topic=notice.topic,
        subject=redact(notice.subject),
        body=redact(notice.body),
        link=notice.link,
        at=when(notice.at),
        unread=unread,
        stands=notice.stands and notice.topic != "report",
        ended=when(notice.closed_at) if notice.closed_at and not notice.reminder else None,
        repeats=notice.repeats if notice.topic != "report" else 0,
        sent=tuple(recipient_words(one.recipient, names) for one in sent if one.at),
        failed=tuple(
            (recipient_words(one.recipient, names), redact(one.problem))
            for one in sent
            if not one.at and one.problem
        ),
    )
