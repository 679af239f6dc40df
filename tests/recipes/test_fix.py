"""``check --fix``: what is certain is corrected, nothing else changes, and once is enough."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import plugins.casestatus
import plugins.clio
import plugins.csv
import plugins.mailchimp
from engine.errors import SetupError
from engine.host import Host, build_host
from engine.recipe.editing.fix import Fixed, fix_file, fix_text, replace_text, split_with_ends
from tests.recipes.mistake_table import BASE, CONNECTIONS, FOLDER, Mistake, read_mistakes

WRONG = Path(__file__).parent / "wrong"
PATH = Path("recipes/base.yaml")
CERTAIN = [
    mistake
    for file in sorted(FOLDER.glob("*.txt"))
    for mistake in read_mistakes(file)
    if "Write: " in mistake.said
]


@pytest.fixture(scope="module")
def host() -> Host:
    connectors = [plugins.clio, plugins.casestatus, plugins.mailchimp, plugins.csv]
    return build_host(connectors, strict=True)


def check_fix(text: str, host: Host) -> Fixed:
    """Return the corrected text, of which nothing certain is left and nothing else has changed."""
    fixed = fix_text(text, PATH, host, CONNECTIONS)
    assert [found.corrected for found in fixed.left if found.corrected] == []
    (before, ends), (after, same_ends) = split_with_ends(text), split_with_ends(fixed.text)
    assert ends == same_ends
    differing = [
        n for n, pair in enumerate(zip(before, after, strict=True), 1) if pair[0] != pair[1]
    ]
    assert differing == [change.line for change in fixed.changes]
    assert all(change.before == before[change.line - 1] for change in fixed.changes)
    again = fix_text(fixed.text, PATH, host, CONNECTIONS)
    assert (again.text, again.changes, again.left) == (fixed.text, (), fixed.left)
    return fixed


def test_every_certain_mistake_of_the_table_is_corrected(host: Host) -> None:
    good = sum(check_fix(mistake.recipe, host).left == () for mistake in CERTAIN)
    assert good > len(CERTAIN) * 0.9  # the others bring to light what isn't certain


def both(one: str, other: str) -> str:
    """Return the recipe with the mistakes of two, if they are in different lines."""
    old, first, second = (text.split("\n") for text in (BASE, one, other))
    if not len(old) == len(first) == len(second):
        return one
    return "\n".join(a if a != line else b for line, a, b in zip(old, first, second, strict=True))


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(CERTAIN), st.sampled_from(CERTAIN), st.sampled_from(["\n", "\r\n"]))
def test_several_mistakes_are_corrected_at_once(
    host: Host, one: Mistake, other: Mistake, end: str
) -> None:
    check_fix(both(one.recipe, other.recipe).replace("\n", end), host)


@pytest.mark.parametrize("path", sorted(WRONG.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_wrong_recipes_are_corrected_as_far_as_it_is_certain(host: Host, path: Path) -> None:
    check_fix(path.read_text(encoding="utf-8"), host)


def test_comments_line_ends_and_the_mark_at_the_beginning_stay(host: Host, tmp_path: Path) -> None:
    text = "\ufeff" + BASE.replace("key: matter.id", "key: matter.idd   # why # not") + "# the end"
    text = text.replace("\n", "\r\n")
    path = tmp_path / "base.yaml"
    path.write_bytes(text.encode())
    path.chmod(0o640)
    (change,) = fix_file(path, host, CONNECTIONS).changes
    assert (change.line, change.messages) == (22, ("'matter' has no field 'idd'.",))
    assert path.read_bytes() == text.replace("matter.idd", "matter.id").encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["base.yaml"]


def test_mistakes_that_hide_each_other_are_one_change(host: Host) -> None:
    text = BASE.replace("if: matter.status != 'closed'", "when: $mater.status === 'Open'")
    (change,) = fix_text(text, PATH, host, CONNECTIONS).changes
    assert change.after == "    if: matter.status == 'open'"
    assert len(change.messages) > 2
    assert "- 23 |     when: $mater.status === 'Open'" in change.as_text()


def test_a_good_file_is_not_written(host: Host, tmp_path: Path) -> None:
    path = tmp_path / "base.yaml"
    path.write_text(BASE)
    path.chmod(0o400)
    before = path.stat().st_mtime_ns
    assert fix_file(path, host, CONNECTIONS).changes == ()
    assert path.stat().st_mtime_ns == before


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "base.yaml"
    path.write_text("other")
    with pytest.raises(SetupError, match="changed meanwhile"):
        replace_text(path, "old", "new")
    assert path.read_text() == "other"


def test_a_link_to_a_file_elsewhere_is_left_alone(host: Host, tmp_path: Path) -> None:
    outside, link = tmp_path / "outside.yaml", tmp_path / "link.yaml"
    outside.write_text(BASE.replace("key: matter.id", "key: matter.idd"))
    link.symlink_to(outside)
    with pytest.raises(SetupError, match="link to another file"):
        fix_file(link, host, CONNECTIONS)
    assert "matter.idd" in outside.read_text()


def test_what_is_wrong_in_a_blueprint_is_corrected_there_only(host: Host, tmp_path: Path) -> None:
    (tmp_path / "blueprints").mkdir()
    blueprint, made = tmp_path / "blueprints" / "one.yaml", tmp_path / "made.yaml"
    text = BASE.replace("trigger:", "inputs: {tag: text}\ntrigger:")
    wrong = text.replace("[Client]", '["{{ inputs.tag }}"]').replace(
        "key: matter.id", "key: mater.id"
    )
    blueprint.write_text(wrong)
    made.write_text("name: Made of it\nblueprint: one\ninputs: {tag: Client}\n")
    (left,) = fix_file(made, host, CONNECTIONS).left
    assert "'mater'" in left.message
    assert made.read_text().startswith("name: Made of it\nblueprint: one\n")
    assert blueprint.read_text() == wrong
    assert fix_file(blueprint, host, CONNECTIONS).left == ()
    assert fix_file(made, host, CONNECTIONS).left == ()
