"""What Prometheus reads: how things stand in the database, and what this process did."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from engine.backup.making import make_backup
from engine.http.counting import CALLS, RENEWALS, Tally, class_of
from engine.metrics.exposition import exposition
from engine.metrics.figures import read_figures
from engine.store import tables
from engine.store.connections import Connection, save_connection
from engine.store.runs import RunRequest, change_run, create_run
from engine.store.switches import set_switch
from engine.store.versions import save_version
from engine.store.workers import sign_in

NOW = datetime.now(UTC)


class Samples(dict):
    """Values by a sample's name and the values of its labels, in any order."""

    def __missing__(self, asked):
        name, *labels = asked
        return dict.__getitem__(self, (name, *sorted(labels)))


def read(store):
    text = exposition(store).decode()
    return Samples(
        ((sample.name, *sorted(sample.labels.values())), sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    )


def add_run(store, status, *, recipe="night", **values):
    with store.writing() as connection:
        version_id = save_version(connection, recipe, store.home / "night.yaml", "name: x")
        run_id = create_run(
            connection,
            recipe=recipe,
            title="Every night",
            version_id=version_id,
            request=RunRequest(),
            origin="manual",
            nouns={"source": ("matter", "matters"), "target": ("case", "cases")},
        )
        change_run(connection, run_id, status=status, **values)
    return run_id


def ended(ago, seconds=60, **counts):
    at = NOW - ago
    times = {"started_at": at - timedelta(seconds=seconds), "finished_at": at}
    return times | {"counts": counts, "read": sum(counts.values())}


def test_an_empty_home_tells_that_nothing_happens(store):
    found = read(store)
    assert found["bridgework_runs_queued",] == 0
    assert found["bridgework_oldest_queued_seconds",] == 0
    assert ("bridgework_last_backup_bytes",) not in found
    assert found["bridgework_info", "0.1.0", store.engine.dialect.name] == 1


def test_runs_and_records_of_a_day_are_told_by_recipe(store):
    hour = timedelta(hours=1)
    add_run(store, "succeeded", **ended(hour, 90, created=3, unchanged=7))
    add_run(store, "partial", **ended(2 * hour, 30, created=1, rejected=2))
    add_run(store, "failed", **ended(48 * hour, 9000, created=50))
    add_run(store, "queued", created_at=NOW - hour)
    add_run(store, "running", started_at=NOW - 2 * hour)
    sign_in(store, serves=True)
    found = read(store)
    assert found["bridgework_runs_last_day", "night", "succeeded"] == 1
    assert ("bridgework_runs_last_day", "night", "failed") not in found
    assert found["bridgework_records_last_day", "night", "created"] == 4
    assert found["bridgework_records_last_day", "night", "rejected"] == 2
    assert found["bridgework_longest_run_last_day_seconds", "night"] == 90
    assert found["bridgework_last_run_timestamp_seconds", "night", "failed"] == pytest.approx(
        (NOW - 48 * hour).timestamp()
    )
    assert found["bridgework_runs_queued",] == found["bridgework_runs_running",] == 1
    assert 3600 <= found["bridgework_oldest_queued_seconds",] < 4500
    assert 7200 <= found["bridgework_longest_running_seconds",] < 8100
    assert found["bridgework_workers",] == 1


def test_many_runs_are_read_as_far_back_as_a_day(store, monkeypatch):
    from engine.metrics import figures

    monkeypatch.setattr(figures, "PAGE", 3)
    for _ in range(5):
        long_ago = timedelta(days=3)
        add_run(store, "succeeded", created_at=NOW - long_ago, **ended(long_ago, created=1))
    for number in range(8):
        add_run(store, "succeeded", created_at=NOW, **ended(timedelta(minutes=number), created=1))
    assert read_figures(store, NOW).recent.runs["night", "succeeded"] == 8


def test_connections_tell_their_state(store):
    save_connection(
        store,
        Connection(
            name="clio",
            connector="clio",
            secrets={"key": "s3cret-of-clio"},
            problem="It no longer accepts this connection.",
            problem_code="reconnect",
            broken_since=NOW - timedelta(hours=1),
            checked_at=NOW,
        ),
    )
    save_connection(store, Connection(name="depot", connector="depot", checked_at=NOW))
    found = read(store)
    states = ("working", "untried", "unreachable", "broken")
    assert [found["bridgework_connection_state", "clio", "clio", s] for s in states] == [0, 0, 0, 1]
    assert found["bridgework_connection_state", "depot", "depot", "working"] == 1
    assert 3600 <= found["bridgework_connection_broken_seconds", "clio", "clio"] < 4500
    assert found["bridgework_connection_broken_seconds", "depot", "depot"] == 0
    assert b"s3cret" not in exposition(store)
    assert b"no longer accepts" not in exposition(store)


def test_webhooks_tell_what_waits_and_how_long_it_took(store):
    hook = {
        **{"id": 1, "recipe": "night", "connection": "clio", "trigger": "clio.matter_changed"},
        **{"parameters": {}, "address_digest": "d", "address": store.vault.seal("x")},
        **{"state": "enabled", "created_at": NOW},
    }
    run_id = add_run(store, "succeeded", **ended(timedelta(minutes=1)))
    ago = timedelta(minutes=3)
    common = {"hook_id": 1, "attempts": 1}
    with store.writing() as connection:
        connection.execute(insert(tables.hooks).values(hook))
        for number, row in enumerate(
            (
                {"state": "done", "received_at": NOW - ago, "run_id": run_id},
                {"state": "waiting", "received_at": NOW - 2 * ago},
            )
        ):
            connection.execute(
                insert(tables.deliveries).values(**common, delivery_id=f"{number}", **row)
            )
    found = read(store)
    assert found["bridgework_webhook_latency_seconds", "night", "max"] == pytest.approx(120)
    assert found["bridgework_webhooks_waiting", "night"] == 1
    assert 360 <= found["bridgework_oldest_webhook_seconds", "night"] < 1300


def test_switches_schedules_and_backups_are_told(store, tmp_path):
    set_switch(store, "night", True)
    plan = {
        **{"recipe": "night", "words": "every day", "timezone": "UTC", "jitter": 0, "note": ""},
        **{"tick_at": NOW - timedelta(hours=1), "next_at": NOW - timedelta(hours=1)},
        **{"failures": 0, "waits_for": []},
    }
    with store.writing() as connection:
        connection.execute(insert(tables.recipe_schedules).values(plan))
    made = make_backup(store, tmp_path / "recipes", tmp_path / "all.tar")
    found = read(store)
    assert found["bridgework_recipe_on", "night"] == 1
    assert 3600 <= found["bridgework_schedule_overdue_seconds", "night"] < 4500
    assert found["bridgework_last_backup_bytes",] == made.size
    assert found["bridgework_last_backup_timestamp_seconds",] >= NOW.timestamp()


def test_what_this_process_did_is_counted(store):
    CALLS.count("clio", "2xx")
    before = read(store)["bridgework_http_calls_total", "clio", "2xx"]
    CALLS.count("clio", class_of(204), seconds=0.25)
    RENEWALS.count("Clio", "renewed")
    found = read(store)
    assert found["bridgework_http_calls_total", "clio", "2xx"] == before + 1
    assert found["bridgework_http_call_seconds_total", "clio", "2xx"] >= 0.25
    assert found["bridgework_token_renewals_total", "Clio", "renewed"] >= 1
    if Path("/proc/self/stat").exists():
        assert found["process_resident_memory_bytes",] > 1_000_000


def test_threads_count_at_once():
    from concurrent.futures import ThreadPoolExecutor

    tally = Tally()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: tally.count("a", seconds=1.0), range(4000)))
    assert tally.read() == {("a",): (4000, 4000.0)}


@pytest.mark.parametrize(
    ("status", "expected"), [(200, "2xx"), (301, "3xx"), (404, "4xx"), (429, "429"), (503, "5xx")]
)
def test_answers_are_told_by_their_class(status, expected):
    assert class_of(status) == expected
