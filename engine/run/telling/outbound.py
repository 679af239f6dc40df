"""Sends what is in the outbox: signed, tried again for a day, until the subscriber says 410.

Any number of processes may do it: each claims what it sends for a while. Who is killed in between
leaves a claim that runs out, and the event is sent once more, with the same id.
"""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx2

from engine.errors import InputError
from engine.http.errors import retry_after
from engine.http.outward import outward_client
from engine.signatures import OURS
from engine.store import outbound, outbox
from engine.store.database import Store
from engine.store.outbound import Subscriber
from engine.store.outbox import Letter
from engine.waits import doubled

#: Waits between tries: this long, doubled each time up to the longest, a fifth more or less.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
#: A subscription that fails for so long is broken.
GIVEN_UP_AFTER = timedelta(days=1)

#: Subscribers sent to at once, and events claimed at once for each of them.
AT_ONCE, LETTERS = 8, 10
#: Seconds for an answer; seconds after which a turn ends; how long a claim lasts.
TIMEOUT, LONGEST_TURN, CLAIMED_FOR = 10.0, 20.0, timedelta(minutes=3)
#: Bytes and seconds of an answer that are read; nothing in it matters.
LARGEST_ANSWER, LONGEST_ANSWER = 64_000, 10.0

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Failed:
    """An event that wasn't taken.

    :param because: one sentence.
    :param wait: how long the subscriber asked to be left alone, if it did.
    """

    because: str
    wait: timedelta = timedelta(0)


def send_due(
    store: Store,
    clock: Clock = lambda: datetime.now(UTC),
    transport: httpx2.BaseTransport | None = None,
) -> None:
    """Send everything that is due.

    :param clock: the time now; replaced in tests.
    :param transport: instead of the network; for tests.
    """
    due = outbound.due_subscribers(store, clock())
    if due:
        with ThreadPoolExecutor(min(AT_ONCE, len(due)), "outbound") as pool:
            list(pool.map(lambda one: _serve(store, one, clock, transport), due))


def _serve(
    store: Store, subscriber: Subscriber, clock: Clock, transport: httpx2.BaseTransport | None
) -> None:
    """Send a subscriber its events in order, until there are none, one fails or its turn ends."""
    ends = time.monotonic() + LONGEST_TURN
    with outward_client(TIMEOUT, transport) as client:
        while time.monotonic() < ends:
            letters = outbox.claim(store, subscriber.id, LETTERS, clock(), CLAIMED_FOR)
            if not letters or not _send_all(store, client, subscriber, letters, clock, ends):
                return


def _send_all(
    store: Store,
    client: httpx2.Client,
    subscriber: Subscriber,
    letters: list[Letter],
    clock: Clock,
    ends: float,
) -> bool:
    """Send claimed events; return whether there may be more to send."""
    for place, letter in enumerate(letters):
        left = [one.id for one in letters[place:]]
        if time.monotonic() >= ends:
            outbox.release(store, left)
            return False
        failed = _send(client, subscriber, letter, clock())
        if failed is None:
            outbound.note_sent(store, subscriber, [letter.id], clock())
        elif failed == GONE:
            outbound.unsubscribe(store, subscriber.id)
            return False
        else:
            _note(store, subscriber, left, failed, clock())
            return False
    return True


#: The subscriber wants nothing more.
GONE = Failed("It wants nothing more.")


def _send(
    client: httpx2.Client, subscriber: Subscriber, letter: Letter, now: datetime
) -> Failed | None:
    body = letter.body.encode()
    stamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Bridgework",
        "X-Bridgework-Event": subscriber.event,
        "X-Bridgework-Event-Id": letter.event_id,
        OURS.timestamp_header: stamp,
        OURS.header: OURS.signature(body, subscriber.secret, stamp),
    }
    try:
        with client.stream("POST", subscriber.target, content=body, headers=headers) as answer:
            _read(answer)
    except InputError as error:  # it leads into a private network by now
        return Failed(error.message)
    except httpx2.TimeoutException:
        return Failed("It did not answer in time.")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return Failed(f"It can't be reached ({type(error).__name__}).")
    if answer.status_code == 410:
        return GONE
    if answer.is_success:
        return None
    asked = timedelta(seconds=retry_after(answer) or 0)
    return Failed(f"It answered {answer.status_code}.", min(asked, LONGEST_WAIT))


def _read(answer: httpx2.Response) -> None:
    """Read an answer, so that its connection can be used again; a large or slow one isn't worth it."""
    size, ends = 0, time.monotonic() + LONGEST_ANSWER
    for part in answer.iter_raw():
        size += len(part)
        if size > LARGEST_ANSWER or time.monotonic() > ends:
            return


def _note(
    store: Store, subscriber: Subscriber, left: list[int], failed: Failed, now: datetime
) -> None:
    # As it is now: earlier events of this turn may have been taken.
    fresh = outbound.get_subscriber(store, subscriber.id)
    if fresh is None:
        return
    since = fresh.failing_since or now
    wait = doubled(FIRST_WAIT, fresh.failures, LONGEST_WAIT)
    wait = max(wait * random.uniform(0.8, 1.2), failed.wait)  # noqa: S311 - spreads load, no secret
    given_up = now - since >= GIVEN_UP_AFTER
    outbound.note_failure(
        store, fresh, left, failed.because, now, retry_at=None if given_up else now + wait
    )
