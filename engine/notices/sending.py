"""Sends what is due: deliveries are written for new notices, then each line sends its own.

A delivery is taken before it is sent and marked afterwards. Who is killed between the two leaves it
to be sent again, with the same id: one doubled mail in the worst case, never a lost one.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from engine.errors import BridgeworkError, DeliveryError, SetupError
from engine.notices.mail import MailServer, mail_server, open_line, send_mail
from engine.notices.message import Message, message_of, trial
from engine.notices.posting import post
from engine.notices.recipients import audience
from engine.store import notice_deliveries as outbox
from engine.store.database import Store
from engine.store.notice_channels import Channel, list_channels
from engine.store.notice_deliveries import Delivery
from engine.store.notices import Notice

log = logging.getLogger("bridgework.notices")

Clock = Callable[[], datetime]
#: Makes the text of a notice that is only a heading so far: body and HTML; None leaves it as it is.
Compose = Callable[[Notice], tuple[str, str] | None]

#: Lines used at once; a slow one doesn't hold up the others.
AT_ONCE = 8
#: Notices sent over one line before the others get a look in again.
IN_A_ROW = 50

NO_MAIL_SERVER = "No mail server is set up."


def send_notices(
    store: Store,
    *,
    compose: Compose = lambda notice: None,
    clock: Clock = lambda: datetime.now(UTC),
) -> None:
    """Send every notice that is due. Nothing a channel does wrong raises; its page says it."""
    waiting = outbox.waiting_for_recipients(store)
    if not waiting and not outbox.due_recipients(store, clock()):
        return
    try:
        server = mail_server(store)
    except SetupError as error:
        log.warning("mail can't be sent: %s", error)
        server = None
    _hand_out(store, waiting, server, compose, clock)
    due = outbox.due_recipients(store, clock())
    if not due:
        return
    mails = [recipient for recipient in due if recipient.startswith("mail:")]
    channels = {channel.recipient: channel for channel in list_channels(store)}
    jobs: list[Callable[[], None]] = []
    if mails:
        jobs.append(lambda: _send_mails(store, server, mails, clock))
    for recipient in due:
        if not recipient.startswith("mail:"):
            jobs.append(_poster(store, channels.get(recipient), recipient, clock))
    with ThreadPoolExecutor(min(AT_ONCE, len(jobs)), "bridgework-notices") as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()


def send_trial(store: Store, channel: Channel) -> None:
    """Send a test over a channel now.

    :raises DeliveryError: it could not be sent.
    :raises SetupError: there is no mail server.
    """
    message = trial(channel.name)
    if channel.kind == "mail":
        send_trial_mail(store, channel.place, message)
        return
    post(channel, message)
    outbox.try_again_now(store, outbox.to_recipient(channel.recipient), datetime.now(UTC))


def send_trial_mail(store: Store, address: str, message: Message | None = None) -> None:
    """Send a test mail to an address now.

    :raises DeliveryError: it could not be sent.
    :raises SetupError: there is no mail server.
    """
    server = mail_server(store)
    if server is None:
        raise SetupError(NO_MAIL_SERVER, hint="Enter one under Notices, Settings.")
    with open_line(server) as line:
        send_mail(line, server, address, message or trial(address))
    outbox.try_again_now(store, outbox.to_mail(), datetime.now(UTC))


def _hand_out(
    store: Store,
    waiting: Sequence[Notice],
    server: MailServer | None,
    compose: Compose,
    clock: Clock,
) -> None:
    """Write the deliveries of new notices."""
    if not waiting:
        return
    everybody = audience(store, mail=server is not None)
    for notice in waiting:
        body, html = _composed(compose, notice)
        outbox.hand_out(
            store,
            notice,
            everybody.recipients_of(notice),
            clock(),
            body=body,
            html=html,
            problem=NO_MAIL_SERVER if notice.send_to is not None and server is None else "",
        )


def _composed(compose: Compose, notice: Notice) -> tuple[str | None, str | None]:
    try:
        return compose(notice) or (None, None)
    except Exception:  # what there is to say goes out all the same
        log.exception("the text of notice %s could not be made", notice.id)
        return None, None


def _send_mails(
    store: Store, server: MailServer | None, recipients: Sequence[str], clock: Clock
) -> None:
    first = outbox.take_next(store, recipients, clock())
    if first is None:
        return
    if server is None:
        _failed(store, first, recipients, DeliveryError(NO_MAIL_SERVER, lost_line=True), clock)
        return
    try:
        with open_line(server) as line:

            def send(delivery: Delivery) -> None:
                address = delivery.recipient.removeprefix("mail:")
                send_mail(line, server, address, message_of(delivery.notice))

            _send_all(store, first, recipients, send, clock)
    except DeliveryError as error:  # there was no line: nothing was sent yet
        _failed(store, first, recipients, error, clock)


def _poster(
    store: Store, channel: Channel | None, recipient: str, clock: Clock
) -> Callable[[], None]:
    def go() -> None:
        first = outbox.take_next(store, [recipient], clock())
        if first is None:
            return
        if channel is None or not channel.enabled:
            gone = DeliveryError("This channel is switched off.", permanent=True)
            _failed(store, first, [recipient], gone, clock)
            return
        _send_all(store, first, [recipient], lambda d: post(channel, message_of(d.notice)), clock)

    return go


def _send_all(
    store: Store,
    first: Delivery,
    recipients: Sequence[str],
    send: Callable[[Delivery], None],
    clock: Clock,
) -> None:
    """Send what is due for these recipients, oldest first, until their line breaks."""
    delivery: Delivery | None = first
    number = 0
    while delivery is not None:
        number += 1
        try:
            send(delivery)
        except BridgeworkError as error:
            _failed(store, delivery, recipients, error, clock)
            if getattr(error, "lost_line", False):
                return
        except Exception:
            log.exception("notice %s could not be sent", delivery.notice.id)
            defect = DeliveryError(
                "Something went wrong inside Bridgework; its log has the details."
            )
            _failed(store, delivery, recipients, defect, clock)
        else:
            outbox.mark_sent(store, delivery, clock())
        delivery = None if number == IN_A_ROW else outbox.take_next(store, recipients, clock())


def _failed(
    store: Store,
    delivery: Delivery,
    recipients: Sequence[str],
    error: BridgeworkError,
    clock: Clock,
) -> None:
    log.warning("notice %s was not sent: %s", delivery.notice.id, error)
    now = clock()
    permanent, after, lost_line = False, None, False
    if isinstance(error, DeliveryError):
        permanent, lost_line = error.permanent, error.lost_line
        after = timedelta(seconds=error.after) if error.after else None
    outbox.mark_failed(store, delivery, str(error), now, permanent=permanent, after=after)
    if lost_line:
        outbox.put_off(store, recipients, now, now + max(outbox.WAITS[0], after or timedelta()))
