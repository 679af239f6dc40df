"""Rows of well-formed CSV files of every dialect, as the trigger yields them."""

import csv
import io
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.host import build_host
from engine.sdk import BadRecord, Context, SetupError
from plugins import csv as plugin
from plugins.csv import connector
from plugins.csv.columns import named
from plugins.csv.triggers import columns, row_read

PLAIN = "First name,E-Mail\nAda,ada@example.com\nSøren,soren@example.com\n"


def context(folder: Path) -> Context:
    from engine.context import Folders

    return Context(
        http=None,  # type: ignore[arg-type]  # files need no HTTP
        now=datetime(2026, 1, 1, tzinfo=UTC),
        folders=Folders(search=(folder,), output=folder),
    )


def read(folder: Path, content: bytes | str, **options: Any) -> list[Any]:
    data = content.encode() if isinstance(content, str) else content
    (folder / "people.csv").write_bytes(data)
    return list(row_read(context(folder), file="people.csv", **options))


def test_stdlib_csv_stays_stdlib() -> None:
    assert csv.__file__ is not None
    assert Path(csv.__file__).parent == Path(io.__file__).parent
    assert plugin.__file__ != csv.__file__


def test_loads_through_the_host() -> None:
    host = build_host([plugin], strict=True)
    assert [*host.connector("csv").triggers] == ["row_read", "row_of_new_file", "file_added"]
    assert [*host.connector("csv").actions] == [
        "append_rows",
        "upsert_rows",
        "rows_of_file",
        "save_file",
    ]


def test_records_are_named_after_the_header(tmp_path: Path) -> None:
    assert read(tmp_path, PLAIN) == [
        {"key": "2", "line": 2, "first_name": "Ada", "e_mail": "ada@example.com"},
        {"key": "3", "line": 3, "first_name": "Søren", "e_mail": "soren@example.com"},
    ]


@pytest.mark.parametrize("name", ["e_mail", "E-Mail", " e-mail "])
def test_key_column_by_name_or_title(tmp_path: Path, name: str) -> None:
    assert [row["key"] for row in read(tmp_path, PLAIN, key=name)] == [
        "ada@example.com",
        "soren@example.com",
    ]


def test_unknown_key_column_names_the_columns(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        read(tmp_path, PLAIN, key="telephone")
    assert caught.value.message == "There is no column 'telephone' in 'people.csv'."
    assert caught.value.hint == "Its columns are: first_name ('First name'), e_mail ('E-Mail')."
    with pytest.raises(SetupError, match="Did you mean 'first_name'"):
        read(tmp_path, PLAIN, key="frist name")


def test_a_key_column_of_a_file_without_a_header_says_that_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        read(tmp_path, "ada@example.com,3\nbo@example.com,4\n", key="telephone")
    assert caught.value.hint == (
        "The first row doesn't look like a header. Its columns are: column_1, column_2. Where it is "
        "one, write `header: first line`; where there is none, `header: [name, …]` names the columns."
    )


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["First name", "E-Mail", "Größe"], ["first_name", "e_mail", "größe"]),
        (["email", "Email", "EMAIL"], ["email", "email_2", "email_3"]),
        (["a", "", "  "], ["a", "column_2", "column_3"]),
        (["Key", "Line"], ["key_2", "line_2"]),
        (["2nd phone", "_x_", "a.b/c"], ["column_2nd_phone", "x", "a_b_c"]),
        (["email_2", "email", "email"], ["email_2", "email", "email_3"]),
        (["Ｆｕｌｌ", "m²"], ["full", "m2"]),
    ],
)
def test_names_of_columns(titles: list[str], names: list[str]) -> None:
    assert [column.name for column in named(titles)] == names


@given(st.lists(st.text(max_size=12), min_size=1, max_size=8))
def test_names_are_distinct_and_usable_in_templates(titles: list[str]) -> None:
    names = [column.name for column in named(titles)]
    assert len(set(names)) == len(names) == len(titles)
    assert not {"key", "line"} & set(names)
    assert not any(name.startswith("_") or " " in name for name in names)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
def test_encodings_are_found_out(tmp_path: Path, encoding: str) -> None:
    rows = read(tmp_path, PLAIN.encode(encoding))
    assert [row["first_name"] for row in rows] == ["Ada", "Søren"]
    assert "e_mail" in rows[0]


