"""Fields that only an account knows: asked once, known offline, read afresh before a run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

import plugins.csv
import plugins.mailchimp
import plugins.salesforce
from engine.host import Host, build_host
from engine.http.connect import new_connection
from engine.recipe.checking.check import check_text
from engine.recipe.editing.complete import completions, hover
from engine.recipe.explain.outline import as_lines, explain
from engine.recipe.library import Library
from engine.recipe.live import questions_of
from engine.recipe.load import load_recipe
from engine.recipe.schema.schema import recipe_schema
from engine.run.connections.live_fields import (
    FRESH,
    keep_fields_fresh,
    refresh,
    refresh_before_run,
    refresh_connection,
)
from engine.run.runner import execute
from engine.run.start import request_run
from engine.run.upkeep.duties import Works
from engine.run.upkeep.listed import DUTIES
from engine.run.whatif.whatif import whatif
from engine.sdk import Fault
from engine.store.connections import (
    Connection,
    mark_checked,
    remove_connection,
    save_connection,
)
from engine.store.database import Store
from engine.store.live import StoredFields, fields_of, with_live_fields
from engine.store.runs import log_lines
from plugins.mailchimp.practice.sample_data import CLIENTS
from plugins.mailchimp.practice.server import API_KEY, PracticeMailchimp
from plugins.salesforce.practice import PracticeSalesforce

RECIPE = f"""\
name: Clients join the audience
trigger:
  use: csv.row_read
  with: {{file: clients.csv}}
  as: row
steps:
  - id: member
    use: mailchimp.upsert_members
    connection: news
    with:
      audience: {CLIENTS}
      email: "{{{{ row.email }}}}"
      merge_fields.AREA: "{{{{ row.area }}}}"
      merge_fields.MATTERS: "{{{{ row.matters }}}}"
