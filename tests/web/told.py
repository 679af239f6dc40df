"""A recipe that Clio tells by webhook, with deliveries in every state."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.store.database import Store
from engine.store.deliveries import add_deliveries, add_unreadable, ignore_delivery
from engine.store.hooks import (
    Hook,
    find_hook,
    note_problem,
    note_refused,
    note_subscribed,
    want_hook,
)
from engine.store.inbox import set_aside, settle_deliveries, take_waiting
from engine.webhooks import Delivery, Subscription

TOLD = """\
name: Matters are told of at once
trigger:
  use: clio.matter_changed
  connection: clio
  as: matter
  schedule: instant and every day at 20:30
steps:
  - id: row
    use: csv.append_rows
    with: {file: out.csv, columns.number: "{{ matter.display_number }}"}
"""


def seed_webhook(store: Store, recipes_folder: Path) -> Hook:
    """Write a recipe with a webhook that has troubles, and deliveries in every state."""
    (recipes_folder / "told.yaml").write_text(TOLD, "utf-8")
    now = datetime.now(UTC)
    hook = want_hook(
        store,
        recipe="told",
        connection="clio",
        trigger="clio.matter_changed",
        parameters={},
        now=now - timedelta(days=2),
    )
    subscription = Subscription("17", "a secret of Clio's", now + timedelta(days=20))
    note_subscribed(store, hook, subscription, now - timedelta(hours=3))
    told = [Delivery(f"17:updated:{n}:etag", key=str(n), event="updated") for n in range(1, 7)]
    add_deliveries(store, hook.id, told, now - timedelta(minutes=5))
    first, second, third, fourth, *_ = take_waiting(store, [hook.id], after=0, upto=99, limit=9)
    with store.writing() as connection:
        settle_deliveries(connection, 1, {"created": [first.id], "rejected": [second.id]})
    set_aside(store, [third.id], "The connector 'clio' failed in a way it did not foresee.")
    ignore_delivery(store, fourth.id)
    add_unreadable(store, hook.id, {"method": "POST"} | EMPTY, "It names no record.", now)
    note_refused(store, hook, "The signature doesn't match.", now)
    note_problem(store, hook, "Clio did not answer for 30 seconds.", now)
    found = find_hook(store, hook.token)
    assert found is not None
    return found


#: The rest of a request as it is kept, whose body is empty.
EMPTY = {"headers": {}, "query": {}, "body": ""}
