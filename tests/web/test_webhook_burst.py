"""A thousand webhooks in a burst while an import of the same recipe runs: none lost, each once.

All of it is real: ``bridgework serve`` in a process of its own, its source and its target on
loopback, and senders that wait for nobody.
"""

import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from engine.run.recipes.switching import switch_off, switch_on
from engine.run.start import request_run
from engine.store.database import Store
from engine.store.deliveries import count_deliveries
from engine.store.hooks import list_hooks
from engine.store.runs import get_run, list_runs
from tests.engine.run.bell import Bell, events, signed
from tests.web.ringing import end, free_port, ringing, until

MANY, TWICE = 1000, 150
SENDERS = 8


@pytest.mark.timeout(240)
def test_a_thousand_webhooks_while_an_import_runs_are_none_lost_and_each_once(
    tmp_path: Path,
    store: Store,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BRIDGEWORK_PUBLIC_URL", f"http://127.0.0.1:{free_port()}")
    with ringing(store, tmp_path, MANY) as all_of_it:
        bell, depot, host, recipe = (
            all_of_it.bell,
            all_of_it.depot,
            all_of_it.host,
            all_of_it.recipe,
        )
        process = all_of_it.start()
        try:
            assert switch_on(store, host, recipe) == ""
            (hook,) = list_hooks(store)
            nightly = request_run(store, host, recipe)
            until(lambda: len(depot.parcels) > 50, "the import goes on")

            took = burst(bell, bell.hooks[hook.subscription_id]["url"], hook.secret)
            still_running = get_run(store, nightly).finished_at is None
            until(lambda: count_deliveries(store).get("waiting", 0) == 0, "the inbox is empty")
            until(lambda: not any(run.active for run in list_runs(store)), "all runs are done")
            counts = count_deliveries(store)
            assert switch_off(store, host, "rings") == ""
            assert bell.hooks == {}
        finally:
            end(process)

    runs = list_runs(store)
    cuts = statistics.quantiles(took, n=100)
    with capsys.disabled():
        print(
            f"\n{len(took)} webhooks were answered in {cuts[49]:.0f} ms (median), {cuts[94]:.0f} ms "
            f"(95 %), {cuts[98]:.0f} ms (99 %), by {SENDERS} senders at once while an import ran; "
            f"{len(runs) - 1} runs from the inbox carried on what they told."
        )
    assert still_running
    assert counts == {"done": MANY, "failed": 0}
    assert {ref: parcel["title"] for ref, parcel in depot.parcels.items()} == {
        str(n): "by day" for n in range(MANY)
    }
    puts = Counter((r["path"], r["body"]["title"]) for r in depot.requests if r["method"] == "PUT")
    assert set(puts.values()) == {1}  # neither state of any ring was sent twice
    assert {run.status for run in runs} == {"succeeded"}
    assert all(run.read == sum(run.counts.values()) for run in runs)
    assert sum(run.read for run in runs if run.origin == "webhook") == MANY
    assert cuts[49] < 500  # what is meant is 50 ms; this machine may be busy with other things


def burst(bell: Bell, url: str, secret: str) -> list[float]:
    """Change every ring and tell of it, of some twice, from several senders at once.

    :returns: milliseconds until each was answered.
    """
    told = [*range(MANY), *range(0, TWICE * 2, 2)]
    for n in range(MANY):
        bell.ring(str(n), door="by day")
    clients = [httpx2.Client(timeout=30) for _ in range(SENDERS)]

    def post(numbered: tuple[int, int]) -> tuple[int, float]:
        place, n = numbered
        body = events(str(n))
        begun = time.perf_counter()
        answer = clients[place % SENDERS].post(url, headers=signed(body, secret), content=body)
        return answer.status_code, (time.perf_counter() - begun) * 1000

    with ThreadPoolExecutor(SENDERS) as pool:
        answers = list(pool.map(post, enumerate(told)))
    for client in clients:
        client.close()
    assert {status for status, _ in answers} == {200}
    return [took for _, took in answers]
