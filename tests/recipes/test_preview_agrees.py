"""A preview and the run after it agree, record by record, on every shipped recipe."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.recipes.conftest import RUNNING, Bench

#: By hand these have one record, of the moment at which they begin: each run's is another.
OF_THE_MOMENT = {"weekly-reminder-to-slack"}


def change_something(bench: Bench) -> None:
    """Let a few records change at each source."""
    clio, mailchimp = bench.servers["clio"], bench.servers["mailchimp"]
    for kind, field in (("matters", "description"), ("contacts", "last_name")):
        for record in clio.records()[kind][:3]:
            clio.edit(kind, str(record["id"]), {field: "Something else entirely"})
    for member in mailchimp.records()["members"][:3]:
        mailchimp.edit(
            "members", f"{member['list_id']}/{member['email_address']}", {"status": "unsubscribed"}
        )


@pytest.mark.parametrize("recipe", [one for one in RUNNING if one not in OF_THE_MOMENT])
def test_a_preview_says_what_the_run_then_does(bench: Bench, recipe: str) -> None:
    rounds: list[tuple[Callable[[Bench], None], tuple[str, ...]]] = [
        (lambda bench: None, ()),
        (change_something, ()),
        (lambda bench: None, ("--full",)),
    ]
    for prepare, options in rounds:
        prepare(bench)
        shown = bench.preview(recipe, *options)
        bench.run(recipe, *options)
        done = {without_number(record["key"]): record for record in bench.records()}
        shown = {without_number(key): record for key, record in shown.items()}
        assert shown.keys() == done.keys()
        for key, record in shown.items():
            agree(record, done[key])
    # Everything once more, and nothing changed meanwhile: nothing is sent.
    assert not bench.keys("created") | bench.keys("updated") | bench.keys("unsure")


def without_number(key: str) -> str:
    """Return the key of a message of collected records as a preview knows it before it is made."""
    return re.sub(r":(new )?\d+$", "", key)


def agree(shown: dict[str, Any], done: dict[str, Any]) -> None:
    """Compare a preview's record with the report's; what only the target knows may differ."""
    if shown["outcome"] in SENT and done["outcome"] == "rejected":
        assert done["code"] in REFUSED_THERE
    elif shown["outcome"] in SENT:
        there_already = ("updated", "unchanged")  # as only the target knew
        assert done["outcome"] in (shown["outcome"], *there_already)
    else:
        parts = ["outcome", "code", "step", "field"]
        if done["outcome"] != "waiting":  # a preview says that it would ask, or wait
            parts.append("reason")
        assert [shown[part] for part in parts] == [done[part] for part in parts]


SENT = ("created", "updated")
#: What a practice server refused, by the connectors' own codes.
REFUSED_THERE = frozenset(
    {"invalid_phone", "compliance_state", "permanently_deleted", "fake_address", "invalid_address"}
    | {"conflict", "field_custom_validation_exception", "duplicates_detected"}
)
