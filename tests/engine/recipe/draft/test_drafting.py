"""What a draft says by itself, before anybody is asked: its words, and fields that fill themselves."""

import pytest

from engine.fields import schema_of_sample
from engine.host import Host, build_host
from engine.recipe.draft.drafting import Matching, telling_columns, words_for


@pytest.fixture(scope="module")
def shipped() -> Host:
    return build_host(strict=True)


def test_the_words_of_a_draft(shipped: Host) -> None:
    clio, mailchimp = shipped.connectors["clio"], shipped.connectors["mailchimp"]
    words = words_for(shipped, clio.triggers["matter_changed"], mailchimp.actions["upsert_members"])
    assert words.title == "Clio matters become Mailchimp members"
    assert (words.record, words.step) == ("matter", "member")


def test_what_fills_itself_and_what_somebody_has_to_say(shipped: Host) -> None:
    trigger = shipped.connectors["clio"].triggers["matter_changed"]
    action = shipped.connectors["mailchimp"].actions["upsert_members"]
    proposals = list(
        Matching(schema_of_sample(trigger.sample), trigger.sample, action, "matter").proposals()
    )
    filled = {name: text for one in proposals for name, text in one.fields.items()}
    assert filled["email"].startswith("{{ matter.client.")
    assert len(set(filled.values())) == len(filled)  # nothing twice
    asked = {one.line.name: one.same_for_all for one in proposals if one.asks}
    assert asked["audience"]  # one call has it once for all its rows


def test_the_likeliest_column_tells_rows_of_a_file_apart(shipped: Host) -> None:
    trigger = shipped.connectors["csv"].triggers["row_read"]
    schema = {"properties": {"key": {}, "line": {}, "name": {}, "email": {}}}
    assert telling_columns(trigger, schema) == (["name", "email"], 1)
    matters = shipped.connectors["clio"].triggers["matter_changed"]
    assert telling_columns(matters, schema) == ([], 0)
