"""Recipes are saved whole, each save is a version, and nobody's change is lost unseen."""

import threading
from pathlib import Path

import pytest

from engine.errors import SetupError
from engine.host import Host, build_host
from engine.recipe.library import Library
from engine.run.recipes.editing import (
    ChangedMeanwhile,
    delete_recipe,
    fingerprint,
    new_recipe,
    present_version,
    rename_recipe,
    restore_version,
    save_recipe,
)
from engine.store.database import Store
from engine.store.runs import RunRequest, create_run
from engine.store.switches import set_switch, switches
from engine.store.versions import list_versions, newest_version

ANN, BEN = "ann@firm.example", "ben@firm.example"
TEXT = (
    "name: A\ntrigger: {use: csv.row_read, with: {file: a.csv}}\nsteps: [{use: csv.append_rows}]\n"
)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "a.yaml").write_text(TEXT)
    return Library(folder)


@pytest.fixture(scope="module")
def host() -> Host:
    return build_host([])


def told(store: Store, name: str = "a") -> list[tuple[int, str, str]]:
    return [(v.number, v.who, v.note) for v in list_versions(store, name)]


def begun_run(store: Store, name: str = "a") -> None:
    version = newest_version(store, name)
    assert version is not None
    nouns = {"source": ("row", "rows"), "target": ("row", "rows")}
    with store.writing() as connection:
        create_run(
            connection,
            recipe=name,
            title=name,
            version_id=version.id,
            request=RunRequest(),
            nouns=nouns,
            origin="manual",
        )


def test_a_save_is_a_version_by_whoever_saved_it(store: Store, library: Library) -> None:
    new = TEXT.replace("A", "B")
    saved = save_recipe(
        store, library, "a", new, seen=fingerprint(TEXT), by=ANN, note=" Another name. "
    )
    assert saved.number == 2
    assert (library.folder / "a.yaml").read_text() == new
    assert told(store) == [(2, ANN, "Another name."), (1, "as it was found", "")]


def test_saving_what_it_is_already_makes_no_version(store: Store, library: Library) -> None:
    saved = save_recipe(store, library, "a", TEXT, seen=fingerprint(TEXT), by=ANN)
    assert (saved.number, saved.who) == (1, "as it was found")


def test_a_change_made_meanwhile_is_not_overwritten(store: Store, library: Library) -> None:
    (library.folder / "a.yaml").write_text("name: C\n")
    with pytest.raises(ChangedMeanwhile) as caught:
        save_recipe(store, library, "a", "name: B\n", seen=fingerprint(TEXT), by=ANN)
    assert caught.value.text == "name: C\n"
    assert (library.folder / "a.yaml").read_text() == "name: C\n"
    save_recipe(store, library, "a", "name: B\n", seen=fingerprint(caught.value.text), by=ANN)
    assert [v.text for v in list_versions(store, "a")] == ["name: B\n", "name: C\n"]


