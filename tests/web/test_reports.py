"""The import report: words, numbers, filter, search, pages, retries and files."""

import csv
import io
import re
import time

import pytest

from engine.store.runs import RunRequest, get_run


def titles(page) -> list[str]:
    return re.findall(r'scope="row">([^<]+)', page.text)


@pytest.fixture
def report(seed, sample_rows) -> int:
    unchanged = [(f"u{n}", f"{n:05} Quiet matter") for n in range(20)]
    return seed.run(sample_rows, unchanged=unchanged, fixed=4)


def test_the_headline_says_in_the_firms_own_words_what_happened(admin, report):
    page = admin.get(f"/runs/{report}/report").text
    assert "67 matters became cases. 43 matters did not become cases." in page
    assert "4 matters that needed attention before are fixed." in page
    assert "133 read = 60 created + 7 updated + 20 unchanged + 1 skipped + 42 rejected" in page


def test_a_ledger_that_does_not_balance_is_shown_as_such(admin, seed, sample_rows):
    run = seed.run(sample_rows, read=200)
    page = admin.get(f"/runs/{run}/report").text
    assert "not accounted for" in page
    assert 'class="balance off"' in page


def test_causes_come_with_their_remedy_and_a_button_for_just_them(admin, report):
    page = admin.get(f"/runs/{report}/report").text
    assert "41 matters: The responsible attorney j.doe@harborlaw.example is not a user" in page
    assert "Invite j.doe@harborlaw.example in Case Status under Staff." in page
    assert "Retry these 41" in page
    assert "Field email, step lawyer" in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 133),
        ("outcome=rejected", 42),
        ("outcome=attention", 45),
        ("outcome=unchanged", 20),
        ("outcome=created", 60),
        ("q=Ångström", 7),
        ("q=00101", 1),
        ("q=j.doe@", 41),
        ("outcome=rejected&q=phone", 1),
        ("outcome=nonsense", 133),
        ("q=%25", 0),
        ("q=_", 0),
    ],
)
def test_records_are_filtered_and_searched(admin, report, query, count):
    page = admin.get(f"/runs/{report}/report?{query}")
    assert len(titles(page)) == min(count, 50)
    if count > 50:
        assert f"1–50 of {count} records" in page.text
    elif count:
        assert f"{count} record" in page.text
    else:
        assert "No record fits this filter." in page.text


def test_a_cause_narrows_the_list_to_its_records(admin, report):
    page = admin.get(f"/runs/{report}/report").text
    [cause, *_] = re.findall(r"report\?cause=(\d+)#records", page)
    narrowed = admin.get(f"/runs/{report}/report?cause={cause}")
    assert len(titles(narrowed)) == 41
    assert "Only records with this cause" in narrowed.text


def test_pages_hold_fifty_and_keep_the_filter(admin, report):
    first = admin.get(f"/runs/{report}/report?outcome=created")
    second = admin.get(f"/runs/{report}/report?outcome=created&page=2")
    assert len(titles(first)) == 50
    assert len(titles(second)) == 10
    assert not set(titles(first)) & set(titles(second))
    assert f"/runs/{report}/report?page=2&amp;outcome=created#records" in first.text


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "٣", "9" * 400, ""])
def test_a_page_that_does_not_exist_is_the_nearest_one(admin, report, page):
    answer = admin.get(f"/runs/{report}/report?outcome=created&page={page}")
    assert answer.status_code == 200
    assert titles(answer)


@pytest.mark.parametrize("odd", ["cause=x", "cause=-1", "cause=999999", f"q={'x' * 5000}"])
def test_odd_filters_find_nothing_and_break_nothing(admin, report, odd):
    assert admin.get(f"/runs/{report}/report?{odd}").status_code == 200


def test_a_run_that_could_not_run_says_why_and_what_to_do(admin, seed):
    run = seed.run(status="failed", message="Clio did not answer.", hint="Try again at noon.")
    page = admin.get(f"/runs/{run}/report").text
    assert "Could not run" in page
    assert "Clio did not answer." in page
    assert "Try again at noon." in page


