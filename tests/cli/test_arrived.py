"""`bridgework retry --arrived`: a person found in the other app what nobody was sure of."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

LETTERBOX = '''
from collections.abc import Iterator
from pathlib import Path
from engine.sdk import Connector, Context, Record, hookimpl

connector = Connector(name="letterbox", title="The Letterbox")


@connector.trigger("Letter", key="id", noun="letter", sample={"id": 1})
def letter(ctx: Context) -> Iterator[Record]:
    """Start with three letters."""
    yield from ({"id": n} for n in range(3))


@connector.action("Post a letter", noun="letter", sample={"id": 1})
def post(ctx: Context, number: int) -> Record:
    """Post a letter; of the second nobody hears again."""
    with Path("posted.txt").open("a") as file:
        file.write(f"{number}\\n")
    if number == 1:
        raise RuntimeError("the receipt is missing")
    return {"id": number}


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
'''
RECIPE = """\
name: Letters are posted
trigger: {use: letterbox.letter, as: letter}
steps:
  - use: letterbox.post
    with: {number: "{{ letter.id }}"}
"""


@pytest.fixture
def letters(home: Path) -> Path:
    """A recipe of three letters; what was posted stands in the file that is returned."""
    (home / "plugins").mkdir(parents=True)
    (home / "plugins" / "letterbox.py").write_text(LETTERBOX)
    Path("recipes").mkdir()
    Path("recipes/letters.yaml").write_text(RECIPE)
    return Path("posted.txt")


def test_what_arrived_is_noted_and_not_sent_again(
    bridgework: Callable[..., Result], letters: Path
) -> None:
    first = json.loads(bridgework("run", "letters", "--json").stdout)
    assert first["counts"] == {"created": 2, "unsure": 1}
    result = bridgework("retry", "latest", "--arrived", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["counts"] == {"created": 1}
    assert sorted(letters.read_text().split()) == ["0", "1", "2"]
    after = json.loads(bridgework("run", "letters", "--full", "--json").stdout)
    assert after["counts"] == {"unchanged": 3}


def test_only_what_is_unsure_can_have_arrived(
    bridgework: Callable[..., Result], letters: Path
) -> None:
    bridgework("run", "letters")
    refused = bridgework("retry", "latest", "--arrived", "--outcome", "failed")
    assert refused.exit_code == 2
    assert "unsure" in refused.stderr
    bridgework("retry", "latest", "--arrived")
    nothing = bridgework("retry", "1", "--arrived")
    assert nothing.exit_code == 3
    assert "They are settled since." in nothing.stderr
