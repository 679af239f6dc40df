"""A file is uploaded for a recipe: its columns are checked, its rows shown, and then it runs."""

import html
import io
import re
from pathlib import Path

import pytest
from openpyxl import Workbook

from engine.run.runner import execute
from engine.store.runs import get_run, list_runs

RECIPE = """\
name: Uploads are kept
trigger:
  use: csv.{trigger}
  with: {with_}
  as: person
steps:
  - use: csv.upsert_rows
    with:
      file: kept.csv
      key_column: email
      columns.email: "{{{{ person.e_mail }}}}"
      columns.name: "{{{{ person.first_name | upper }}}}"
"""
PEOPLE = b"E-Mail;First name;Age\nada@mail.example;Ada;36\nzoe@mail.example;Zo\xc3\xab;40\n"
PAGE = "/recipes/uploads/upload"


@pytest.fixture(params=["file", "folder"])
def kind(request, recipes_folder: Path) -> str:
    trigger, with_ = {
        "file": ("row_read", "{file: people.csv, key: E-Mail}"),
        "folder": ("row_of_new_file", "{folder: in, key: E-Mail, afterwards: move to done}"),
    }[request.param]
    text = RECIPE.format(trigger=trigger, with_=with_)
    (recipes_folder / "uploads.yaml").write_text(text, "utf-8")
    return str(request.param)


def upload(admin, content: bytes, name: str = "people.csv"):
    return admin.post(PAGE, file=(io.BytesIO(content), name))


def import_it(admin, page):
    fields = dict(re.findall(r'type="hidden" name="(name|media_type|size|file)" value="([^"]*)"', page.text))  # fmt: skip
    return admin.post(f"{PAGE}/import", **{key: html.unescape(value) for key, value in fields.items()})  # fmt: skip


def test_a_file_is_looked_at_imported_and_reported(admin, kind, store, host, queued):
    assert "Upload a file" in admin.get("/recipes/uploads").text
    assert "drop it here" in admin.get(PAGE).text
    page = upload(admin, PEOPLE)
    assert f"people.csv ({len(PEOPLE)} bytes)" in page.text
    assert "the recipe reads <strong>E-Mail</strong>, <strong>First name</strong>" in page.text
    assert "Zoë" in page.text
    assert "Import 2 rows" in page.text
    assert list_runs(store, recipe="uploads") == []
    answer = import_it(admin, page)
    [run] = queued
    assert answer.headers["Location"] == f"/runs/{run}"
    execute(store, host, run)
    assert get_run(store, run).counts == {"created": 2}
    kept = (store.home / "files" / "kept.csv").read_text("utf-8-sig")
    assert kept.splitlines() == ["email,name", "ada@mail.example,ADA", "zoe@mail.example,ZOË"]


def test_a_second_file_comes_after_the_first_and_doubles_nothing(admin, kind, store, host, queued):
    for content in (PEOPLE, PEOPLE + b"cy@mail.example;Cy;50\n"):
        import_it(admin, upload(admin, content))
        execute(store, host, queued[-1])
    assert get_run(store, queued[-1]).counts == {"created": 1, "unchanged": 2}


def test_missing_columns_are_named_and_nothing_can_be_imported(admin, kind):
    page = upload(admin, b"E-Mail,Surname\nada@mail.example,Byron\n")
    assert "This column is missing: <strong>first_name</strong>" in page.text
    assert "Import" not in page.text.split("First rows")[1]


def test_rows_that_would_be_rejected_are_told_before(admin, kind):
    page = upload(admin, PEOPLE + b"cy@mail.example;Cy;50\nda@mail.example;Da;50\ntoo;few\n")
    assert "1 of the 5 rows can't be used and would be rejected: Line 6 has 2 of 3" in page.text


def test_an_excel_workbook_is_taken_too(admin, kind):
    book = Workbook()
    for row in (["E-Mail", "First name", "x"], ["ada@mail.example", "Ada", 1]):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    assert "Import 1 row" in upload(admin, file.getvalue(), "people.xlsx").text


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "empty.csv", "is empty"),
        (b"%PDF-1.7", "a.csv", "a PDF document"),
        (b"", "", "Choose a file first."),
    ],
    ids=["empty", "pdf", "none"],
)
def test_what_is_no_table_is_told(admin, kind, content, name, said):
    assert said in upload(admin, content, name).text


def test_a_file_larger_than_other_forms_is_taken(admin, kind):
    rows = b"".join(b"%d@mail.example;Ada;36\n" % n for n in range(70_000))
    content = PEOPLE.splitlines(True)[0] + rows
    assert len(content) > 1_500_000
    # By hand, since the test client leaves a file open when it sends large ones.
    head = b'--x\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n'
    body = head % (b"csrf_token", b"") + admin.token().encode() + b"\r\n"
    body += head % (b"file", b'; filename="a.csv"') + content + b"\r\n--x--\r\n"
    page = admin.client.post(PAGE, data=body, content_type="multipart/form-data; boundary=x")
    assert "Import it" in page.text


def test_a_name_that_leads_elsewhere_leads_nowhere(admin, kind, store, recipes_folder):
    page = upload(admin, PEOPLE, "../../../evil.csv")
    assert f"evil.csv ({len(PEOPLE)} bytes)" in page.text
    import_it(admin, page)
    found = list(recipes_folder.parent.rglob("evil*"))
    assert all(path.parent.name == "in" for path in found)


def test_what_was_never_uploaded_is_not_imported(admin, kind, queued):
    answer = admin.post(
        f"{PAGE}/import", name="a.csv", media_type="text/csv", size="3", file="ab" * 32, follow=True
    )
    assert "isn&#39;t kept any more" in answer.text
    assert queued == []


def test_a_recipe_that_reads_no_files_takes_none(admin):
    assert admin.get("/recipes/none/upload").status_code == 404