def test_a_letter_far_from_the_beginning_decides_the_encoding(tmp_path: Path) -> None:
    many = "name,note\n" + "Ada,plain\n" * 50_000
    rows = read(tmp_path, (many + "Zoë,“smart”\n").encode("cp1252"))
    assert rows[-1] == {"key": "50002", "line": 50002, "name": "Zoë", "note": "“smart”"}
    rows = read(tmp_path, (many + "Zoë,“smart”\n").encode())
    assert rows[-1]["note"] == "“smart”"


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1251", "Иван,Москва\nОльга,Тверь\n" * 5),
        ("shift_jis", "山田太郎,東京都\n鈴木一郎,大阪府\n" * 5),
        ("gb18030", "张三,北京\n李四,上海\n" * 5),
    ],
)
def test_other_scripts(tmp_path: Path, encoding: str, names: str) -> None:
    rows = read(tmp_path, ("name,city\n" + names).encode(encoding))
    assert rows[0]["city"] == names.split("\n")[0].split(",")[1]


def test_encoding_can_be_given(tmp_path: Path) -> None:
    polish = "name,city\nŁukasz,Łódź\n".encode("cp1250")
    assert read(tmp_path, polish, encoding="windows-1250")[0]["city"] == "Łódź"
    with pytest.raises(SetupError, match="There is no text encoding called 'utf8000'"):
        read(tmp_path, polish, encoding="utf8000")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found_out(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(delimiter.join(cells) for cells in [["a", "b", "c"], ["1,5", "x y", "10:30"]])
    quoted = text.replace("1,5", '"1,5"') if delimiter == "," else text
    assert [*read(tmp_path, quoted)[0].values()][2:] == ["1,5", "x y", "10:30"]


def test_delimiter_can_be_given(tmp_path: Path) -> None:
    assert read(tmp_path, "a b\n1 2\n", delimiter=" ")[0]["b"] == "2"
    assert read(tmp_path, "a\tb;c\n1\t2;3\n", delimiter="tab")[0]["b_c"] == "2;3"
    with pytest.raises(SetupError, match="'ab' can't be a delimiter"):
        read(tmp_path, "a b\n1 2\n", delimiter="ab")


def test_excels_own_delimiter_line(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeffsep=;\r\na;b,c\r\n1;2\r\n") == [
        {"key": "3", "line": 3, "a": "1", "b_c": "2"}
    ]


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ('name,note\n"Ada","say \\"hi\\", ok"\n"Bob","x"\n', 'say "hi", ok'),
        ('name,note\n"Ada","say ""hi\\"""\n"Bob","x"\n', 'say "hi\\"'),
        ("'name','note'\n'Ada','x, y'\n", "x, y"),
        ("name,note\n'Ada','x'\n", "'x'"),
        ('name, note\nAda, "x, y"\nBob, z\n', "x, y"),
        ('name,note\nAda,"x, ""y"\nBob, z\n', 'x, "y'),
        ("name,note\nAda,C:\\temp\\\n", "C:\\temp\\"),
    ],
)
def test_ways_to_quote(tmp_path: Path, content: str, note: str) -> None:
    assert read(tmp_path, content)[0]["note"] == note


def test_long_cells_do_not_slow_detection_down(tmp_path: Path) -> None:
    start = time.perf_counter()
    rows = read(tmp_path, f"a,b\n{'x' * 60_000},1\n")
    assert time.perf_counter() - start < 2
    assert len(rows[0]["a"]) == 60_000


@pytest.mark.parametrize(
    ("content", "has_header"),
    [
        ("name,email\nAda,ada@example.com\n", True),
        ("Ada,ada@example.com\nBob,bob@example.com\n", False),
        ("name,2024,2025\nAda,5,6\n", True),
        ("1,2\n3,4\n", False),
        ("id,opened\n1,2024-01-02\n", True),
        ("7,2024-01-01\n8,2024-01-02\n", False),
        ("name,city\nAda,London\n", True),
        ("name,city\n", True),
        ("Ada,5\n", False),
    ],
)
def test_header_is_found_out(tmp_path: Path, content: str, has_header: bool) -> None:
    rows = read(tmp_path, content)
    assert len(rows) == content.count("\n") - has_header
    assert all(("column_1" in row) is not has_header for row in rows)