def test_a_quiet_night_says_since_when_nothing_changed(admin, seed):
    seed.run([seed.row("1", "a", "created", target_id="T1")])
    page = admin.get(f"/runs/{seed.run()}/report").text
    assert re.search(r"Nothing changed since \d\d:\d\d", page)


def test_what_was_fixed_since_is_marked_and_not_retried(admin, seed):
    rows = [
        seed.row(str(n), f"matter {n}", "rejected", code="no_staff", reason="No such user.")
        for n in range(3)
    ]
    first = seed.run(rows)
    second = seed.run(request=RunRequest(retry=("0",)), origin="retry", parent_id=first)
    seed.close_problem("0")
    page = admin.get(f"/runs/{first}/report").text
    assert "1 fixed since, 2 still open." in page
    assert "Retry these 2" in page
    assert page.count("fixed since</span>") == 1
    assert page.count('name="key"') == 2
    assert f'of <a href="/runs/{first}/report">' in admin.get(f"/runs/{second}/report").text


# -- retries -----------------------------------------------------------------------------------


def retried(store, answer) -> tuple[str, ...]:
    assert answer.status_code == 302, answer.text
    run = get_run(store, int(answer.location.rpartition("/")[2]))
    assert run.origin == "retry"
    return run.request.retry


def test_one_record_is_retried(admin, report, store, queued):
    answer = admin.post(f"/runs/{report}/retry", key="300")
    assert retried(store, answer) == ("300",)
    assert queued == [report + 1]
    assert get_run(store, report + 1).parent_id == report


def test_one_cause_is_retried(admin, report, store):
    page = admin.get(f"/runs/{report}/report").text
    [cause, *_] = re.findall(r'name="cause" value="(\d+)"', page)
    answer = admin.post(f"/runs/{report}/retry", cause=cause)
    assert retried(store, answer) == tuple(str(n) for n in range(300, 341))


def test_what_was_fixed_since_is_not_sent_again(admin, report, store, seed):
    page = admin.get(f"/runs/{report}/report").text
    [cause, *_] = re.findall(r'name="cause" value="(\d+)"', page)
    for n in range(300, 339):
        seed.close_problem(str(n))
    answer = admin.post(f"/runs/{report}/retry", cause=cause)
    assert retried(store, answer) == ("339", "340")


def test_what_is_all_fixed_says_so(admin, report, seed, queued):
    seed.close_problem("402")
    page = admin.post(f"/runs/{report}/retry", key="402", follow=True).text
    assert "They are settled since." in page
    assert queued == []


def test_everything_that_needs_attention_is_retried(admin, report, store):
    keys = retried(store, admin.post(f"/runs/{report}/retry"))
    assert len(keys) == 44  # not the one that waits for an answer
    assert "401" not in keys  # skipped by a rule: nothing to retry


@pytest.mark.parametrize("form", [{"key": "100"}, {"key": "nobody"}, {"cause": "99999"}])
def test_what_needs_no_attention_is_not_retried(admin, report, queued, form):
    page = admin.post(f"/runs/{report}/retry", follow=True, **form)
    assert f"Run {report} has no records to try again." in page.text
    assert queued == []


def test_a_retry_while_the_recipe_runs_is_refused_with_a_sentence(admin, report, queued):
    admin.post(f"/runs/{report}/retry", key="300")
    page = admin.post(f"/runs/{report}/retry", key="301", follow=True)
    assert "is running already" in page.text
    assert queued == [report + 1]


# -- files -------------------------------------------------------------------------------------


def downloaded(answer) -> list[dict[str, str]]:
    assert answer.mimetype == "text/csv"
    text = answer.get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_csv_file_holds_every_record(admin, report):
    answer = admin.get(f"/runs/{report}/report.csv")
    rows = downloaded(answer)
    assert len(rows) == 133
    assert {row["outcome"] for row in rows} >= {"created", "unchanged", "rejected", "skipped"}
    assert "contacts-report-1.csv" in answer.headers["Content-Disposition"]
    assert any("Søren Ångström" in row["title"] for row in rows)


