"""Records written one by one, in batches and in bulk: each gets its own outcome."""

from dataclasses import replace

import pytest

from engine.context import Context
from engine.errors import InputError, RetryableError
from engine.results import Accepted, Rejected
from plugins.salesforce import bulk
from plugins.salesforce.practice import PracticeSalesforce
from tests.plugins.salesforce.organization import BY_CLIO_ID, asked, codes, do, row, send

MANY = "/composite/sobjects/Contact/Clio_Id__c"


def contact(server: PracticeSalesforce, clio_id: str) -> dict:
    [found] = [one for one in server.records()["Contact"] if one["Clio_Id__c"] == clio_id]
    return found


def test_a_batch_of_200_has_an_outcome_for_each_in_its_order(
    ctx: Context, server: PracticeSalesforce
) -> None:
    rows = [row(str(n), LastName=f"Person {n}") for n in range(200)]
    rows[7]["fields"]["Email"] = "no address"
    rows[9]["fields"] = {"FirstName": "Nobody"}
    results = send(ctx, "upsert_records", rows, **BY_CLIO_ID)
    assert codes(results).count("created") == 198
    bad, missing = results[7], results[9]
    assert isinstance(bad, Rejected)
    assert isinstance(missing, Rejected)
    assert (bad.code, bad.field) == ("invalid_email_address", "fields.Email")
    assert missing.reason == "Salesforce requires 'LastName', and this record has no value for it."
    assert len(asked(server, MANY)) == 1
    assert codes(send(ctx, "upsert_records", rows[:3], **BY_CLIO_ID)) == ["updated"] * 3


@pytest.mark.parametrize("action", ["upsert_records", "bulk_upsert"])
def test_one_external_id_twice_is_one_record_and_the_last_row_stays(
    ctx: Context, server: PracticeSalesforce, action: str
) -> None:
    rows = [row("A1", LastName="First"), row("b", LastName="B"), row("a1", LastName="Last")]
    results = send(ctx, action, rows, **BY_CLIO_ID)
    assert codes(results) == ["created", "created", "updated"]
    [one] = [c for c in server.records()["Contact"] if str(c["Clio_Id__c"]).lower() == "a1"]
    assert one["LastName"] == "Last"


@pytest.mark.parametrize("action", ["upsert_records", "bulk_upsert"])
def test_a_related_record_goes_by_its_external_id_and_null_empties(
    ctx: Context, server: PracticeSalesforce, action: str
) -> None:
    rows = [
        row("1", LastName="A", Account={"Clio_Id__c": "acc-1"}, Title='a, "b"\nc'),
        row("2", LastName="B", Account={"Clio_Id__c": "nobody"}),
    ]
    results = send(ctx, action, rows, **BY_CLIO_ID)
    assert codes(results) == ["created", "invalid_field"]
    saved = contact(server, "1")
    assert (saved["AccountId"], saved["Title"]) == ("001Pr0000000002AAA", 'a, "b"\nc')
    send(ctx, action, [row("1", Title=None, HasOptedOutOfEmail=True)], **BY_CLIO_ID)
    assert (saved["Title"], saved["HasOptedOutOfEmail"]) == (None, True)
    assert saved["LastName"] == "A"


def test_who_is_locked_is_sent_again_and_told_when_it_lasts(
    ctx: Context, server: PracticeSalesforce
) -> None:
    first, second = "003Pr0000000001AAA", "003Pr0000000002AAA"
    server.writer.locked = {first: 2, second: 9}
    rows = [{"id": first, "fields": {"Title": "A"}}, {"id": second, "fields": {"Title": "B"}}]
    results = send(ctx, "update_records", rows, object="Contact")
    assert codes(results) == ["updated", "unable_to_lock_row"]
    assert len(asked(server, "/composite/sobjects")) == 3


@pytest.mark.parametrize(
    ("fields", "code", "said"),
    [
        ({"LastName": "x" * 81}, "string_too_long", "too long for Salesforce"),
        ({"Client_Type__c": "Robot"}, "invalid_or_null_for_restricted_picklist", "no such choice"),
        ({"Birthdate": "soon"}, "invalid_type_on_field_in_record", "another type"),
        ({"Nmae": "x"}, "invalid_field", "knows no such field"),
        ({"CreatedDate": "x"}, "invalid_field_for_insert_update", "lets nobody write"),
        ({"AccountId": "12"}, "malformed_id", "no id of a record"),
        ({"OwnerId": "005Pr0000000003AAA"}, "inactive_owner_or_user", "no active user"),
        ({"LastName": None}, "required_field_missing", "requires 'LastName'"),
    ],
    ids=lambda value: value if isinstance(value, str) and "_" in value else "",
)
def test_refusals_are_sentences_with_what_to_do(
    ctx: Context, fields: dict, code: str, said: str
) -> None:
    rows = [{"id": "003Pr0000000001AAA", "fields": fields}]
    [result] = send(ctx, "update_records", rows, object="Contact")
    assert isinstance(result, Rejected)
    assert result.code == code
    assert said in result.reason
    assert result.hint


