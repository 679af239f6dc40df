"""``translate`` tables stand in the recipe or in a file beside it."""

from pathlib import Path

import pytest

from engine.host import Host
from engine.recipe.beside import read_beside
from engine.recipe.checking.check import check_file
from engine.recipe.findings import Finding
from engine.recipe.load import load_recipe, parse_recipe, read_recipe

RECIPE = """\
name: Cases become tickets
trigger:
  use: office.case_changed
  as: case
steps:
  - use: desk.save_ticket
    with:
      title: "{{ case.title }}"
      contact: {phone: "1", surname: "{{ case.title }}"}
      kind: "{{ case.status | translate('kinds') }}"
translate:
  kinds: TABLE
"""


def write(folder: Path, table: str, **files: bytes) -> Path:
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    path = folder / "cases.yaml"
    path.write_text(RECIPE.replace("TABLE", table), "utf-8")
    return path


def table(path: Path) -> dict[str, str]:
    return dict(load_recipe(path).tables["kinds"])


def problems(path: Path) -> list[Finding]:
    return read_recipe(path.read_text("utf-8"), path)[1]


CSVS = {
    "two columns": ("kinds.csv", b"From,To\nopen,question\nclosed,problem\n"),
    "semicolons": ("kinds.csv", b"From;To\r\nopen;question\r\n\r\nclosed;problem\r\n"),
    "tabs and UTF-16": (
        "kinds.csv",
        "From\tTo\nopen\tquestion\nclosed\tproblem\n".encode("utf-16"),
    ),
    "a mark before UTF-8": (
        "{file: kinds.csv, from: from, to: TO}",
        b"\xef\xbb\xbfFrom,To\nopen,question\nclosed,problem",
    ),
    "named columns": (
        "{file: kinds.csv, from: Clio, to: Desk}",
        b"Note,Clio, Desk \nx,open,question\ny,closed,problem\n",
    ),
    "quotes": ("kinds.csv", b'From,To\n"open","question"\n"closed","problem"\n'),
}


@pytest.mark.parametrize(("written", "data"), CSVS.values(), ids=CSVS)
def test_a_table_is_read_from_a_csv_file(tmp_path: Path, written: str, data: bytes) -> None:
    assert table(write(tmp_path, written, kinds_csv=data)) == {
        "open": "question",
        "closed": "problem",
    }


def test_text_that_excel_saved_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "kinds.csv", kinds_csv="From,To\nöffen,question\n".encode("cp1252"))
    assert table(path) == {"öffen": "question"}


def test_a_table_is_read_from_a_yaml_file(tmp_path: Path) -> None:
    path = write(tmp_path, "kinds.yaml", kinds_yaml=b"open: question\nNo: problem\n")
    assert table(path) == {"open": "question", "No": "problem"}


def test_a_changed_file_counts_at_once_and_what_was_kept_stays(tmp_path: Path) -> None:
    path = write(tmp_path, "kinds.csv", kinds_csv=b"a,b\nopen,question\n")
    first = load_recipe(path)
    assert first.beside == {"kinds.csv": "a,b\nopen,question\n"}
    (tmp_path / "kinds.csv").write_bytes(b"a,b\nopen,problem\n")
    assert table(path) == {"open": "problem"}
    again = parse_recipe(first.text, first.path, first.beside)
    assert again.tables["kinds"] == {"open": "question"}


BAD = {
    "no file": ("kinds.csv", b"", "There is no file 'kinds.csv' beside the recipe."),
    "hidden": (
        ".bridgework/kinds.csv",
        b"x",
        "'.bridgework/kinds.csv' is outside the recipe's folder.",
    ),
    "outside": ("../kinds.csv", b"x", "'../kinds.csv' is outside the recipe's folder."),
    "no table": ("kinds.txt", b"x", "is made of `from: to` lines"),
    "three columns": ("kinds.csv", b"a,b,c\n1,2,3\n", "has 3 columns in its first line"),
    "no such column": (
        "{file: kinds.csv, from: a, to: d}",
        b"a,b,c\n1,2,3\n",
        "no column 'd'; its first line names: a, b, c.",
    ),
    "one column": ("{file: kinds.csv, from: a}", b"a,b\n1,2\n", "needs both columns or none"),
    "two values": (
        "kinds.csv",
        b"a,b\nopen,question\nOpen,problem\n",
        "kinds.csv, line 3: 'Open' is 'problem' here and 'question' in line 2.",
    ),
    "a quote": ("kinds.csv", b'a,b\n"open,question\n', "kinds.csv, line 2 can't be read"),
    "binary": ("kinds.csv", b"a,b\n\0,2\n", "'kinds.csv' is not a text file."),
    "too large": ("kinds.csv", b"a,b\n" + b"1,2\n" * 300_000, "is larger than 1,000,000 bytes"),
}


@pytest.mark.parametrize(("written", "data", "message"), BAD.values(), ids=BAD)
def test_what_is_wrong_with_a_file_is_said_where_it_is_named(
    tmp_path: Path, written: str, data: bytes, message: str
) -> None:
    [found] = problems(write(tmp_path, written, **({"kinds_csv": data} if data else {})))
    assert found.position.line == 12
    assert message in found.message


def test_odd_rows_are_notes(tmp_path: Path, host: Host) -> None:
    rows = b"a,b\nopen,question\nopen,question\nclosed,\nnew,querstion\n"
    path = write(tmp_path, "kinds.csv\n  more: {a: b}", kinds_csv=rows)
    assert check_file(path, host) == []
    notes = [found.message for found in check_file(path, host, hints=True)]
    assert notes == [
        "The table 'kinds' leads to 'querstion', which 'kind' of desk.save_ticket can't be.",
        "kinds.csv, line 3: 'open' is there twice, first in line 2.",
        "kinds.csv, line 4: 'closed' has no value yet.",
        "Nothing looks up anything in the table 'more'.",
    ]


def test_a_comparison_with_what_a_table_never_gives_is_found(tmp_path: Path, host: Host) -> None:
    path = write(tmp_path, "kinds.csv", kinds_csv=b"a,b\nopen,question\n")
    text = path.read_text("utf-8").replace(
        "  - use:", "  - if: case.status | translate('kinds') == 'Question'\n    use:", 1
    )
    path.write_text(text, "utf-8")
    [found] = check_file(path, host)
    assert found.code == "never-equal"


@pytest.mark.parametrize(
    "name", ["keys/a.key", ".bridgework/keys/a.key", ".bridgework/a.csv", "link.csv", "/etc/passwd"]
)
def test_no_file_but_tables_in_the_folder_gets_into_a_version(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "recipes"
    for part in ("keys", ".bridgework/keys"):
        (folder / part).mkdir(parents=True)
        (folder / part / "a.key").write_text("a secret")
    (folder / ".bridgework/a.csv").write_text("a,secret")
    (tmp_path / "secret.csv").write_text("a,secret")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    for table in (name, f"{{file: {name}}}", f"{{file: {name}, from: a, to: b}}"):
        path = write(folder, table)
        assert read_beside(path.read_text("utf-8"), path).texts == {}
        assert not any("secret" in found.message + found.hint for found in problems(path))
