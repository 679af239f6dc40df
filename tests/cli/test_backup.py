"""``backup`` and ``restore``: what they say, and their exit codes."""

import shutil

import pytest

from engine.store.connections import Connection, save_connection
from engine.store.switches import set_switch


@pytest.fixture
def used(store, tmp_path):
    """A home with a connection and a recipe that is on."""
    secrets = {"key": "s3cret-of-the-depot"}
    save_connection(store, Connection(name="depot", connector="depot", secrets=secrets))
    set_switch(store, "night", True)
    return store


def test_a_backup_and_its_way_back(bridgework, used, home, tmp_path):
    made = bridgework("backup", tmp_path / "all.tar")
    assert made.exit_code == 0
    assert made.stdout == f"{tmp_path / 'all.tar'}\n"
    assert "1 connections, 0 runs" in made.stderr
    assert f"The encryption keys are not in it: keep a copy of '{home / 'keys'}'" in made.stderr
    looked = bridgework("restore", "--check", tmp_path / "all.tar")
    assert looked.exit_code == 0
    assert "is whole: 1 connections" in looked.stdout
    assert "can be restored with the key" in looked.stderr
    shutil.copytree(home / "keys", tmp_path / "new" / "keys")
    back = bridgework("restore", tmp_path / "all.tar", "--home", tmp_path / "new")
    assert back.exit_code == 0
    assert "Paused until you switch them on again: night." in back.stderr
    assert "(depot)" in back.stderr
    assert "s3cret" not in made.output + back.output
    assert bridgework("connections", "--home", tmp_path / "new").exit_code == 0


def test_it_says_what_is_in_the_way(bridgework, used, home, tmp_path):
    (tmp_path / "all.tar").write_text("precious")
    refused = bridgework("backup", tmp_path / "all.tar")
    assert refused.exit_code == 3
    assert "is there already" in refused.stderr
    assert bridgework("backup", "--force", tmp_path / "all.tar").exit_code == 0
    refused = bridgework("restore", tmp_path / "all.tar")
    assert refused.exit_code == 3
    assert f"'{home}' holds something already" in refused.stderr
    refused = bridgework("restore", tmp_path / "all.tar", "--home", tmp_path / "new")
    assert refused.exit_code == 3
    assert "The encryption key" in refused.stderr
    assert "is not in" in refused.stderr


def test_a_home_that_is_not_there_has_nothing_to_save(bridgework, home, tmp_path):
    refused = bridgework("backup", tmp_path / "all.tar")
    assert refused.exit_code == 3
    assert "There is nothing to save" in refused.stderr
    assert not home.exists()


def test_in_a_folder_of_backups_the_newest_few_are_kept(bridgework, used, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in (1, 2, 3):
        bridgework("backup", folder / f"bridgework-2020-01-0{day}-203000.tar")
    made = bridgework("backup", folder, "--keep", 2)
    assert made.exit_code == 0
    assert "Deleted bridgework-2020-01-01-203000.tar" in made.stderr
    assert len(list(folder.iterdir())) == 2
    assert bridgework("backup", tmp_path / "all.tar", "--keep", 2).exit_code == 2


def test_its_keys_are_warned_of(bridgework, used, tmp_path):
    made = bridgework("backup", "--with-key", tmp_path / "all.tar")
    assert made.exit_code == 0
    assert "whoever has this file has every account" in made.stderr
    back = bridgework("restore", tmp_path / "all.tar", "--home", tmp_path / "new", "--resume")
    assert back.exit_code == 0
    assert "Paused" not in back.stderr