def test_an_organizations_own_rules_speak_for_themselves(ctx: Context) -> None:
    rows = [
        {"fields": {"LastName": "A", "Company": "test"}},
        {"fields": {"LastName": "B", "Company": "C", "Email": "LEAD1@prospects.example"}},
    ]
    ruled, double = send(ctx, "create_records", rows, object="Lead")
    assert isinstance(ruled, Rejected)
    assert isinstance(double, Rejected)
    assert "A lead must name a real company." in ruled.reason
    assert "duplicate rule" in double.reason


def test_one_record_is_created_updated_or_only_updated(
    ctx: Context, server: PracticeSalesforce
) -> None:
    given = {**BY_CLIO_ID, "external_id": "a/b c?"}
    new = do(ctx, "upsert_record", **given, fields={"LastName": "A"})
    again = do(ctx, "upsert_record", **given, fields={"LastName": "B", "clio_id__c": "x"})
    assert new is not None
    assert again is not None
    assert (new.created, again.created, new.target_id) == (True, False, again.target_id)
    assert contact(server, "a/b c?")["LastName"] == "B"
    with pytest.raises(InputError, match="no such record"):
        do(ctx, "upsert_record", **{**given, "external_id": "z"}, only_update=True, fields={})
    for record in server.records()["Contact"][:2]:
        record["Clio_Id__c"] = "twice"
    with pytest.raises(InputError, match="several records with this external id: 003Pr") as caught:
        do(ctx, "upsert_record", **{**given, "external_id": "twice"}, fields={"Title": "x"})
    assert caught.value.code == "several_matches"


def test_an_answer_without_a_body_is_an_update(
    ctx: Context, server: PracticeSalesforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """204, as before version 46: whatever the version, it is understood."""
    old = replace(ctx.http.session.addresses, base_url="http://practice.test/services/data/v45.0")  # type: ignore[attr-defined]  # ours
    ctx.http.session.addresses = old  # type: ignore[attr-defined]
    server.records()["Contact"][0]["Clio_Id__c"] = "7"
    done = do(ctx, "upsert_record", **BY_CLIO_ID, external_id="7", fields={"Title": "x"})
    assert done is not None
    assert (done.created, done.target_id) == (False, "003Pr0000000001AAA")


def test_what_is_deleted_already_is_no_problem(ctx: Context, server: PracticeSalesforce) -> None:
    def delete(object: str, id: str) -> Accepted | None:
        return do(ctx, "delete_record", object=object, id=id)

    first, second = (delete("Contact", "003Pr0000000001AAA") for _ in range(2))
    assert first is not None
    assert second is not None
    assert (first.changed, second.changed) == (True, False)
    with pytest.raises(InputError, match="others depend on it"):
        delete("Account", "001Pr0000000002AAA")


# -- bulk ------------------------------------------------------------------------------------------


def test_a_bulk_job_has_an_outcome_for_each_row_though_it_is_complete(
    ctx: Context, server: PracticeSalesforce
) -> None:
    rows = [row(str(n), LastName=f"Person {n}", Email=f"p{n}@x.example") for n in range(1200)]
    rows[3]["fields"]["Email"] = "no address"
    rows[1100]["fields"] = {"Title": "x"}
    results = send(ctx, "bulk_upsert", rows, **BY_CLIO_ID)
    assert codes(results).count("created") == 1198
    assert [codes(results)[n] for n in (3, 1100)] == [
        "invalid_email_address",
        "required_field_missing",
    ]
    bad = results[3]
    assert isinstance(bad, Rejected)
    assert bad.field == "fields.Email"
    [job] = server.jobs.jobs.values()
    assert job.state == "JobComplete"
    assert "\r" not in job.csv
    assert len([one for one in server.requests if "/jobs/" in one["path"]]) == 7


def test_rows_that_a_job_never_came_to_are_told_apart(
    ctx: Context, server: PracticeSalesforce
) -> None:
    server.jobs.stops_after = 2
    rows = [row(str(n), LastName=f"Person {n}") for n in range(4)]
    results = send(ctx, "bulk_upsert", rows, **BY_CLIO_ID)
    assert codes(results) == ["created", "created", "unprocessed", "unprocessed"]


def test_a_job_that_takes_too_long_is_stopped_and_may_be_done_again(
    ctx: Context, server: PracticeSalesforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.jobs.slowness = 1000
    monkeypatch.setattr(bulk, "PATIENCE", 0.05)
    with pytest.raises(RetryableError, match="did not finish an import"):
        send(ctx, "bulk_upsert", [row("1", LastName="A")], **BY_CLIO_ID)
    [job] = server.jobs.jobs.values()
    assert job.state == "Aborted"
    server.jobs.slowness = 1
    assert codes(send(ctx, "bulk_upsert", [row("1", LastName="A")], **BY_CLIO_ID)) == ["created"]


def test_a_file_that_is_too_large_goes_in_several_jobs(
    ctx: Context, server: PracticeSalesforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "LARGEST_FILE", 4000)
    rows = [row(str(n), LastName="x" * 60) for n in range(50)]
    assert codes(send(ctx, "bulk_upsert", rows, **BY_CLIO_ID)) == ["created"] * 50
    sizes = [len(job.csv) for job in server.jobs.jobs.values()]
    assert len(sizes) > 1
    assert max(sizes) <= 4000
