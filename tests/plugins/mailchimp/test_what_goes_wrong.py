"""What people suffer from with Mailchimp's API, one test each; the reports are named in apis.md §9."""

from pathlib import Path

import httpx2
import pytest

import plugins.csv
import plugins.mailchimp
from engine.calls import read_trigger
from engine.context import Context
from engine.errors import InputError
from engine.host import Host, build_host
from engine.practice.server import Fault
from engine.recipe.checking.check import check_text
from engine.recipe.live import questions_of
from engine.recipe.load import parse_recipe
from engine.results import Accepted, Rejected
from engine.run.connections.live_fields import refresh
from engine.store.connections import Connection, save_connection
from engine.store.database import Store
from engine.store.live import with_live_fields
from engine.webhooks import HookRequest
from plugins.mailchimp import webhooks
from plugins.mailchimp.practice.sample_data import CLIENTS, NEWSLETTER
from plugins.mailchimp.practice.server import API_KEY, PracticeMailchimp
from tests.plugins.mailchimp.account import CONNECTOR, upsert

RECIPE = f"""\
name: Clients join
trigger: {{use: csv.row_read, with: {{file: rows.csv}}, as: row}}
steps:
  - id: member
    use: mailchimp.upsert_members
    with:
      audience: {CLIENTS}
      email: "{{{{ row.email }}}}"
      merge_fields.SINCE: 2026-01-31
"""
PATH = Path("join.yaml")
CLARA = "clara.whitcombe@post.example"


@pytest.fixture
def host(store: Store) -> Host:
    save_connection(
        store, Connection(name="mailchimp", connector="mailchimp", secrets={"api_key": API_KEY})
    )
    return with_live_fields(build_host([plugins.csv, plugins.mailchimp], strict=True), store)


def findings(store: Store, host: Host, server: PracticeMailchimp, text: str = RECIPE) -> list[str]:
    """Read the audience's fields and check the recipe with them."""
    lines: dict[str, httpx2.BaseTransport] = {"mailchimp": httpx2.WSGITransport(app=server)}
    refresh(store, host, questions_of(host, parse_recipe(text, PATH)), transports=lines)
    return [found.message for found in check_text(text, PATH, host)]


def test_1_somebody_in_compliance_state_is_not_subscribed_but_may_be_asked(ctx: Context) -> None:
    (refused,) = upsert(ctx, {"email": CLARA, "status": "subscribed"})
    assert isinstance(refused, Rejected)
    assert refused.code == "compliance_state"
    assert "`pending`" in refused.hint
    (asked,) = upsert(ctx, {"email": CLARA, "status": "pending"})
    assert isinstance(asked, Accepted)


def test_2_a_field_that_becomes_required_overnight_is_found_before_anything_is_sent(
    store: Store, host: Host, server: PracticeMailchimp
) -> None:
    assert findings(store, host, server) == []
    server.audiences[CLIENTS].merge_fields["AREA"].required = True
    assert findings(store, host, server) == [
        "mailchimp.upsert_members needs 'merge_fields.AREA' under `with:`."
    ]
    skipping = RECIPE.replace("      email:", "      skip_required_fields: yes\n      email:")
    assert findings(store, host, server, skipping) == []


def test_2_a_member_without_a_required_field_is_told_which(
    ctx: Context, server: PracticeMailchimp
) -> None:
    server.audiences[NEWSLETTER].merge_fields["BIRTHDAY"].required = True
    (refused,) = upsert(ctx, {"email": "new@mail.example"})
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.field) == ("missing_merge_field", "merge_fields.BIRTHDAY")


def test_3_an_incomplete_address_is_a_finding_for_it_would_be_dropped_without_a_word(
    store: Store, host: Host, server: PracticeMailchimp
) -> None:
    text = RECIPE.replace("merge_fields.SINCE: 2026-01-31", "merge_fields.ADDRESS.city: Boston")
    (said,) = findings(store, host, server, text)
    assert "'merge_fields.ADDRESS.addr1'" in said
    assert "'merge_fields.ADDRESS.zip'" in said


def test_3_an_address_that_was_dropped_without_a_word_is_not_taken_for_saved(
    ctx: Context,
) -> None:
    row = {"email": "new@mail.example", "merge_fields": {"ADDRESS": {"city": "Boston"}}}
    (refused,) = upsert(ctx, row)  # type: ignore[arg-type]  # as a recipe's row is
    assert isinstance(refused, Rejected)
    assert refused.code == "ignored_merge_field"


def test_4_a_member_who_exists_is_updated_and_only_adding_refuses_them(ctx: Context) -> None:
    (updated,) = upsert(ctx, {"email": "ada.byron@mail.example", "first_name": "Augusta"})
    assert isinstance(updated, Accepted)
    assert updated.created is False


def test_4_a_bad_address_refuses_one_member_and_a_500_is_tried_again(
    ctx: Context, server: PracticeMailchimp
) -> None:
    server.faults.append(Fault(f"/3.0/lists/{NEWSLETTER}", 1, 500))
    bad, good = upsert(ctx, {"email": "no address"}, {"email": "new@mail.example"})
    assert isinstance(bad, Rejected)
    assert bad.code == "invalid_address"
    assert isinstance(good, Accepted)


def test_5_a_list_is_read_to_its_end_though_ten_is_the_default(
    ctx: Context, server: PracticeMailchimp
) -> None:
    trigger = CONNECTOR.triggers["member_changed"]
    assert len(list(read_trigger(trigger, ctx, {"audience": NEWSLETTER}, None))) == 30
    assert server.requests[-1]["query"]["count"] == ["1000"]


def test_6_the_look_at_a_webhooks_address_is_answered_and_a_refusal_is_explained(
    ctx: Context,
) -> None:
    look = HookRequest("GET", {}, {}, b"")
    reply = webhooks.handshake(look, "")
    assert reply is not None
    assert reply.status == 200
    with pytest.raises(InputError, match="couldn't verify the URL") as caught:
        webhooks.subscribe(ctx, "http://127.0.0.1:9/hooks/x", NEWSLETTER)
    assert "reachable from the internet" in caught.value.hint
