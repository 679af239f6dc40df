"""The plugin host: finds connectors, refuses wrong ones with plugin, operation and remedy."""

import csv as stdlib_csv
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import pytest

from engine.errors import PluginLoadError, SetupError
from engine.host import build_host, host_on_demand
from engine.sdk import ApiKey, Connector, Context, Field, Record, TypedDict, hookimpl

SAMPLE = {"id": "n1", "text": "Call Ada", "at": "2026-01-31T20:30:00Z"}


class Row(TypedDict):
    """One row of a batch."""

    text: str


def plugin(name: str, *connectors: Any) -> Any:
    """Return what a plugin module is to the host: a name and a hook."""

    class Plugin:
        @hookimpl
        def register_connectors(self) -> list[Any]:
            return list(connectors)

    made = Plugin()
    made.__name__ = name  # type: ignore[attr-defined]
    return made


def notes(**given: Any) -> Connector:
    return Connector(**{"name": "notes", "title": "Notes", **given})


def read(ctx: Context, folder: str = "inbox") -> Any:
    """Read notes."""
    yield SAMPLE


def refused(*plugins: Any) -> PluginLoadError:
    with pytest.raises(PluginLoadError) as caught:
        build_host(plugins, strict=True)
    return caught.value


def test_installed_connectors_are_found_by_their_entry_points() -> None:
    host = build_host(strict=True)
    assert {"casestatus", "clio", "csv", "mailchimp"} <= set(host.connectors)
    assert host.operation("clio.matter_changed").noun.many == "matters"


def test_the_folder_called_csv_does_not_hide_the_standard_library() -> None:
    build_host(strict=True)
    assert "plugins" not in Path(stdlib_csv.__file__).parts


def test_an_operation_is_found_by_its_full_name() -> None:
    connector = notes()
    connector.trigger("New note", key="id", sample=SAMPLE)(read)
    host = build_host([plugin("notes", connector)], strict=True)
    assert host.operation("notes.read").title == "New note"
    assert host.operation("notes.read").help == "Read notes."


@pytest.mark.parametrize(
    ("name", "sentence", "hint"),
    [
        ("note.read", "There is no connector 'note'.", "Did you mean 'notes'?"),
        ("notes.raed", "Notes has no trigger or action called 'raed'.", "Did you mean 'read'?"),
        ("notes.x", "Notes has no trigger or action called 'x'.", "There are: read."),
    ],
)
def test_an_unknown_name_gets_the_nearest(name: str, sentence: str, hint: str) -> None:
    connector = notes()
    connector.trigger("New note", key="id", sample=SAMPLE)(read)
    host = build_host([plugin("notes", connector)], strict=True)
    with pytest.raises(SetupError) as caught:
        host.operation(name)
    assert (caught.value.message, caught.value.hint) == (sentence, hint)


# -- wrong connectors ------------------------------------------------------------------------------


def wrong_name() -> Connector:
    return notes(name="My Notes")


def no_check() -> Connector:
    return notes(auth=ApiKey())


def no_docstring() -> Connector:
    connector = notes()

    @connector.trigger("New note", key="id", sample=SAMPLE)
    def silent(ctx: Context) -> Any:
        yield SAMPLE

    return connector


def no_annotation() -> Connector:
    connector = notes()

    @connector.action("Create note")
    def create(ctx: Context, text) -> Record:  # type: ignore[no-untyped-def]
        """Create."""
        return {}

    return connector


def strange_type() -> Connector:
    connector = notes()

    @connector.action("Create note")
    def create(ctx: Context, text: SimpleNamespace) -> Record:
        """Create."""
        return {}

    return connector


def key_not_in_sample() -> Connector:
    connector = notes()
    connector.trigger("New note", key="number", sample=SAMPLE)(read)
    return connector


def cursor_without_since() -> Connector:
    connector = notes()
    connector.trigger("New note", key="id", cursor="at", sample=SAMPLE)(read)
    return connector


def batch_without_rows() -> Connector:
    connector = notes()

    @connector.batch_action("Create notes", size=10)
    def create(ctx: Context, folder: str) -> list[Any]:
        """Create."""
        return []

    return connector


