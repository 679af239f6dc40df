"""``fmt``: one way to write a recipe. Nothing is lost, nothing changes its meaning, once is enough."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.recipe.editing.canonical import canonical
from tests.recipes.mistake_table import BASE

SHIPPED = sorted((Path(__file__).parents[2] / "recipes").glob("*.yaml"))
PATH = Path("recipes/r.yaml")
FLOW = """\
name: Clients of a matter get a tag
trigger:
  use: clio.matter_changed
  as: matter
steps:
  - id: each
    for_each: matter.clients
    as: client
    steps:
      - choose:
          - if: client.email is not blank
            steps:
              - use: mailchimp.add_tags
                with: {audience: a, email: "{{ client.email }}", tags: [Client]}
        otherwise:
          - skip: "{{ client.name }} has no address."
  - id: note
    set:
      text: |
        Dear {{ matter.client.name }},

          welcome.
      count: "{{ each | length }}"
"""
WAYS = """\
name: Waits, ways and rounds
trigger: {use: csv.row_read, with: {file: a.csv}, as: row}
steps:
  - id: pause
    wait: 2 days
  - parallel:
      - - id: one
          use: csv.upsert_rows
          with: {file: a.csv, key_column: e, columns: {e: "{{ row.email }}"}}
      - steps:
          - id: two
            use: csv.upsert_rows
            with: {file: b.csv, key_column: e, columns: {e: "{{ row.email }}"}}
  - until: job.file is not blank
    every: 10 minutes
    at_most: 5 times
    steps:
      - id: job
        use: csv.upsert_rows
        with: {file: c.csv, key_column: e, columns: {e: "{{ row.email }}"}}
"""
TEXTS = [path.read_text(encoding="utf-8") for path in SHIPPED] + [BASE, FLOW, WAYS]


def formatted(text: str) -> str:
    written = canonical(text, PATH)
    assert written is not None
    return written


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_recipes_are_in_the_usual_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert canonical(text, path) == text


@pytest.mark.parametrize("text", [BASE, FLOW, WAYS], ids=["base", "flow", "ways"])
def test_what_is_in_the_usual_form_stays(text: str) -> None:
    assert formatted(text) == text


def test_keys_comments_quotes_and_small_forms() -> None:
    text = """\

# what it is for
# yaml-language-server: $schema=recipe.schema.json

steps:
- use: 'csv.append_rows'   # adds rows
  with:
        file:   out.csv   # the file
        columns: {number: 00042,country: NO ,  "at": 21:15, c: 'say "x"'}
        # one more
  id: first
  # about if
  if: "{{ person.a == 'b' }}"


- id: second

  # about use
  use: csv.append_rows
  with: {file: o.csv, columns.x: "{{ person.y }}"}
report: {when: always, send_to: a@b.example}
trigger:
    schedule: "cron: 0 20 * * 1-5"
    as: person
    use: csv.row_read
    with: {file: people.csv}
name: A name
  over two lines
description: 'It''s'
# the end
"""
    assert (
        formatted(text)
        == """\
# what it is for
# yaml-language-server: $schema=recipe.schema.json

name: A name
  over two lines
description: "It's"
trigger:
  use: csv.row_read
  with: {file: people.csv}
  as: person
  schedule: {cron: 0 20 * * 1-5}
steps:
  - id: first
    use: "csv.append_rows"   # adds rows
    # about if
    if: person.a == 'b'
    with:
      file: out.csv     # the file
      columns: {number: 00042, country: NO, "at": 21:15, c: 'say "x"'}
      # one more

  - id: second

    # about use
    use: csv.append_rows
    with: {file: o.csv, columns.x: "{{ person.y }}"}
