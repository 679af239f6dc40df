"""Every mistake of a file is found at once, with its place and, where certain, the line it should be."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.errors import RecipeError, SetupError
from engine.recipe.findings import Finding
from engine.recipe.load import load_recipe, parse_recipe, read_recipe
from engine.recipe.model import Recipe
from engine.recipe.texts import Text

BASE = """\
name: A
trigger:
  use: a.b
steps:
  - id: one
    use: c.d
    with:
      x: VALUE
"""


def findings(text: str) -> list[Finding]:
    return read_recipe(text, Path("r.yaml"))[1]


def told(text: str) -> list[tuple[int, int, str, str]]:
    return [
        (f.position.line, f.position.column, f.code, f.corrected.strip()) for f in findings(text)
    ]


# What stands after `x: `, where the caret is, the code, and the corrected line.
VALUES = [
    ("{{ case.id }}", 10, "unquoted-braces", 'x: "{{ case.id }}"'),
    ("{{ base }}/y", 10, "unquoted-braces", 'x: "{{ base }}/y"'),
    ("{{ base }}/y # why", 10, "unquoted-braces", 'x: "{{ base }}/y" # why'),
    ('{{ a | default("b: c") }}', 10, "unquoted-braces", "x: '{{ a | default(\"b: c\") }}'"),
    ("{y: {{ a }}, z: b {{ c }}}", 14, "unquoted-braces", 'x: {y: "{{ a }}", z: "b {{ c }}"}'),
    ("[{{ a }}, b]", 11, "unquoted-braces", 'x: ["{{ a }}", b]'),
    ('"{{ s == "open" }}"', 19, "quote-in-quotes", "x: '{{ s == \"open\" }}'"),
    ("'{{ s == 'open' }}'", 19, "quote-in-quotes", "x: \"{{ s == 'open' }}\""),
    ("'The client's phone'", 21, "quote-in-quotes", 'x: "The client\'s phone"'),
    ('"one" two', 14, "quote-in-quotes", 'x: "one two"'),
    ("Matter #12", 17, "hash-in-text", 'x: "Matter #12"'),
    ("#12", 10, "hash-in-text", 'x: "#12"'),
    ("Re: Smith v Jones", 12, "colon-in-text", 'x: "Re: Smith v Jones"'),
    ("the end:", 17, "colon-in-text", 'x: "the end:"'),
    ("@jane", 10, "reserved-character", 'x: "@jane"'),
    ("%d", 10, "reserved-character", 'x: "%d"'),
    ("`code`", 10, "reserved-character", 'x: "`code`"'),
    ("**bold**", 10, "anchor", 'x: "**bold**"'),
    ("*alias", 10, "anchor", ""),
    ("&anchor a", 10, "anchor", ""),
    ("!tag a", 10, "tag", ""),
    ("!!python/object:os.system a", 10, "tag", ""),
    ('"C:\\Users"', 13, "backslash", "x: 'C:\\Users'"),
    ('"\\Uffffffff"', 11, "backslash", "x: '\\Uffffffff'"),
    ('"never closed', 10, "unclosed-quote", 'x: "never closed"'),
    ("[a, b", 10, "unclosed-bracket", "x: [a, b]"),
    ("{a: b", 10, "unclosed-bracket", "x: {a: b}"),
    ("- a", 10, "list-on-line", ""),
    ("", 8, "no-value", ""),
    ("[{a: b}, c]", 11, "wrong-kind", ""),
    ("[[a]]", 11, "wrong-kind", ""),
    ("{}", 7, "no-value", ""),
    ("a\n      x: b", 7, "duplicate-key", ""),
    ("a\n      x.y: b", 7, "duplicate-key", ""),
    ("{y: a}\n      x.y: b", 7, "duplicate-key", ""),
    ("a\n     y: b", 6, "indentation", "y: b"),
    ("a\n       y: b", 8, "indentation", "y: b"),
    ("a\n\ty: b", 1, "tab", ""),
    ("a\n      y:\tb", 9, "tab", "y: b"),
    ("a\n      y..z: b", 7, "bad-field", ""),
    ('a\n      "{{ y }}": b', 8, "bad-field", ""),
    ("\x01", 10, "odd-character", ""),
]


@pytest.mark.parametrize(("value", "column", "code", "corrected"), VALUES)
def test_wrong_values(value: str, column: int, code: str, corrected: str) -> None:
    line = 8 + value.count("\n")
    assert told(BASE.replace("VALUE", value)) == [(line, column, code, corrected)]


@pytest.mark.parametrize(("value", "column", "code", "corrected"), [v for v in VALUES if v[3]])
def test_corrected_lines_are_right(value: str, column: int, code: str, corrected: str) -> None:
    lines = BASE.replace("VALUE", value).splitlines()
    (found,) = findings("\n".join(lines))
    lines[found.position.line - 1] = found.corrected
    assert findings("\n".join(lines)) == []


# What replaces what, where the caret is, the code, part of the message or hint, the corrected line.
PARTS = [
    ("name: A", "name:A", (1, 6), "no-space-after-colon", "no space", "name: A"),
    ("name: A", "nmae: A", (1, 1), "unknown-key", "Did you mean 'name'", "name: A"),
    ("name: A", "name: A\nbogus: 1", (2, 1), "unknown-key", "has no 'bogus'", ""),
    ("name: A", "name: A\nanswer: {a: b}", (2, 1), "misplaced-key", "belongs to", ""),
    ("name: A", "name: A\nschedule: x", (2, 1), "misplaced-key", "belongs to the trigger", ""),
    ("name: A", "name: A\nskip: {if: a, reason: b}", (2, 7), "wrong-kind", "'skip' is a list", ""),
    ("name: A", "name: A\nskip: [{if: a}]", (2, 8), "missing-key", "needs 'reason'", ""),
    ("name: A", "name: A\ntranslate: [a]", (2, 12), "wrong-kind", "tables by name", ""),
    ("name: A", "name: A\ntranslate: {t: a}", (2, 13), "wrong-kind", "`from: to` lines", ""),
    ("name: A", "name: A\ntranslate: {t: {a: [b]}}", (2, 20), "wrong-kind", "one value", ""),
    ("name: A", "name: [A]", (1, 7), "wrong-kind", "one value, not a list", ""),
    ("name: A", 'name: ""', (1, 8), "no-value", "has no value", ""),
    ("name: A", "%YAML 1.1\n---\nname: A", (1, 1), "directive", "Remove the line", ""),
    ("  use: a.b", "\tuse: a.b", (3, 1), "tab", "two spaces", "use: a.b"),
    ("  use: a.b", "  use: a", (3, 8), "bad-use", "names no trigger", ""),
    ("  use: a.b", "  use: a.b.c", (3, 8), "bad-use", "names no trigger", ""),
    ("  use: a.b", "  - use: a.b", (3, 3), "wrong-kind", "A list stands where", ""),
    ("  use: a.b", "  connection: a", (3, 3), "missing-key", "needs 'use'", ""),
    ("  use: a.b", "  use: a.b\n  as: if", (4, 7), "bad-name", "use that word", ""),
    ("  use: a.b", "  use: a.b\n  as: my case", (4, 7), "bad-name", "my_case", "as: my_case"),
    ("  use: a.b", "  use: a.b\n  overlap: soon", (4, 12), "bad-duration", "10 minutes", ""),
    ("  use: a.b", "  use: a.b\n  jitter: soon", (4, 11), "bad-duration", "10 minutes", ""),
    ("  use: a.b", "  use: a.b\n  jitter: 7 hours", (4, 11), "bad-duration", "10 minutes", ""),
    ("  use: a.b", "  use: a.b\n  missed: skp", (4, 11), "unknown-choice", "'skip'", "missed: skip"),
    ("  use: a.b", "  use: a.b\n  first_run: May", (4, 14), "bad-duration", "last 2 years", ""),
    ("  use: a.b", "  use: a.b\n  with: x", (4, 9), "wrong-kind", "`field: value`", ""),
    ("  use: a.b", "  use: a.b\n  first-run: a day", (4, 3), "unknown-key", "first_run", "first_run: a day"),
    ("- id: one", "- id: find-it", (5, 9), "bad-name", "find_it", "- id: find_it"),
    ("- id: one", "- id: 1st", (5, 9), "bad-name", "starts with a letter", ""),
    ("- id: one", "- id: record", (5, 9), "duplicate-id", "the trigger's record", ""),
    ("- id: one", "- use: c.one\n  - id: one", (6, 9), "duplicate-id", "in line 5", ""),
    ("- id: one", "- answer: x\n    id: one", (5, 5), "misplaced-key", "step of its own", ""),
    ("- id: one", "- blank: leave\n    id: one", (5, 12), "unknown-choice", "leave alone", "- blank: leave alone"),
    ("- id: one", "- if_none: stop\n    id: one", (5, 14), "unknown-choice", "reject, skip", ""),
    ("- id: one", "- if_none: {a: b, c: d}\n    id: one", (5, 14), "wrong-kind", "one thing", ""),
    ("- id: one", "- if_none: {reject: }\n    id: one", (5, 21), "no-value", "'reject'", ""),
    ("- id: one", "- if: {{ a }} == 'b'\n    id: one", (5, 9), "unquoted-braces", "without", "- if: a == 'b'"),
    ("- id: one", "- if: 'a' in b\n    id: one", (5, 11), "quote-in-quotes", "", """- if: "'a' in b\""""),
    ("- id: one", '- if: "{{ a == "b" }}"\n    id: one', (5, 18), "quote-in-quotes", "", '- if: a == "b"'),
    ("- id: one", "- one\n  - id: one", (5, 5), "wrong-kind", "a step should be", ""),
    ("    use: c.d\n", "", (5, 5), "missing-key", "A step needs 'use'", ""),
    ("      x: VALUE", "      x: a\n---\nname: B", (9, 1), "several-documents", "one recipe", ""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "code", "words", "corrected"), PARTS)