def batch_of_nothing() -> Connector:
    connector = notes()

    @connector.batch_action("Create notes", size=0)
    def create(ctx: Context, rows: list[Row]) -> list[Any]:
        """Create."""
        return []

    return connector


def row_field_twice() -> Connector:
    connector = notes()

    @connector.batch_action("Create notes", size=10)
    def create(ctx: Context, text: Annotated[str, Field("Text")], rows: list[Row]) -> list[Any]:
        """Create."""
        return []

    return connector


def two_of_a_name() -> Connector:
    connector = notes()
    connector.trigger("New note", key="id", sample=SAMPLE)(read)
    connector.trigger("Newer note", key="id", sample=SAMPLE)(read)
    return connector


@pytest.mark.parametrize(
    ("make", "operation", "problem"),
    [
        (wrong_name, "", "isn't lower-case letters"),
        (no_check, "check", "can't test a connection"),
        (no_docstring, "silent", "has no docstring"),
        (no_annotation, "create", "'text' has no type annotation"),
        (strange_type, "create", "SimpleNamespace"),
        (key_not_in_sample, "read", "its key 'number' is not in its sample"),
        (cursor_without_since, "read", "has no parameter 'since'"),
        (batch_without_rows, "create", "'rows' must be annotated"),
        (batch_of_nothing, "create", "its size is 0"),
        (row_field_twice, "create", "text is both a parameter and a field of its rows"),
        (two_of_a_name, "read", "two operations are called 'read'"),
    ],
)
def test_a_wrong_connector_is_refused_with_operation_and_remedy(
    make: Any, operation: str, problem: str
) -> None:
    error = refused(plugin("my_notes", make()))
    assert error.plugin == "my_notes"
    assert error.operation == operation
    assert problem in error.message
    assert "'my_notes'" in error.message
    assert error.hint


def test_a_plugin_without_connectors_is_refused() -> None:
    assert "registers no connector" in refused(plugin("empty")).message
    assert "which is no Connector" in refused(plugin("odd", "notes")).message


def test_two_plugins_may_not_bring_one_name() -> None:
    error = refused(plugin("first", notes()), plugin("second", notes()))
    assert error.plugin == "second"
    assert "another plugin already brings 'notes'" in error.message


# -- dropped-in files ------------------------------------------------------------------------------

DROPPED_IN = '''
"""A plugin of one file."""
from engine.sdk import Connector, Context, Record, hookimpl

connector = Connector(name="notes", title="Notes")

@connector.action("Create note")
def create(ctx: Context, text: str) -> Record:
    """Create a note."""
    return {"id": text}

@hookimpl
def register_connectors():
    return [connector]
'''


def test_files_and_packages_in_the_folder_are_plugins(tmp_path: Path) -> None:
    (tmp_path / "notes.py").write_text(DROPPED_IN)
    package = tmp_path / "memos"
    package.mkdir()
    (package / "__init__.py").write_text(DROPPED_IN.replace('"notes"', '"memos"'))
    (tmp_path / "readme.txt").write_text("no plugin")
    host = build_host([], folder=tmp_path, strict=True)
    assert list(host.connectors) == ["memos", "notes"]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import nothing_of_that_name", "ModuleNotFoundError"),
        ("def broken(:", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit"),
        (DROPPED_IN.replace("return [connector]", "return [connector][5]"), "IndexError"),
        (DROPPED_IN.replace("def register_connectors()", "def register_connectors(x)"), "{'x'}"),
        (DROPPED_IN.replace("def register_connectors", "def register_conectors"), "unknown hook"),
    ],
)
def test_a_broken_plugin_leaves_the_others_usable(
    tmp_path: Path, source: str, problem: str
) -> None:
    (tmp_path / "a_broken.py").write_text(source)
    (tmp_path / "b_notes.py").write_text(DROPPED_IN)
    host = build_host([], folder=tmp_path)
    assert list(host.connectors) == ["notes"]
    (found,) = host.problems
    assert "a_broken.py" in found.plugin
    assert problem in found.message
    with pytest.raises(SetupError, match="'a_broken' can't be loaded as it is written") as error:
        host.connector("a_broken")
    assert problem in str(error.value.hint)


