"""The ledger balances whatever comes: any records, any answers, any chunks, any interruption."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.run.start import request_run
from engine.store.database import open_store

COLOURS = ["red", "blue", "refused", "crash"]
ORDERS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["1", "2", "3", "4", "5", "6", "7", 8, "", None]),
            "colour": st.sampled_from(COLOURS),
            "shelf": st.sampled_from(["A", "B", "Z"]),
            "note": st.sampled_from(["", "hello", "crash"]),
            "minute": st.integers(0, 3),
        }
    ),
    max_size=14,
)
WAYS = {
    "SINGLE": "- id: parcel\n  use: depot.store_parcel\n"
    '  with: {colour: "{{ order.colour }}", title: "{{ order.title }}"}',
    "BATCH": "- id: batch\n  use: depot.store_parcels\n  if: order.colour != 'crash'\n"
    '  with: {shelf: "{{ order.shelf }}", ref: "{{ order.id }}", colour: "{{ order.colour }}"}',
    "NOTE": '- id: note\n  use: depot.send_note\n  with: {text: "{{ order.note }}"}',
}
SKIP = "skip:\n  - if: order.shelf == 'Z'\n    reason: Closed.\n"


@pytest.fixture
def fresh(office, monkeypatch, new_home):
    """Return the office with a new home and an empty depot, and chunks of a size."""

    def start(folder: Path, chunk: int):
        monkeypatch.setattr("engine.run.plan.CHUNK", chunk)
        monkeypatch.setattr("engine.run.plan.CHUNK_OF_CALLS", chunk)
        office.store = open_store(new_home(folder))
        office.connect_anew()
        office.depot.parcels.clear()
        office.depot.notes.clear()
        return office

    return start


def shaped(make_order, drawn):
    def at(minute: int) -> str:
        return f"2026-11-24T10:0{minute}:00+00:00"

    return [make_order(d["id"], changed_at=at(d["minute"]), **{k: d[k] for k in ("colour", "shelf", "note")}) for d in drawn]  # fmt: skip


@settings(
    max_examples=40,
    # Without shrinking: each attempt runs whole imports.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.sqlite  # each example has a home of its own
@given(
    nights=st.lists(ORDERS, min_size=1, max_size=3),
    chunk=st.integers(1, 5),
    steps=st.lists(st.sampled_from(sorted(WAYS)), min_size=1, max_size=2, unique=True),
    trigger=st.sampled_from(["order_changed", "order_listed"]),
    pauses=st.integers(0, 3),
)
def test_every_record_is_in_the_ledger_with_one_outcome(
    fresh, make_order, nights, chunk, steps, trigger, pauses
):
    with TemporaryDirectory() as folder:
        office = fresh(Path(folder) / "home", chunk)
        recipe = office.recipe("\n".join(WAYS[s] for s in steps), trigger=trigger, more=SKIP)
        for drawn in nights:
            office.mill.orders = shaped(make_order, drawn)
            run_id = request_run(office.store, office.host, recipe)
            for _ in range(pauses):  # as if the program ended and was started again
                asked = iter([False])
                run = office.go(run_id, pause=lambda asked=asked: next(asked, True))
            run = office.go(run_id)  # which itself checks that counts and ledger agree
            assert run.status in ("succeeded", "partial")
            entries = office.entries(run)
            times = Counter(e.key for e in entries if e.code != "same_key" and e.step != "trigger")
            assert set(times.values()) <= {1}
            named = {str(o["id"]) for o in office.mill.orders if o["id"] not in ("", None)}
            assert named <= {entry.key for entry in entries}
            attention = {e.key for e in entries if e.outcome in ("rejected", "failed", "unsure")}
            assert attention <= office.open_problems().keys()
        # What can't be repeated was sent once for each record and text, whatever happened.
        sent = Counter((note["ref"], note["text"]) for note in office.depot.notes)
        assert all(sent[pair] == 1 for pair in sent if pair[1] == "crash")
        office.store.close()
