"""A new key takes over all that is encrypted; a wrong one is told at start-up and changes nothing."""

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import LargeBinary, delete, func, insert, select, update

from engine.errors import SetupError
from engine.store import tables
from engine.store.connections import Connection, get_connection, save_connection, save_tokens
from engine.store.database import Store, open_store
from engine.store.keys import KEYS_VARIABLE, KeyRing
from engine.store.reseal import is_finished, reseal, values_by_key
from engine.store.sealed import PLAIN, SEALED
from engine.store.vault import Vault


def ring(store: Store) -> KeyRing:
    return KeyRing(store.home / "keys")


def keep_records(store: Store, number: int) -> None:
    """Store so many encrypted records that need attention."""
    common = {"recipe": "r", "first_run_id": 1, "run_id": 1, "outcome": "rejected"}
    sealed = store.vault.seal({"id": 1})
    with store.writing() as connection:
        connection.execute(
            insert(tables.open_problems),
            [common | {"record_key": f"{n}", "source": sealed} for n in range(number)],
        )


def newest(store: Store) -> int:
    """Return how many records the newest key opens."""
    vault = Vault([ring(store).read()[0].secret])
    with store.reading() as connection:
        sources = connection.execute(select(tables.open_problems.c.source)).scalars()
        return sum(vault.is_newest(source) for source in sources)


def test_every_column_of_bytes_is_known_as_sealed_or_plain() -> None:
    """A new table's column belongs into engine/store/sealed.py."""
    columns = {
        str(column)
        for table in tables.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert columns == {str(column) for column in (*SEALED, *PLAIN)}
    assert len(SEALED) + len(PLAIN) == len(columns)
    assert SEALED[-1] is tables.canary.c.sealed


def test_everything_sealed_is_encrypted_again(store: Store) -> None:
    save_connection(store, Connection(name="c", connector="x", secrets={"key": "s3cret-s3cret"}))
    keep_records(store, 1203)
    with store.writing() as connection:
        row = {"run_id": 1, "worker": "", "records": store.vault.seal([1, 2])}
        connection.execute(insert(tables.chunks), [row])
    assert is_finished(store)
    new = ring(store).add()
    assert not is_finished(store)
    assert reseal(store).renewed == 1206
    assert is_finished(store)
    opened, lost = values_by_key(store, ring(store).read())
    assert (dict(opened), lost) == ({new.id: 1206}, 0)
    assert get_connection(store, "c").secrets == {"key": "s3cret-s3cret"}
    assert reseal(store).renewed == 0


def test_a_running_program_goes_on_while_the_keys_change(store: Store) -> None:
    save_connection(store, Connection(name="c", connector="x"))
    running = open_store(store.home)
    (old,) = ring(store).read()
    ring(store).add()
    reseal(store)
    assert get_connection(running, "c").name == "c"
    save_tokens(running, "c", {"access_token": "t0ken-t0ken"})
    reseal(store)
    ring(store).remove(old)
    again = open_store(store.home)
    for other in (running, again):
        assert get_connection(other, "c").tokens == {"access_token": "t0ken-t0ken"}
        other.close()


def test_what_changed_meanwhile_is_left_to_whoever_changed_it(store: Store) -> None:
    from engine.store.reseal import _replace, sealed_values

    save_connection(store, Connection(name="c", connector="x"))
    ((row,),) = sealed_values(store, tables.connections.c.secrets)
    save_tokens(store, "c", {"access_token": "t0ken-t0ken"})
    assert _replace(store, tables.connections.c.secrets, [(row, b"old")]) == 0
    assert get_connection(store, "c").tokens == {"access_token": "t0ken-t0ken"}


def test_a_rotation_that_was_killed_goes_on_where_it_was(store: Store) -> None:
    keep_records(store, 6_000)
    command = [sys.executable, "-m", "engine.cli", "keys", "rotate", "--home", str(store.home)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while not 0 < newest(store) < 6_000:
            assert process.poll() is None, "it was done before it could be killed"
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    done = newest(store)
    assert 0 < done < 6_000
    assert not is_finished(store)
    subprocess.run(command, check=True, capture_output=True)
    assert newest(store) == 6_000
    assert is_finished(store)
    assert len(ring(store).read()) == 2  # the same new key


def test_what_no_key_opens_is_counted_and_left_as_it_is(store: Store) -> None:
    keep_records(store, 3)
    foreign = Vault([Fernet.generate_key()]).seal({"id": 1})
    with store.writing() as connection:
        connection.execute(
            update(tables.open_problems)
            .where(tables.open_problems.c.record_key == "1")
            .values(source=foreign)
        )
    ring(store).add()
    assert reseal(store).lost == 1
    assert values_by_key(store, ring(store).read())[1] == 1
    with store.reading() as connection:
        kept = select(tables.open_problems.c.source).where(tables.open_problems.c.source == foreign)
        assert connection.execute(kept).scalar_one() == foreign


# -- start-up ---------------------------------------------------------------------------------------


def contents(home: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (home / "keys").iterdir()}


def test_a_wrong_key_is_told_at_start_up_and_changes_nothing(store: Store) -> None:
    (store.home / "keys" / "0001.key").write_bytes(Fernet.generate_key())
    before = contents(store.home)
    with pytest.raises(SetupError, match="another one than this database was encrypted with"):
        open_store(store.home)
    assert contents(store.home) == before
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(tables.canary)).scalar() == 1


def test_a_wrong_key_in_the_variable_is_told_at_start_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEYS_VARIABLE, Fernet.generate_key().decode())
    with pytest.raises(SetupError, match="another one"):
        open_store(store.home)


def test_a_home_with_nothing_but_its_canary_still_needs_its_key(store: Store) -> None:
    (store.home / "keys" / "0001.key").unlink()
    with pytest.raises(SetupError, match="encryption key is missing"):
        open_store(store.home)
    assert contents(store.home) == {}


@pytest.mark.parametrize("right", [True, False])
def test_a_database_from_before_there_were_canaries_is_tried_too(store: Store, right: bool) -> None:
    keep_records(store, 1)
    with store.writing() as connection:
        connection.execute(delete(tables.canary))
    if right:
        open_store(store.home).close()
        assert is_finished(store)
        return
    (store.home / "keys" / "0001.key").write_bytes(Fernet.generate_key())
    with pytest.raises(SetupError, match="another one"):
        open_store(store.home)
    with store.reading() as connection:
        assert connection.execute(select(tables.canary)).first() is None


def test_a_second_home_at_the_same_database_is_refused_without_the_first_ones_key(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    open_store(tmp_path / "one", url).close()
    with pytest.raises(SetupError, match="copy it from the computer that has it"):
        open_store(tmp_path / "two", url)


def test_the_canary_was_made_once(store: Store) -> None:
    open_store(store.home).close()
    with store.reading() as connection:
        (row,) = connection.execute(select(tables.canary))
    assert row.made_at <= datetime.now(UTC)
