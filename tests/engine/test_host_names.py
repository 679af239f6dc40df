"""Two plugins bring a connector of one name: the same one counts in every command."""

from contextlib import suppress
from pathlib import Path

import pytest

from engine.errors import SetupError
from engine.host import host_on_demand

DROPPED_IN = """
from engine.sdk import Connector, Context, hookimpl

connector = Connector(name="{name}", title="{title}")


@connector.trigger("New note", key="id", sample={{"id": "1"}})
def read(ctx: Context):
    \"\"\"Read notes.\"\"\"
    yield {{"id": "1"}}


@hookimpl
def register_connectors():
    return [connector]
"""


@pytest.mark.parametrize("asked_first", ["first", "second", "notes", "clio", "nobodys"])
def test_which_of_two_with_one_name_counts_does_not_depend_on_what_is_asked_for(
    tmp_path: Path, asked_first: str
) -> None:
    for file, name in (
        ("first", "clio"),
        ("second", "pads"),
        ("third", "pads"),
        ("notes", "notes"),
    ):
        text = DROPPED_IN.format(name=name, title=f"From {file}")
        (tmp_path / f"{file}.py").write_text(text)
    (tmp_path / "apart.py").write_text(DROPPED_IN.format(name="notes", title="From apart"))
    host = host_on_demand(tmp_path)
    with suppress(SetupError):
        host.connector(asked_first)
    titles = {name: host.connector(name).title for name in ("clio", "pads", "notes")}
    assert titles == {"clio": "Clio", "pads": "From second", "notes": "From notes"}
    assert sorted(Path(one.plugin).stem for one in host.problems) == ["apart", "first", "third"]
    assert {one.message for one in host.problems} == {
        f"Connector '{tmp_path / file}.py': another plugin already brings '{name}'."
        for file, name in (("apart", "notes"), ("first", "clio"), ("third", "pads"))
    }