"""
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
Lines = dict[str, httpx2.BaseTransport]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "clients.csv").write_text(
        "email,area,matters\nnew@mail.example,Family,3\nodd@mail.example,Tax,1\n"
    )
    file = tmp_path / "clients.yaml"
    file.write_text(RECIPE)
    return file


def read(store: Store, host: Host, path: Path, lines: Lines, now: datetime = NOON) -> None:
    questions = questions_of(host, load_recipe(path))
    readings = refresh(store, host, questions, transports=lines, now=now)
    assert {reading.problem for reading in readings} == {""}


def messages(text: str, path: Path, host: Host) -> list[str]:
    return [f"{found.message} {found.hint}" for found in check_text(text, path, host)]


def test_where_nothing_was_read_nothing_is_claimed(host: Host, path: Path) -> None:
    assert messages(RECIPE.replace("AREA", "NONSENSE"), path, host) == []


def test_a_field_the_account_does_not_have_is_a_finding(
    store: Store, host: Host, path: Path, lines: Lines
) -> None:
    read(store, host, path, lines)
    assert messages(RECIPE, path, host) == []
    (said,) = messages(RECIPE.replace("AREA", "ARAE"), path, host)
    assert said == (
        "mailchimp.upsert_members has no field 'merge_fields.ARAE'. Did you mean 'AREA'? "
        "`bridgework connections refresh news` reads its fields afresh."
    )


def test_another_audience_or_account_has_fields_of_its_own(
    store: Store, host: Host, path: Path, lines: Lines
) -> None:
    read(store, host, path, lines)
    wrong = RECIPE.replace("AREA", "ARAE")
    assert messages(wrong.replace(CLIENTS, "a1b2c3d4e5"), path, host) == []
    assert messages(wrong.replace("connection: news", "connection: other"), path, host) == []
    assert messages(wrong.replace(CLIENTS, '"{{ row.area }}"'), path, host) == []


def test_a_written_value_is_checked_against_the_accounts_choices(
    store: Store, host: Host, path: Path, lines: Lines
) -> None:
    read(store, host, path, lines)
    (said,) = messages(RECIPE.replace('"{{ row.area }}"', "Familie"), path, host)
    assert said.startswith("'merge_fields.AREA' can't be 'Familie'. Did you mean 'Family'?")


def test_an_editor_offers_and_explains_the_accounts_fields(
    store: Store, host: Host, path: Path, lines: Lines
) -> None:
    read(store, host, path, lines)
    text = RECIPE + "      merge_fields.SI"
    line = text.count("\n") + 1
    offered = completions(text, path, line, len("      merge_fields.SI") + 1, host, ["news"])
    assert [found.label for found in offered] == ["merge_fields.SINCE"]
    said = hover(RECIPE, path, RECIPE.count("\n"), 22, host, ["news"])
    assert said is not None
    assert "Open matters" in f"{said.title} {said.text}"
    other = text.replace("connection: news", "connection: other")
    assert completions(other, path, line, len("      merge_fields.SI") + 1, host, ["news"]) == []


def test_the_schema_for_editors_holds_what_was_read(
    store: Store, host: Host, path: Path, lines: Lines
) -> None:
    assert "merge_fields.MATTERS" not in str(recipe_schema(host))
    read(store, host, path, lines)
    assert "merge_fields.MATTERS" in str(recipe_schema(host))


def test_a_run_reads_the_fields_and_sends_values_of_their_types(
    store: Store, host: Host, path: Path, lines: Lines, app: PracticeMailchimp
) -> None:
    run = execute(store, host, request_run(store, host, load_recipe(path)), transports=lines)
    assert run.counts == {"created": 1, "rejected": 1}
    member = app.audiences[CLIENTS].find("new@mail.example")
    assert member is not None
    assert member.merge_fields == {"AREA": "Family", "MATTERS": 3}
    asked = [one.words for one in fields_of(store, "news")]
    assert asked == ["audiences", f"merge fields (audience: {CLIENTS})"]
    assert app.audiences[CLIENTS].find("odd@mail.example") is None


def test_fields_read_a_day_ago_are_read_again_and_younger_ones_are_not(
    store: Store, host: Host, path: Path, lines: Lines, app: PracticeMailchimp
) -> None:
    recipe = load_recipe(path)
    run_id = request_run(store, host, recipe)
    for moment, asked in ((NOON, 1), (NOON + FRESH / 2, 1), (NOON + FRESH, 2)):
        refresh_before_run(store, host, recipe, run_id=run_id, transports=lines, now=moment)
        paths = [one["path"] for one in app.requests]
        assert paths == [f"/3.0/lists/{CLIENTS}/merge-fields", "/3.0/lists"] * asked


def test_a_run_stops_before_it_sends_when_a_field_has_gone(
    store: Store, host: Host, path: Path, lines: Lines, app: PracticeMailchimp
) -> None:
    read(store, host, path, lines, datetime.now(UTC) - timedelta(days=2))
    del app.audiences[CLIENTS].merge_fields["AREA"]
    run = execute(store, host, request_run(store, host, load_recipe(path)), transports=lines)
    assert run.status == "failed"
    assert run.message == "mailchimp.upsert_members has no field 'merge_fields.AREA'."
    assert not any(one["method"] == "POST" for one in app.requests)


def test_fields_that_cannot_be_read_are_told_and_stop_nothing(
    store: Store, host: Host, path: Path, lines: Lines, app: PracticeMailchimp
) -> None:
    read(store, host, path, lines)
    kept = fields_of(store, "news")[1].schema
    questions = questions_of(host, load_recipe(path))
    denied = Fault(f"/3.0/lists/{CLIENTS}/merge-fields", 9, 403, '{"detail": "No."}')
    app.faults.append(denied)
    reading, _ = refresh(store, host, questions, transports=lines)
    assert reading.words.startswith("The merge fields (audience: ")
    assert "could not be read: Mailchimp" in reading.words
    _, known = fields_of(store, "news")
    assert (known.schema, known.problem) == (kept, reading.problem)
    later = datetime.now(UTC) + 2 * FRESH
    run_id = request_run(store, host, load_recipe(path))
    refresh_before_run(store, host, load_recipe(path), run_id=run_id, transports=lines, now=later)
    assert any("could not be read" in line.message for _, line in log_lines(store, run_id))


def test_refreshing_a_connection_asks_for_what_recipes_need_and_what_was_asked_before(
    store: Store, host: Host, path: Path, lines: Lines
) -> None:
    library = Library(path.parent)
    readings = refresh_connection(store, host, library, "news", transports=lines)
    words = {f"Merge fields (audience: {CLIENTS}): 8 read.", "Audiences: 2 read."}
    assert {reading.words for reading in readings} == words
    path.unlink()
    assert len(refresh_connection(store, host, library, "news", transports=lines)) == 2


def test_a_connection_that_is_removed_or_another_account_leaves_nothing_behind(
    store: Store, host: Host, path: Path, lines: Lines
) -> None:
    read(store, host, path, lines)
    connection = Connection(name="news", connector="mailchimp", created_at=NOON - FRESH)
    save_connection(store, connection)
    assert len(StoredFields(store).everything()) == 2
    save_connection(store, Connection(name="news", connector="mailchimp", created_at=NOON + FRESH))
    assert StoredFields(store).everything() == []
    read_again = {"api_key": API_KEY}
    save_connection(
        store,
        Connection(name="news", connector="mailchimp", secrets=read_again, created_at=NOON),
    )
    read(store, host, path, lines)
    remove_connection(store, "news")
    assert StoredFields(store).everything() == []


FOUND = f"""\
name: Clients are noted
trigger: {{use: csv.row_read, with: {{file: clients.csv}}, as: row}}
steps:
  - id: member
    use: mailchimp.find_member
    connection: news
    with: {{audience: {CLIENTS}, email: "{{{{ row.email }}}}"}}
    if_none: skip
  - id: file
    use: csv.append_rows
    with:
      file: noted.csv
      columns: {{area: "{{{{ member.merge_fields.AREA }}}}"}}
