"""kill -9 of Bridgework in a burst of webhooks: what was answered with 200 is there, and each once.

The senders do as vendors do: what was not answered with 200 is sent again, until it is.
"""

import random
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from engine.run.recipes.switching import switch_on
from engine.run.start import request_run
from engine.store.database import Store
from engine.store.deliveries import count_deliveries
from engine.store.hooks import list_hooks
from engine.store.runs import list_runs
from tests.engine.run.bell import events, signed
from tests.web.ringing import end, free_port, ringing, until

MANY, KILLS, SENDERS = 160, 3, 4


@pytest.mark.timeout(240)
def test_killed_again_and_again_every_webhook_arrives_once(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGEWORK_PUBLIC_URL", f"http://127.0.0.1:{free_port()}")
    chance = random.Random(7)
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
            url = bell.hooks[hook.subscription_id]["url"]
            request_run(store, host, recipe)
            until(lambda: len(depot.parcels) > 10, "the import goes on")
            for n in range(MANY):
                bell.ring(str(n), door="by day")

            def tell(n: int) -> int:
                """Send until it is answered with 200; return how often that took."""
                body = events(str(n))
                for attempt in range(1, 1000):
                    try:
                        sent = httpx2.post(
                            url, headers=signed(body, hook.secret), content=body, timeout=5
                        )
                        if sent.status_code == 200:
                            return attempt
                    except httpx2.HTTPError:
                        pass
                    time.sleep(0.2)
                raise AssertionError(f"webhook {n} was never taken")

            with ThreadPoolExecutor(SENDERS) as pool:
                answers = [pool.submit(tell, n) for n in range(MANY)]
                for _ in range(KILLS):
                    time.sleep(chance.uniform(0.1, 0.8))
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    process.stdout.close()
                    process = all_of_it.start()
                attempts = [answer.result() for answer in answers]
            assert sum(count_deliveries(store).values()) == MANY
            until(lambda: count_deliveries(store).get("waiting", 0) == 0, "the inbox is empty")
            until(lambda: not any(run.active for run in list_runs(store)), "all runs are done")
        finally:
            end(process)

    assert max(attempts) > 1  # some met a dead Bridgework
    assert count_deliveries(store) == {"done": MANY, "failed": 0}
    titles = {ref: parcel["title"] for ref, parcel in depot.parcels.items()}
    assert titles == {str(n): "by day" for n in range(MANY)}
    for run in list_runs(store):
        assert run.status == "succeeded", run
        assert run.read == sum(run.counts.values())
    # What was on its way when it died may be put once more: the depot's PUT is repeatable.
    puts = Counter((r["path"], r["body"]["title"]) for r in depot.requests if r["method"] == "PUT")
    assert max(puts.values()) <= 1 + KILLS