def with_live(function: Any, *more: Any) -> Connector:
    connector = notes(auth=ApiKey(header="X"), settings=Row)
    connector.check(lambda ctx: "")

    def save(
        ctx: Context, more: Annotated[dict[str, Any], Field("More", schema=function)]
    ) -> Record:
        """Save."""
        return {}

    connector.action("Save")(save)
    for number, other in enumerate(more):

        def next_one(
            ctx: Context, more: Annotated[dict[str, Any], Field("More", schema=other)]
        ) -> Record:
            """Save."""
            return {}

        next_one.__name__ = f"save_{number}"
        connector.action("Save")(next_one)
    return connector


def test_a_function_of_live_fields_may_ask_for_parameters_alone() -> None:
    def columns(ctx: Context, table: str) -> dict[str, Any]:
        return {}

    with pytest.raises(
        PluginLoadError, match="its columns asks for 'table', which is no parameter"
    ):
        build_host([plugin("p", with_live(columns))], strict=True)


def test_two_functions_of_live_fields_are_not_called_alike() -> None:
    def first() -> Any:
        def columns(ctx: Context) -> dict[str, Any]:
            return {}

        return columns

    with pytest.raises(PluginLoadError, match="two functions 'columns' give a schema"):
        build_host([plugin("p", with_live(first(), first()))], strict=True)


def dropped_in(folder: Path, **plugins: str) -> Path:
    """Make a folder of plugins, each a connector of this name that says when it is imported."""
    folder.mkdir()
    for file, name in plugins.items():
        text = PLUGIN.replace("NAME", name) if name.isidentifier() else name
        (folder / f"{file}.py").write_text(text)
    return folder


PLUGIN = """
from pathlib import Path
from engine.sdk import Connector, hookimpl

Path(__file__).with_suffix(".imported").touch()

@hookimpl
def register_connectors() -> list[Connector]:
    return [Connector(name="NAME", title="NAME")]
"""


def imported(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.imported")}


def test_on_demand_a_connector_is_loaded_when_it_is_asked_for(tmp_path: Path) -> None:
    folder = dropped_in(tmp_path / "plugins", heron="heron", egret="egret")
    host = host_on_demand(folder)
    assert imported(folder) == set()
    assert host.connector("heron").title == "heron"
    assert imported(folder) == {"heron"}
    assert {"csv", "egret", "heron"} <= set(host.connectors)
    assert imported(folder) == {"egret", "heron"}
    assert list(host.connectors) == sorted(host.connectors)
    assert len(host.connectors) == len(set(host.connectors))


def test_on_demand_a_connector_is_found_in_a_file_of_another_name(tmp_path: Path) -> None:
    host = host_on_demand(dropped_in(tmp_path / "plugins", birds="heron"))
    assert host.connector("heron").name == "heron"
    with pytest.raises(SetupError, match="There is no connector 'hron'") as caught:
        host.connector("hron")
    assert "'heron'" in caught.value.hint


def test_on_demand_a_broken_plugin_is_told_once_when_it_is_come_upon(tmp_path: Path) -> None:
    folder = dropped_in(tmp_path / "plugins", egret="1 / 0", heron="heron")
    told: list[PluginLoadError] = []
    host = host_on_demand(folder, told.append)
    assert host.connector("heron")
    assert told == []
    for _ in range(2):
        assert "egret" not in host.connectors
    assert [problem.plugin for problem in told] == [str(folder / "egret.py")]
    assert list(host.problems) == told
    with pytest.raises(SetupError, match="can't be loaded as it is written"):
        host.connector("egret")


def test_on_demand_two_plugins_may_not_bring_one_name(tmp_path: Path) -> None:
    told: list[PluginLoadError] = []
    folder = dropped_in(tmp_path / "plugins", birds="heron", heron="heron")
    host = host_on_demand(folder, told.append)
    assert host.connector("heron")
    assert len(host.connectors) > 1
    assert ["another plugin already brings" in str(problem) for problem in told] == [True]
    assert "birds" in told[0].plugin