def test_header_can_be_given(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b\n1,2\n", header="none")[0]["column_1"] == "a"
    assert read(tmp_path, "1,2\n3,4\n", header="first line")[0]["column_2"] == "4"
    assert read(tmp_path, "1,2\n", header=["First one", "b"])[0]["first_one"] == "1"
    assert len(read(tmp_path, "a,b\n1,2\n", header=["a", "b"])) == 1
    with pytest.raises(SetupError, match="has 2 columns, but `header` names 3"):
        read(tmp_path, "1,2\n3,4\n", header=["a", "b", "c"])


def test_line_is_where_the_row_starts(tmp_path: Path) -> None:
    content = 'a,b\r\n"two\nlines",x\r\n\r\n,\r\nlast,y'
    assert [(row["line"], row["a"]) for row in read(tmp_path, content)] == [
        (2, "two\nlines"),
        (6, "last"),
    ]


def test_mixed_line_ends(tmp_path: Path) -> None:
    assert [row["a"] for row in read(tmp_path, "a,b\r\n1,x\n2,y\r3,z\r\n4,w")] == list("1234")


def test_only_a_header_is_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, "name,email\n") == []


def test_text_stays_text(tmp_path: Path) -> None:
    cells = ["00042", "=1+1", " x ", "NULL", "1e5"]
    row = read(tmp_path, "a,b,c,d,e\n" + ",".join(cells) + "\n")[0]
    assert [*row.values()][2:] == cells


def test_quotes_in_the_middle_and_after(tmp_path: Path) -> None:
    rows = read(tmp_path, 'a,b\n5" pipe,"x" \n"say ""hi""","p, q"\n')
    assert [(row["a"], row["b"]) for row in rows] == [('5" pipe', "x "), ('say "hi"', "p, q")]


def test_schema_of_a_file(tmp_path: Path) -> None:
    rows = read(tmp_path, PLAIN)
    schema = columns(context(tmp_path), file="people.csv")
    for row in rows:
        jsonschema.validate(row, schema)
    assert schema["properties"]["first_name"] == {"type": "string", "title": "First name"}
    assert schema["additionalProperties"] is False
    assert connector.triggers["row_read"].parameters["required"] == ["file"]


def test_absolute_path(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(PLAIN, encoding="utf-8")
    assert len(list(row_read(context(tmp_path / "elsewhere"), file=str(path)))) == 2


CELL = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], whitelist_characters="\n\t"), max_size=20
) | st.text(st.sampled_from("a ,;|'\"\\\t\n="), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=20),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_python_writes_is_read_back(
    tmp_path: Path, rows: list[list[str]], delimiter: str, encoding: str, line_end: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([["one", "two", "three"], *rows])
    found = read(
        tmp_path,
        text.getvalue().encode(encoding),
        delimiter=delimiter,
        encoding=encoding,
        header="first line",
    )
    assert not any(isinstance(row, BadRecord) for row in found)
    assert [[row["one"], row["two"], row["three"]] for row in found] == [r for r in rows if any(r)]


def test_speed_and_memory_do_not_depend_on_the_size(tmp_path: Path) -> None:
    line = ",".join(["cell number x"] * 12) + "\n"
    path = tmp_path / "big.csv"
    path.write_text(",".join(f"c{n}" for n in range(12)) + "\n" + line * 40_000, encoding="utf-8")

    def bare() -> float:
        start = time.perf_counter()
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            header = next(reader)
            for cells in reader:
                dict(zip(header, cells, strict=True))
        return time.perf_counter() - start

    def ours() -> float:
        start = time.perf_counter()
        assert sum(1 for _ in row_read(context(tmp_path), file="big.csv")) == 40_000
        return time.perf_counter() - start

    ours()  # loads what is loaded once
    ratio = min(ours() for _ in range(3)) / min(bare() for _ in range(3))
    assert ratio < 4, f"reading takes {ratio:.1f} times the bare loop"

    tracemalloc.start()
    for _ in row_read(context(tmp_path), file="big.csv"):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
