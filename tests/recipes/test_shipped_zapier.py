"""The shipped recipe that starts a Zap, from end to end, run twice against practice servers."""

from plugins.zapier.practice.server import PracticeZapier
from tests.recipes.conftest import Bench

RECIPE = "mailchimp-unsubscribes-to-zapier"


def test_who_left_starts_the_zap_once_each_in_one_request(bench: Bench) -> None:
    first = bench.run(RECIPE)
    zapier = bench.servers["zapier"]
    assert isinstance(zapier, PracticeZapier)
    assert len(zapier.caught) == first["created"] > 1
    assert len(bench.writes("zapier")) == 1
    assert len({one["event_id"] for one in zapier.caught}) == len(zapier.caught)
    assert all({"email", "name", "left_on", "reason"} < set(one) for one in zapier.caught)
    assert "created" not in bench.run(RECIPE, "--full")
    assert bench.writes("zapier") == []