report: {send_to: [a@b.example], when: always}
# the end
"""
    )


def test_long_lines_and_texts_of_several_lines_stay() -> None:
    long = "word " * 60
    text = BASE.replace("stage: Getting started", f"stage: {long.strip()}").replace(
        "      tags: [Client]",
        "      tags:\n        - |\n          Dear you,\n\n            in\n        - x",
    )
    assert formatted(text) == text


def test_line_ends_and_the_mark_at_the_beginning_stay() -> None:
    text = "\ufeff" + BASE.replace("\n", "\r\n")
    assert formatted(text) == text
    assert formatted(text.replace("key: matter.id", "key:   matter.id")) == text


@pytest.mark.parametrize(
    "text", ["", "name: x\n", BASE.replace("key:", "kye:"), "a: [", "- a\n", "x" * 10]
)
def test_what_is_no_recipe_is_left_alone(text: str) -> None:
    assert canonical(text, PATH) is None


def begins_text(line: str) -> bool:
    """Return whether what follows is one text of several lines, in which # is a sign like others."""
    return re.search(r"[:-] [|>][-+]?$", line) is not None


def messy(text: str, draw: st.DrawFn) -> str:
    """Return the same recipe as somebody in a hurry would write it."""
    lines = text.rstrip("\n").split("\n")
    if draw(st.booleans()):  # the top-level keys in another order
        starts = [n for n, line in enumerate(lines) if re.match(r"\w", line)]
        blocks = [lines[a:b] for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
        blocks = draw(st.permutations(blocks))
        lines = [line for block in blocks for line in block]
    wide = draw(st.sampled_from([1, 2, 3]))
    text_indent = -1
    found: list[str] = []
    for line in lines:
        bare = line.lstrip()
        indent = len(line) - len(bare)
        after_text = text_indent >= 0
        if bare and indent <= text_indent:
            text_indent = -1
        if text_indent < 0 and bare:
            what = draw(st.integers(0, 12))
            column = draw(st.sampled_from([0, indent * wide, indent * wide + 2 * (not after_text)]))
            if what == 0:
                found.append(" " * column + f"# note {len(found)}")
            elif what == 1:
                found.append("   ")
            elif what == 2 and "#" not in line and not begins_text(bare) and "- |" not in bare:
                bare += f"   # behind {len(found)}"
            elif what == 3 and re.fullmatch(r"[^'\"]*: \"[^'\"]*\"", bare):
                bare = bare.replace('"', "'")
            elif what == 4 and ": " in bare and "- " not in bare[:2]:
                bare = bare.replace(": ", ":    ", 1)
        if text_indent < 0 and begins_text(bare):
            text_indent = indent
        if bare.startswith("- ") and text_indent in {-1, indent}:
            bare = re.sub(
                r"- (?=\S)", "-" + " " * (2 * wide - 1), bare, count=bare.count("- - ") + 1
            )
        within = indent - text_indent - 2 if 0 <= text_indent < indent else 0
        found.append(" " * ((indent - within) * wide + within) + bare)
    return draw(st.sampled_from(["\n", "\r\n"])).join(found) + draw(st.sampled_from(["", "\n\n"]))


@st.composite
def messes(draw: st.DrawFn) -> tuple[str, str]:
    text = draw(st.sampled_from(TEXTS))
    return text, messy(text, draw)


def comments(text: str) -> list[str]:
    return sorted(re.findall(r"(?:^|\s)(#\s.*?)\s*$", text, re.MULTILINE))


def content(text: str) -> list[str]:
    """Return the lines without comments and blank ones."""
    lines = (re.sub(r"(?:^|\s+)#\s.*$", "", line) for line in text.split("\n"))
    return [line for line in lines if line.strip()]


@settings(max_examples=60, deadline=None)
@given(messes())
def test_messy_recipes(pair: tuple[str, str]) -> None:
    tidy, text = pair
    written = formatted(text)
    assert formatted(written) == written
    assert comments(written) == comments(text)
    assert content(written.replace("\r\n", "\n")) == content(tidy)
    assert not re.search(r"[ \t]+$", written, re.MULTILINE)
