"""Whatever a recipe file holds, it is read or refused at once, with each mistake at its place."""

import os
import time
from pathlib import Path

import pytest

from engine.errors import RecipeError, SetupError
from engine.host import Host
from engine.recipe.checking.check import check_file, check_text
from engine.recipe.findings import MOST_FINDINGS
from engine.recipe.load import load_recipe
from engine.recipe.yaml.nodes import split_lines
from engine.recipe.yaml.source import LARGEST_FILE, read_bytes

HEAD = "name: A\ntrigger: {use: office.case_changed, as: case}\nsteps:\n"
STEP = "  - id: s{}\n    use: desk.save_ticket\n    with: {{title: '{{{{ case.title }}}}'}}\n"
CONDITION = (
    "name: A\ntrigger: {{use: a.b}}\nskip:\n  - if: {}\n    reason: x\nsteps: [{{use: a.b}}]\n"
)
MOST = LARGEST_FILE - 1000  # nothing is refused for its size alone


def filled(unit: str, before: str = "", after: str = "") -> str:
    return before + unit * ((MOST - len(before) - len(after)) // len(unit)) + after


#: What the file holds, and the code of its first finding.
BAD = {
    "empty lines": (filled("\n"), "empty"),
    "comments": (filled("# x\n"), "empty"),
    "one long line": (filled("x"), "wrong-kind"),
    "one long quote": (filled("x", 'name: "'), "long-line"),
    "one long key": (filled("x", "", ": b"), "long-line"),
    "quotes": (filled('"'), "long-line"),
    "escapes": (filled("\\x41", 'name: "', '"'), "missing-key"),
    "an aliases' bomb": ("a: &a [x, x]\n" + filled("b: [*a, *a]\n"), "anchor"),
    "anchors": (filled("&a "), "anchor"),
    "tags": (filled("!a "), "tag"),
    "directives": (filled("%a\n"), "directive"),
    "documents": (filled("---\n"), "several-documents"),
    "tabs": (filled("\tx: y\n"), "tab"),
    "NULs": (filled("\0"), "odd-character"),
    "a lone surrogate": ("name: \ud800\n", "odd-character"),
    "one in an escape": ('name: "\\ud800"\n', "odd-character"),
    "one in a template": (HEAD + "  - id: a\n    set: {x: '{{ \"\\ud800\" }}'}\n", "template-syntax"),
    "deep lists": (filled("- "), "too-deep"),
    "deep maps": ("".join(" " * n + "a:\n" for n in range(600)), "too-deep"),
    "deep flow lists": (filled("[", "a: "), "too-deep"),
    "deep flow maps": (filled("{a: ", "a: "), "too-deep"),
    "deep steps": (
        HEAD + "".join(f"{'  ' * (2 * n + 1)}- if: a\n{'  ' * (2 * n + 2)}steps:\n" for n in range(200)),
        "too-deep",
    ),
    "many steps": (HEAD + "".join(map(STEP.format, range(10_000))), "too-large"),
    "fewer steps": (HEAD + "".join(map(STEP.format, range(2_500))), "too-many"),
    "one id": (HEAD + STEP.format(1) * 900, "duplicate-id"),
    "many keys": ("".join(f"k{n}: v\n" for n in range(20_000)), "too-many"),
    "unknown keys": ("".join(f"k{n}: v\n" for n in range(4_500)), "unknown-key"),
    "one key": ("name: v\n" * 4_500, "duplicate-key"),
    "a long list": (filled("a,", "[", "]"), "too-many"),
    "a long text": (filled("        x\n", HEAD + "  - use: desk.save_ticket\n    with:\n      title: |\n"), "nothing"),
    "braces": (filled("      k: {{ a }}\n", HEAD + "  - use: c.d\n    with:\n"), "unquoted-braces"),
    "misspelt": (
        HEAD + "  - use: desk.save_ticket\n    with:\n"
        + "".join(f"      k{n}: '{{{{ case.titel | uper }}}}'\n" for n in range(3_000)),
        "unknown-field",
    ),
    "late mistakes": (
        HEAD + "".join(map(STEP.format, range(800))) + "  - id: x\n    use: a: b\n" * 40,
        "colon-in-text",
    ),
    "an early quote": (HEAD + '  - id: "x\n' + "".join(map(STEP.format, range(900))), "unclosed-quote"),
    "brackets": (CONDITION.format("(" * 100_000), "unknown-connector"),
    "nots": (CONDITION.format("not " * 50_000 + "x"), "unknown-connector"),
    "fields": (CONDITION.format("a" + ".a" * 100_000), "unknown-connector"),
    "filters": (CONDITION.format("a" + " | lower" * 20_000), "unknown-connector"),
    "sums": (CONDITION.format("a" + " + a" * 50_000), "unknown-connector"),
    "open braces": (filled("{{ ", HEAD + '  - skip: "', '"'), "template-syntax"),
    "single braces": (filled("{", HEAD + '  - skip: "', '"'), "template-syntax"),
    "a long name": (CONDITION.format("a" * 79_000), "unknown-connector"),
    "a long text in quotes": (CONDITION.format("case.title == '" + "a" * 79_000 + "'"), "unknown-connector"),
    "long lines of conditions": (
        HEAD + ("  - skip: x\n    if: " + " or ".join(f"case.title == {n}" for n in range(50)) + "\n") * 60,
        "never-equal",
    ),
    "templates": (filled("{{ a }}", 'name: A\ndescription: "', '"'), "missing-key"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_at_once(host: Host, name: str) -> None:
    text, code = BAD[name]
    started = time.process_time()
    found = check_text(text, Path("recipes/r.yaml"), host)
    told = [one.as_text() for one in found]
    assert time.process_time() - started < 1
    assert (found[0].code if found else "nothing") == code
    assert len(found) <= 2 * MOST_FINDINGS
    assert all(len(one) < 10_000 for one in told)
    lines = split_lines(text)
    for one in found:
        assert 1 <= one.position.line <= len(lines)
        assert 1 <= one.position.column <= len(lines[one.position.line - 1]) + 1


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"], ids=["CRLF", "CR", "LF"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "BOM"])
def test_files_of_other_systems_are_read(host: Host, tmp_path: Path, ends: str, mark: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes((mark + HEAD + STEP.format(1)).replace("\n", ends).encode())
    assert check_file(path, host) == []
    path.write_bytes(
        (mark + HEAD + STEP.format(1).replace("title }}", "titel }}")).replace("\n", ends).encode()
    )
    (found,) = check_file(path, host)
    assert (found.position.line, found.position.column) == (6, 28)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (HEAD.encode("utf-16"), "not-utf-8", "but UTF-16"),
        (b"name: Caf\xe9\n", "not-utf-8", "UTF-8"),
        (b"\x7fELF\x02\x01\x01\0\0", "odd-character", "no text may hold"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not-utf-8", "something else"),
        (b"x" * 10_000_000, "too-large", "at most 250,000 characters"),
    ],
    ids=["UTF-16", "Latin-1", "a program", "a picture", "10 MB"],
)
def test_what_is_no_text(host: Host, tmp_path: Path, data: bytes, code: str, words: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(data)
    found = check_file(path, host)
    assert [one.code for one in found] == [code]
    assert words in found[0].as_text()
    with pytest.raises(RecipeError):
        load_recipe(path)


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "zeros.yaml").symlink_to("/dev/zero")
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    for name, words in (
        ("zeros.yaml", "a device, not a file"),
        ("pipe.yaml", "a device, not a file"),
        ("folder.yaml", "is a folder"),
        ("gone.yaml", "There is no recipe file"),
        ("loop.yaml", "can't be read"),
        ("a\0b.yaml", "can't be the name of a recipe file"),
        ("x" * 300 + ".yaml", "can't be read"),
    ):
        with pytest.raises(SetupError, match=words):
            load_recipe(tmp_path / name)


def test_a_large_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(10**12)  # a hole: it takes no room on the disk
    assert len(read_bytes(path, 1000)) == 1001