def test_the_csv_file_opens_well_in_a_spreadsheet(admin, report):
    answer = admin.get(f"/runs/{report}/report.csv?outcome=rejected")
    assert answer.get_data().startswith(b"\xef\xbb\xbf")  # Excel reads UTF-8 only with this mark
    rows = downloaded(answer)
    assert len(rows) == 42
    [formula] = [row["title"] for row in rows if "HYPERLINK" in row["title"]]
    assert formula.startswith("'=")


def test_the_print_view_is_whole_and_without_buttons(admin, report):
    page = admin.get(f"/runs/{report}/report?print=1")
    assert len(titles(page)) == 133
    assert page.text.count("<form") == 1  # the log-out of the page's head, hidden on paper
    assert "41 matters: The responsible attorney" in page.text


def test_a_hundred_thousand_records_are_listed_within_a_moment(admin, seed):
    rows = [
        seed.row(str(n), f"matter {n}", "rejected" if n % 10 == 0 else "created",
                 reason="No user." if n % 10 == 0 else None, target_id=None if n % 10 == 0 else "T")
        for n in range(100_000)
    ]  # fmt: skip
    run = seed.run(rows)
    started = time.perf_counter()
    for query in ("", "page=2000", "outcome=attention&page=200", "q=matter+99999"):
        assert titles(admin.get(f"/runs/{run}/report?{query}"))
    assert time.perf_counter() - started < 8  # seconds; each takes well under one
    page = admin.get(f"/runs/{run}/report").text
    assert "page 1 of 2,000" in page
    assert "Retry these 10,000" in page


def test_a_person_says_that_an_unsure_record_is_there(admin, report, store, queued):
    page = admin.get(f"/runs/{report}/report?outcome=unsure").text
    assert page.count("It is there") == 2  # at its cause and at the record
    [key] = re.findall(r'name="key" value="(\d+)">\s*<input type="hidden" name="arrived"', page)
    assert retried(store, admin.post(f"/runs/{report}/retry", key=key, arrived="1")) == (key,)
    assert get_run(store, report + 1).request.arrived
    assert queued == [report + 1]


def test_only_what_is_unsure_can_be_said_to_be_there(admin, report, store, queued):
    assert (
        "It is there"
        not in admin.get(f"/runs/{report}/report?outcome=rejected&q=phone").text.split(
            'id="records"'
        )[-1]
    )
    page = admin.post(f"/runs/{report}/retry", key="300", arrived="1", follow=True)
    assert f"Run {report} has no records to try again." in page.text
    assert queued == []


def test_a_download_is_named_whatever_the_recipes_file_is_called(admin, seed, monkeypatch):
    monkeypatch.setattr(seed, "recipe", '案件 "neu"')
    run = seed.run()
    named = admin.get(f"/runs/{run}/report.csv").headers["Content-Disposition"]
    assert named.isascii()
    assert named.startswith("attachment; filename")
    assert "UTF-8''%E6%A1%88%E4%BB%B6%20%22neu%22-report-1.csv" in named


def test_what_did_not_come_over_is_a_file_to_correct(admin, report):
    page = admin.get(f"/runs/{report}/report").text
    assert "Not imported as Excel" in page
    for form, begins in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
        answer = admin.get(f"/runs/{report}/rejected/{form}")
        assert answer.data.startswith(begins)
        assert f"not-imported-{report}.{form}" in answer.headers["Content-Disposition"]
        assert "no-store" in answer.headers["Cache-Control"]
        answer.close()
    with admin.get(f"/runs/{report}/rejected/csv") as answer:
        text = answer.data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 43  # unsure and waiting ones may have come over
    assert {"Bridgework: key", "Bridgework: reason", "Bridgework: what to do"} <= set(rows[0])
    assert admin.get(f"/runs/{report}/rejected/pdf").status_code == 404


def test_where_all_came_over_there_is_nothing_to_correct(admin, seed):
    run = seed.run([], unchanged=[("u1", "Quiet matter")])
    assert "Not imported" not in admin.get(f"/runs/{run}/report").text
