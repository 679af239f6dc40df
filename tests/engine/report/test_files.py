"""The report as files: JSON, CSV and a page of its own."""

import csv
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import redaction, report
from engine.report.export import COLUMNS, FORMULA_STARTS
from engine.store.database import Store
from engine.store.ledger import causes
from engine.store.runs import Run
from tests.engine.report.made_runs import NOW, add_entries, make_run


@pytest.fixture
def mixed_run(store: Store) -> Run:
    run = make_run(store, {"created": 1, "rejected": 1}, status="partial")
    add_entries(
        store,
        run,
        {"record_key": "1", "title": "00042 Lindqvist", "outcome": "created", "target_id": "c9"},
        {
            "record_key": "2",
            "title": "=HYPERLINK(1)",
            "outcome": "rejected",
            "code": "no_phone",
            "reason": 'He said "no", \nthen left.',
            "how_to_fix": "Add a <b>mobile</b> number.",
            "step": "case",
            "field": "client.phone",
        },
    )
    return run


def test_json_has_the_agreed_form(store: Store, mixed_run: Run) -> None:
    document = json.loads("".join(report.as_json(store, mixed_run)))
    first, *_, last = document
    assert (first, last) == ("run", "records")
    assert document["run"] == mixed_run.id
    assert document["status"] == "partial"
    assert document["counts"] == {"created": 1, "rejected": 1}
    assert [list(record) for record in document["records"]] == [list(COLUMNS)] * 2
    assert document["records"][0] == {
        "key": "1",
        "title": "00042 Lindqvist",
        "outcome": "created",
        "code": None,
        "reason": None,
        "how_to_fix": None,
        "step": None,
        "field": None,
        "target_id": "c9",
    }
    assert document["records"][1]["field"] == "client.phone"


def test_json_of_a_run_without_records(store: Store) -> None:
    assert json.loads("".join(report.as_json(store, make_run(store))))["records"] == []


def test_csv_holds_every_record_and_no_formula(store: Store, mixed_run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(report.as_csv(store, mixed_run)), newline="")))
    assert [row["title"] for row in rows] == ["00042 Lindqvist", "'=HYPERLINK(1)"]
    assert rows[1]["reason"] == 'He said "no", \nthen left.'
    assert rows[0]["reason"] == ""


def test_csv_of_some_outcomes(store: Store, mixed_run: Run) -> None:
    text = "".join(report.as_csv(store, mixed_run, outcomes=("rejected",)))
    assert [row["key"] for row in csv.DictReader(io.StringIO(text, newline=""))] == ["2"]


@given(title=st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")))
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each title has a run of its own
)
def test_csv_cells_never_start_a_formula_and_stay_readable(store: Store, title: str) -> None:
    run = make_run(store, {"created": 1})
    add_entries(store, run, {"record_key": "1", "title": title[:300], "outcome": "created"})
    text = "".join(report.as_csv(store, run))
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert not row["title"].startswith(FORMULA_STARTS)
    assert row["title"].removeprefix("'") == title[:300].removeprefix("'")


def test_csv_is_streamed_at_any_size(store: Store) -> None:
    run = make_run(store, {"created": 2500})
    add_entries(store, run, *({"record_key": str(n), "outcome": "created"} for n in range(2500)))
    lines = report.as_csv(store, run)
    assert next(lines).startswith("key,title,outcome")
    assert sum(1 for _ in lines) == 2500


def test_page_stands_alone_and_escapes_what_others_wrote(store: Store, mixed_run: Run) -> None:
    page = "".join(report.as_html(store, mixed_run, now=NOW))
    assert "1 matter became a case. 1 matter did not become a case." in page
    assert "2 read = 1 created + 1 rejected" in page
    assert "Add a &lt;b&gt;mobile&lt;/b&gt; number." in page
    for fetched in ("<script", "<link", "src=", "@import", "url(", "http://", "https://"):
        assert fetched not in page


def test_no_file_and_no_sentence_shows_a_secret(store: Store) -> None:
    secret = "sk-9f8e7d6c5b4a"
    redaction.register(secret)
    run = make_run(
        store, {"rejected": 1}, status="failed", message=f"Refused {secret}.", hint=f"Not {secret}."
    )
    add_entries(
        store,
        run,
        {
            "record_key": "1",
            "title": f"Matter {secret}",
            "outcome": "rejected",
            "reason": f"The key {secret} is wrong.",
            "how_to_fix": f"Replace {secret}.",
        },
    )
    pieces = [
        *report.as_json(store, run),
        *report.as_csv(store, run),
        *report.as_html(store, run),
        *report.sentences(run),
        *(report.cause_sentence(run, cause) for cause in causes(store, run.id)),
    ]
    assert secret not in "".join(pieces)