def test_wrong_parts(
    old: str, new: str, place: tuple[int, int], code: str, words: str, corrected: str
) -> None:
    assert old in BASE
    (found,) = findings(BASE.replace(old, new, 1))
    assert (found.position.line, found.position.column) == place
    assert found.code == code
    assert words in f"{found.message} {found.hint}"
    assert found.corrected.strip() == corrected


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), ("# only a comment\n", "empty"), ("- a", "wrong-kind"), ("[" * 50, "too-deep")],
)
def test_no_recipe_at_all(text: str, code: str) -> None:
    assert [found.code for found in findings(text)] == [code]


def test_all_at_once() -> None:
    text = BASE.replace("x: VALUE", "x: {{ a }}\n      y: Re: b\n      z: @c\n      w: No #3")
    codes = ["unquoted-braces", "colon-in-text", "reserved-character", "hash-in-text"]
    assert [found.code for found in findings(text.replace("id: one", "id: o-n-e"))] == [
        "bad-name",
        *codes,
    ]


def test_aliases_cannot_unfold() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    assert {found.code for found in findings(bomb)} >= {"anchor"}


def test_a_finding_reads_well() -> None:
    (found,) = findings(BASE.replace("VALUE", "Re: Smith"))
    assert found.as_text() == (
        "r.yaml:8:12\n"
        "  A text with a colon followed by a space needs quotes round it.\n"
        "    8 |       x: Re: Smith\n"
        "                   ^\n"
        '  Write: x: "Re: Smith"'
    )
    assert found.as_json()["line"] == 8