"""


def test_what_a_search_finds_is_checked_against_the_accounts_fields(
    store: Store, host: Host, path: Path, lines: Lines
) -> None:
    text = FOUND
    wrong = text.replace("merge_fields.AREA", "merge_fields.ARAE")
    assert not any("ARAE" in said for said in messages(wrong, path, host))
    path.write_text(text)
    read(store, host, path, lines)
    assert not any("AREA" in said for said in messages(text, path, host))
    (said,) = [said for said in messages(wrong, path, host) if "ARAE" in said]
    assert "'member.merge_fields' has no field 'ARAE'. Did you mean 'AREA'?" in said


def test_what_if_tries_what_a_search_may_find_at_the_account(
    store: Store, host: Host, path: Path, lines: Lines
) -> None:
    path.write_text(FOUND)
    read(store, host, path, lines)
    fields = [line.field for line in whatif(load_recipe(path), host).lines]
    assert "member.merge_fields.AREA" in fields


def test_an_explanation_names_fields_as_the_account_does(
    store: Store, host: Host, path: Path, lines: Lines
) -> None:

    def explained() -> str:
        return "\n".join(text for _, text in as_lines(explain(load_recipe(path), host)))

    assert "(Practice area)" not in explained()
    read(store, host, path, lines)
    assert "merge_fields.AREA (Practice area): " in explained()


def test_what_is_known_is_kept_fresh_so_that_a_recipe_heals_by_itself(
    store: Store, host: Host, path: Path, lines: Lines, app: PracticeMailchimp
) -> None:
    works = Works(store, host, Library(path.parent), lambda run_id: None)
    area = app.audiences[CLIENTS].merge_fields.pop("AREA")
    read(store, host, path, lines)
    app.audiences[CLIENTS].merge_fields["AREA"] = area
    keep_fields_fresh(works, transports=lines, clock=lambda: NOON + FRESH / 2)
    assert len(messages(RECIPE, path, host)) == 1
    keep_fields_fresh(works, transports=lines, clock=lambda: NOON + FRESH)
    assert messages(RECIPE, path, host) == []
    assert [duty.act for duty in DUTIES].count(keep_fields_fresh) == 1


def test_an_account_that_does_not_work_is_not_asked(
    store: Store, host: Host, path: Path, lines: Lines, app: PracticeMailchimp
) -> None:
    read(store, host, path, lines)
    mark_checked(store, "news", problem="The key is no longer accepted.")
    app.requests.clear()
    works = Works(store, host, Library(path.parent), lambda run_id: None)
    keep_fields_fresh(works, transports=lines, clock=lambda: NOON + 2 * FRESH)
    assert app.requests == []


def test_a_field_whose_choices_are_all_that_an_account_tells_counts_its_choices(
    store: Store, path: Path
) -> None:
    server = PracticeSalesforce()
    settings = {**server.credentials_for("oauth"), "base_url": "http://practice.test"}
    save_connection(
        store, new_connection(plugins.salesforce.connector, "crm", settings, practice=True)
    )
    host = with_live_fields(build_host([plugins.salesforce], strict=True), store)
    path.write_text("""\
name: People
trigger: {use: salesforce.record_changed, connection: crm, with: {object: Contact}, as: person}
steps:
  - id: contact
    use: salesforce.upsert_records
    connection: crm
    with:
      object: Contact
      external_id_field: Clio_Id__c
      external_id: "{{ person.Id }}"
      fields.LastName: "{{ person.LastName }}"
""")
    lines = {"crm": httpx2.WSGITransport(app=server)}
    told = [
        one.words
        for one in refresh_connection(store, host, Library(path.parent), "crm", transports=lines)
    ]
    assert "External id fields (object: Contact): 2 read." in told
    assert not any(": 0 read" in words for words in told)
