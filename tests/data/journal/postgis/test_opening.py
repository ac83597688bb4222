"""What is refused at opening, in words that name the thing and the remedy and never the password."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from data.journal.interface import Journal, JournalStoreError, StoreReadOnlyError, StoreUnreachableError
from data.journal.postgis import migrate as migrate_module
from data.journal.postgis.migrate import migrations
from data.journal.postgis.store import PostgisStore
from data.situation import WorldMode
from tests.data.journal.journal_samples import note, opened, write
from tests.postgis_cluster import PostgisCluster, free_port, private_cluster

pytestmark = pytest.mark.postgis


def _refusal(address: str, mode: WorldMode = "drill") -> JournalStoreError:
    with pytest.raises(JournalStoreError) as caught:
        PostgisStore(address, mode).open_journal()
    assert "geheim" not in str(caught.value)
    assert caught.value.text is not None
    assert "geheim" not in caught.value.text.zh
    return caught.value


@pytest.fixture(scope="module")
def guarded() -> Iterator[PostgisCluster]:
    """A server on a TCP port that asks for passwords, and has a database without PostGIS."""
    with private_cluster(tcp_port=free_port()) as cluster:
        with psycopg.connect(f"{cluster.conninfo} dbname=postgres", autocommit=True) as connection:
            connection.execute("CREATE ROLE officer LOGIN PASSWORD 'right'")
            connection.execute("CREATE ROLE reader LOGIN PASSWORD 'right'")
            connection.execute("CREATE DATABASE plain TEMPLATE template0 OWNER officer")
            connection.execute("CREATE DATABASE trial OWNER officer")
            with (cluster.data / "pg_hba.conf").open("w") as rules:
                rules.write("local all console trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
            connection.execute("SELECT pg_reload_conf()")
        yield cluster


def test_password_that_is_wrong(guarded: PostgisCluster) -> None:
    refused = _refusal(f"postgresql://officer:geheim@127.0.0.1:{guarded.tcp_port}/trial")
    assert "user or password is not accepted" in str(refused)
    assert f"postgresql://officer@127.0.0.1:{guarded.tcp_port}/trial" in str(refused)
    assert not isinstance(refused, StoreUnreachableError)


def test_password_given_as_a_parameter_is_not_shown(guarded: PostgisCluster) -> None:
    refused = _refusal(f"postgresql://127.0.0.1:{guarded.tcp_port}/trial?user=officer&password=geheim")
    assert "user or password is not accepted" in str(refused)


def test_database_that_is_not_there(guarded: PostgisCluster) -> None:
    refused = _refusal(f"postgresql://officer:right@127.0.0.1:{guarded.tcp_port}/nix")
    assert "no such database" in str(refused)
    assert "createdb" in str(refused)


def test_user_who_may_not_add_postgis_or_make_a_schema(guarded: PostgisCluster) -> None:
    assert "tongzhou store init" in str(_refusal(f"postgresql://officer:right@127.0.0.1:{guarded.tcp_port}/plain"))
    assert "tongzhou store init" in str(_refusal(f"postgresql://reader:right@127.0.0.1:{guarded.tcp_port}/trial"))


def test_owner_without_other_rights_makes_the_store_and_is_told_of_the_role(guarded: PostgisCluster) -> None:
    store = PostgisStore(f"postgresql://officer:right@127.0.0.1:{guarded.tcp_port}/trial", "drill")
    migrated = store.migrate()
    assert migrated.left_out is not None
    assert "CREATE ROLE tongzhou_console NOLOGIN" in migrated.left_out.en
    assert "CREATE ROLE tongzhou_console NOLOGIN" in migrated.left_out.zh
    journal = store.open_journal()
    write(journal, opened(), command_id="open")
    with psycopg.connect(f"{guarded.conninfo} dbname=postgres", autocommit=True) as connection:
        connection.execute("CREATE ROLE tongzhou_console NOLOGIN")
    again = store.migrate()
    assert (again.applied, again.left_out) == ((), None)
    journal.close()
    store.close()


def test_machine_that_is_not_known() -> None:
    refused = _refusal("postgresql://officer:geheim@no-such-machine.invalid/trial")
    assert isinstance(refused, StoreUnreachableError)
    assert "no machine of that name" in str(refused)


def test_server_that_does_not_run(tmp_path: Path) -> None:
    refused = _refusal(f"postgresql:///trial?host={tmp_path}&password=geheim")
    assert isinstance(refused, StoreUnreachableError)
    assert "does not answer" in str(refused)


@pytest.mark.parametrize("address", ["postgresql://a:geheim@[::1/x", "postgresql://h/x?geheim=1"])
def test_address_that_cannot_be_read(address: str) -> None:
    assert "cannot be read" in str(_refusal(address))


def _change(address: str, statement: str) -> None:
    with psycopg.connect(address, options="-c search_path=tongzhou_drill,public") as connection:
        connection.execute(statement)


@pytest.fixture
def journal(postgis_store_address: str) -> Iterator[Journal]:
    """A journal of two events."""
    store = PostgisStore(postgis_store_address, "drill")
    journal = store.open_journal()
    write(journal, opened(), command_id="open")
    write(journal, note("1"), command_id="c1")
    yield journal
    journal.close()
    store.close()


def test_store_of_a_newer_program(postgis_store_address: str, journal: Journal) -> None:
    _change(postgis_store_address, "INSERT INTO migration VALUES (99, '0099_later.sql', 'x')")
    refused = _refusal(postgis_store_address)
    assert isinstance(refused, StoreReadOnlyError)
    assert "format 99" in str(refused)
    store = PostgisStore(postgis_store_address, "drill")
    with pytest.raises(StoreReadOnlyError, match="format 99"):
        store.migrate()
    store.close()


def test_store_of_an_older_program_is_not_migrated_unasked(postgis_store_address: str, journal: Journal) -> None:
    last = migrations()[-1].number
    _change(postgis_store_address, f"DELETE FROM migration WHERE number = {last}")
    assert "tongzhou store migrate ADDRESS" in str(_refusal(postgis_store_address))


def test_migration_that_was_changed_after_it_was_applied(postgis_store_address: str, journal: Journal) -> None:
    _change(postgis_store_address, "UPDATE migration SET sha256 = 'x' WHERE number = 2")
    assert "0002_positions.sql" in str(_refusal(postgis_store_address))


def test_half_restored_store_is_not_opened(postgis_store_address: str, journal: Journal) -> None:
    store = PostgisStore(postgis_store_address, "drill")

    def restore_half() -> None:
        with store.restoring():
            raise OSError("the copy ends here")

    with pytest.raises(OSError, match="ends here"):
        restore_half()
    refused = _refusal(postgis_store_address)
    assert isinstance(refused, StoreReadOnlyError)
    assert "tongzhou store restore" in str(refused)
    with store.restoring():
        pass
    store.open_journal().close()
    store.close()


def test_live_and_drill_are_kept_apart(postgis_store_address: str, journal: Journal) -> None:
    live = PostgisStore(postgis_store_address, "live")
    other = live.open_journal()
    assert (other.mode, other.head().seq, journal.head().seq) == (None, 0, 2)
    other.close()
    live.close()


def test_migrating_again_changes_nothing(postgis_store_address: str, journal: Journal) -> None:
    store = PostgisStore(postgis_store_address, "drill")
    assert store.migrate().applied == ()
    assert journal.verify() == 2
    store.close()


def test_a_console_waits_for_another_that_is_bringing_the_database_up(
    postgis_store_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two consoles started at once find a new database: a format on its way is not taken for an old one.

    Making it takes longer here than any statement of a console at work may wait for a lock.
    """
    halfway, apply = threading.Event(), migrate_module._apply

    def slowly(*given: Any) -> bool:
        done = apply(*given)
        halfway.set()
        time.sleep(0.5)
        return done

    def open_it() -> int:
        store = PostgisStore(postgis_store_address, "drill")
        journal = store.open_journal()
        try:
            return journal.verify()
        finally:
            journal.close()
            store.close()

    monkeypatch.setattr(migrate_module, "_apply", slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(open_it)
        assert halfway.wait(20)
        second = pool.submit(open_it)
        assert (first.result(), second.result()) == (0, 0)


def test_a_console_that_waits_too_long_for_another_says_so(
    postgis_store_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate_module, "MIGRATION_WAIT_S", 0.2)
    holder, store = PostgisStore(postgis_store_address, "drill"), PostgisStore(postgis_store_address, "drill")
    with (
        holder.connections.single() as connection,
        migrate_module._migrating(connection, "x"),
        pytest.raises(StoreUnreachableError, match="Another console has been bringing the store") as told,
    ):
        store.open_journal()
    assert "另一指挥台" in told.value.said("zh")
    holder.close()
    store.close()