# -- properties ------------------------------------------------------------------------------------

YAMLISH = st.text(st.sampled_from("abx:- \n\t\"'{}[]#&*!|>%@`,?0.\\\r\x85\u2028é"), max_size=60)


@given(st.one_of(st.text(), YAMLISH))
@example("a: \ufeff'b'\ufeff")
@example("? a\n: b")
@example("a: |2\n  b\n c")
@example("- - - {")
def test_no_text_crashes(text: str) -> None:
    recipe, found = read_recipe(text, Path("r.yaml"))
    assert recipe is not None or found
    for finding in found:
        assert finding.message
        assert finding.as_text()


@given(YAMLISH)
def test_no_value_crashes(value: str) -> None:
    recipe, found = read_recipe(BASE.replace("VALUE", value), Path("r.yaml"))
    assert isinstance(recipe, Recipe) or found


@given(st.binary(max_size=200))
def test_no_file_crashes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    with suppress(RecipeError, SetupError):
        load_recipe(path)


PRINTABLE = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp", "Co"], exclude_characters="\ufeff"
    ),
    min_size=1,
).filter(lambda text: text.strip() and "{{" not in text)


@given(PRINTABLE)
def test_any_text_stays_as_it_is(value: str) -> None:
    quoted = "'" + value.replace("'", "''") + "'"
    recipe = parse_recipe(BASE.replace("VALUE", quoted), Path("r.yaml"))
    text = recipe.steps[0].fields.values[("x",)]
    assert isinstance(text, Text)
    assert text.value == value
    if "'" not in value:
        line = BASE.replace("VALUE", quoted).split("\n")[7]
        for offset, letter in enumerate(value):
            assert line[text.at(offset).column - 1] == letter