def test_of_two_who_save_at_once_one_is_told(store: Store, library: Library) -> None:
    refused: list[ChangedMeanwhile] = []

    def save(who: str) -> None:
        try:
            save_recipe(store, library, "a", f"name: {who}\n", seen=fingerprint(TEXT), by=who)
        except ChangedMeanwhile as error:
            refused.append(error)

    threads = [threading.Thread(target=save, args=(who,)) for who in (ANN, BEN)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert (library.folder / "a.yaml").read_text() == refused[0].text
    assert [v.number for v in list_versions(store, "a")] == [2, 1]


def test_a_file_changed_elsewhere_is_a_version_once_it_is_noticed(
    store: Store, library: Library
) -> None:
    present_version(store, library, "a")
    (library.folder / "a.yaml").write_text("name: pulled\n")
    for _ in range(2):
        found = present_version(store, library, "a")
        assert found is not None
        assert (found.number, found.who) == (2, "changed outside Bridgework")


def test_a_file_keeps_its_line_ends_and_its_rights(store: Store, library: Library) -> None:
    path = library.folder / "a.yaml"
    path.write_bytes(TEXT.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    save_recipe(store, library, "a", "name: B\r\nx: é\n", seen=fingerprint(TEXT), by=ANN)
    assert path.read_bytes() == "name: B\r\nx: é\r\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in library.folder.iterdir()] == ["a.yaml"]


def test_only_line_ends_are_made_alike(store: Store, library: Library) -> None:
    odd = "\n# \u2028\x0b is no line end\nname: B\n\n"
    save_recipe(store, library, "a", odd, seen=fingerprint(TEXT), by=ANN)
    assert (library.folder / "a.yaml").read_text() == odd


def test_a_link_stays_one(store: Store, library: Library, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.yaml"
    real.write_text(TEXT)
    (library.folder / "b.yaml").symlink_to(real)
    save_recipe(store, library, "b", "name: B\n", seen=fingerprint(TEXT), by=ANN)
    assert (library.folder / "b.yaml").is_symlink()
    assert real.read_text() == "name: B\n"


def test_an_earlier_version_comes_back_as_a_new_one(store: Store, library: Library) -> None:
    save_recipe(store, library, "a", "name: B\n", seen=fingerprint(TEXT), by=ANN)
    back = restore_version(store, library, "a", 1, by=BEN)
    assert (back.number, back.text, back.note) == (3, TEXT, "Version 1 again.")
    assert (library.folder / "a.yaml").read_text() == TEXT
    with pytest.raises(SetupError, match="no version 9"):
        restore_version(store, library, "a", 9, by=BEN)


def test_a_restore_keeps_what_was_changed_elsewhere(store: Store, library: Library) -> None:
    present_version(store, library, "a")
    (library.folder / "a.yaml").write_text("name: pulled\n")
    restore_version(store, library, "a", 1, by=ANN)
    assert [v.text for v in list_versions(store, "a")] == [TEXT, "name: pulled\n", TEXT]


def test_a_new_recipe_has_a_name_of_its_own(store: Store, library: Library) -> None:
    assert new_recipe(store, library, "clio-matters", TEXT, by=ANN).number == 1
    assert library.names() == ["a", "clio-matters"]
    for name in ("a", "", "../b", "A b", "-x", "b.yaml"):
        with pytest.raises(SetupError):
            new_recipe(store, library, name, TEXT, by=ANN)
    assert library.names() == ["a", "clio-matters"]


def test_a_deleted_recipe_is_off_and_can_come_back(
    store: Store, library: Library, host: Host
) -> None:
    set_switch(store, "a", True)
    delete_recipe(store, host, library, "a")
    assert library.names() == []
    assert switches(store) == {"a": False}
    assert restore_version(store, library, "a", 1, by=ANN).number == 1
    assert library.names() == ["a"]


def test_a_recipe_that_runs_is_not_deleted(store: Store, library: Library, host: Host) -> None:
    present_version(store, library, "a")
    begun_run(store)
    with pytest.raises(SetupError, match="is running"):
        delete_recipe(store, host, library, "a")
    assert library.names() == ["a"]


def test_a_recipe_that_never_ran_takes_its_versions_to_its_new_name(
    store: Store, library: Library
) -> None:
    save_recipe(store, library, "a", "name: B\n", seen=fingerprint(TEXT), by=ANN)
    rename_recipe(store, library, "a", "b")
    assert library.names() == ["b"]
    assert [v.number for v in list_versions(store, "b")] == [2, 1]
    assert list_versions(store, "a") == []


def test_a_recipe_that_ran_or_is_on_keeps_its_name(store: Store, library: Library) -> None:
    set_switch(store, "a", True)
    with pytest.raises(SetupError, match="keeps its name"):
        rename_recipe(store, library, "a", "b")
    set_switch(store, "a", False)
    present_version(store, library, "a")
    begun_run(store)
    with pytest.raises(SetupError, match="keeps its name"):
        rename_recipe(store, library, "a", "b")


CALLED = "name: C\ninputs: {email: text}\nsteps: [{use: csv.append_rows}]\n"


def test_a_recipe_that_others_call_is_edited_like_any_other(store: Store, library: Library) -> None:
    (library.folder / "part.yaml").write_text(CALLED)
    assert library.names() == ["a"]
    with pytest.raises(SetupError, match="already"):
        new_recipe(store, library, "part", TEXT, by=ANN)
    new = CALLED.replace("C", "D")
    assert save_recipe(store, library, "part", new, seen=fingerprint(CALLED), by=ANN).number == 2
    (library.folder / "a.yaml").write_text(TEXT.replace("use: csv.append_rows", "call: part"))
    assert library.callers("part") == ["a"]
    with pytest.raises(SetupError, match="called by a"):
        rename_recipe(store, library, "part", "other")


def test_a_folder_that_cant_be_written_to_is_one_sentence(
    store: Store, library: Library, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="can't be written"):
        new_recipe(store, Library(tmp_path / "file" / "recipes"), "x", TEXT, by=ANN)


def test_two_recipes_renamed_at_once_never_share_a_name(store: Store, library: Library) -> None:
    for name in "bdef":
        (library.folder / f"{name}.yaml").write_text(TEXT.replace("name: A", f"name: {name}"))
    start = threading.Barrier(5)
    refused: list[str] = []

    def rename(name: str) -> None:
        start.wait()
        try:
            rename_recipe(store, library, name, "new")
        except SetupError:
            refused.append(name)

    threads = [threading.Thread(target=rename, args=(name,)) for name in "abdef"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 4
    assert sorted(library.everything()) == sorted([*refused, "new"])
