"""Accounts, tokens and logins: the same rules over a file and over a database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import psycopg
import pytest

from data.accounts.postgis import SCHEMA, migrate
from data.accounts.records import AccountsError, AccountsUnreachableError, LoginRow
from data.accounts.sqlite import FILE_NAME, SqliteDriver
from data.accounts.store import AccountStore, open_accounts
from data.roles import ROLES

Opened = tuple[AccountStore, str]


@pytest.fixture(params=["file", pytest.param("database", marks=pytest.mark.postgis)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return str(tmp_path)
    return str(request.getfixturevalue("postgis_store_address"))


@pytest.fixture
def store(address: str) -> Iterator[AccountStore]:
    opened = open_accounts(address)
    yield opened
    opened.close()


def added(store: AccountStore, name: str = "wang", role: str = "dispatcher") -> None:
    store.people.add(name, role, "a hash", by="cli:test", at_s=1.0)  # type: ignore[arg-type]


def login_row(key: str, account: str | None, role: str = "dispatcher", at_s: float = 1.0) -> LoginRow:
    return LoginRow(
        key=key,
        secret_hash=f"hash of {key}",
        name=account or "seat-0",
        role=role,  # type: ignore[arg-type]
        account=account,
        opened_at_s=at_s,
        seen_at_s=at_s,
        memory={},
        csrf="c",
    )


def test_an_account_is_kept_with_every_role(store: AccountStore) -> None:
    for role in ROLES:
        added(store, f"a-{role}", role)
    assert [(one.name, one.role) for one in store.people.all()] == sorted((f"a-{role}", role) for role in ROLES)
    found = store.people.find("A-Viewer ")
    assert found is not None, "however its letters are written"
    assert (found.password_hash, found.is_disabled, found.created_at_s) == ("a hash", False, 1.0)


def test_names_are_one_for_people_and_tokens(store: AccountStore) -> None:
    added(store, "王磊")
    store.tokens.add("0" * 12, "radar", "dispatcher", "h", expires_at_s=9.0, by="x", at_s=1.0)
    for taken in ("王磊", "radar"):
        with pytest.raises(AccountsError, match="taken"):
            added(store, taken)
        with pytest.raises(AccountsError, match="taken"):
            store.tokens.add("1" * 12, taken, "viewer", "h", expires_at_s=9.0, by="x", at_s=1.0)


@pytest.mark.parametrize("name", ["", " ", "-x", "a b", "x" * 33, "a/b", "a\nb", "<b>", "seat-4", "Console", "door"])
def test_what_is_no_name_is_refused(name: str, tmp_path: Path) -> None:
    store = open_accounts(None)
    with pytest.raises(AccountsError):
        added(store, name)
    store.close()


def test_five_failures_lock_and_every_five_more_twice_as_long(store: AccountStore) -> None:
    added(store)

    def fail(times: int, at_s: float) -> None:
        for _ in range(times):
            attempt = store.people.begin_attempt("wang", at_s)
            assert attempt is not None
            store.people.failed(attempt, at_s)

    fail(5, 100.0)
    assert store.people.begin_attempt("wang", 100.0 + 899.0) is None
    fail(5, 100.0 + 900.0)
    assert store.people.begin_attempt("wang", 1000.0 + 1799.0) is None
    good = store.people.begin_attempt("wang", 1000.0 + 1800.0)
    assert good is not None
    store.people.succeeded("wang")
    fail(4, 3000.0)
    assert store.people.begin_attempt("wang", 3000.0) is not None, "a good login forgets the failures before it"
    locked = [one.subject for one in store.changes.after(0) if one.what == "account_locked"]
    assert locked == ["wang", "wang"]


def test_attempts_side_by_side_cannot_slip_through(store: AccountStore) -> None:
    added(store)
    let_through: list[object] = []

    def attempt() -> None:
        if (one := store.people.begin_attempt("wang", 100.0)) is not None:
            let_through.append(one)

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(let_through) == 5


def test_enabling_or_another_password_ends_a_lock_out(store: AccountStore) -> None:
    added(store)
    for _ in range(5):
        store.people.begin_attempt("wang", 100.0)
    assert store.people.begin_attempt("wang", 101.0) is None
    store.people.enable("wang", by="x", at_s=101.0)
    assert store.people.begin_attempt("wang", 101.0) is not None


def test_the_last_admin_stays(store: AccountStore) -> None:
    added(store, "chief", "admin")
    added(store, "other", "admin")
    store.people.disable("other", by="x", at_s=2.0)
    for refused in (
        lambda: store.people.disable("chief", by="x", at_s=2.0),
        lambda: store.people.set_role("chief", "viewer", by="x", at_s=2.0),
    ):
        with pytest.raises(AccountsError, match="last admin"):
            refused()
    store.people.enable("other", by="x", at_s=3.0)
    store.people.set_role("chief", "viewer", by="x", at_s=3.0)


def test_disabling_role_and_password_end_the_logins(store: AccountStore) -> None:
    changes = {
        "a": lambda: store.people.disable("a", by="x", at_s=2.0),
        "b": lambda: store.people.set_role("b", "viewer", by="x", at_s=2.0),
        "c": lambda: store.people.set_password("c", "another", by="x", at_s=2.0),
    }
    for name, change in changes.items():
        added(store, name)
        assert store.logins.open(login_row(f"key {name}", name))
        change()
        assert store.logins.by_secret_hash(f"hash of key {name}") is None
    assert not store.logins.open(login_row("late", "a")), "not while it is disabled"
    assert not store.logins.open(login_row("late", "b")), "not with the role before"
    assert store.logins.all() == ()


def test_a_login_has_the_role_of_the_account_now(store: AccountStore) -> None:
    added(store)
    assert store.logins.open(login_row("k", "wang"))
    seat = store.logins.open_by_link(login_row("l", None, "supervisor"))
    assert seat.name == "seat-1"
    assert store.logins.open_by_link(login_row("m", None, "supervisor")).name == "seat-2"
    assert [(one.name, one.role) for one in store.logins.all()] == [
        ("wang", "dispatcher"),
        ("seat-1", "supervisor"),
        ("seat-2", "supervisor"),
    ]


def test_what_seats_did_last_never_goes_back(store: AccountStore) -> None:
    added(store)
    row = login_row("k", "wang", at_s=10.0)
    store.logins.open(row)
    busy = LoginRow(**{**{name: getattr(row, name) for name in row.__struct_fields__}, "seen_at_s": 50.0})
    store.logins.seen([busy])
    store.logins.seen([row])
    assert store.logins.all()[0].seen_at_s == 50.0
    assert store.logins.end_over(opened_before_s=9.0, seen_before_s=49.0) == ()
    assert store.logins.end_over(opened_before_s=9.0, seen_before_s=50.0) == ("wang",)


def test_changes_are_taken_over_once_by_each_reader(store: AccountStore) -> None:
    added(store)
    store.people.disable("wang", by="cli:li", at_s=7.0)
    changes = store.changes.after(store.changes.carried("drill"))
    assert [(one.what, one.subject, one.by, one.at_s) for one in changes] == [
        ("account_added", "wang", "cli:test", 1.0),
        ("account_disabled", "wang", "cli:li", 7.0),
    ]
    store.changes.carry("drill", changes[-1].number)
    assert store.changes.after(store.changes.carried("drill")) == ()
    assert len(store.changes.after(store.changes.carried("live"))) == 2


def test_a_second_one_on_the_same_store_sees_it_all_at_once(store: AccountStore, address: str) -> None:
    beside = open_accounts(address)
    added(beside)
    assert store.people.find("wang") is not None
    beside.people.disable("wang", by="x", at_s=2.0)
    found = store.people.find("wang")
    assert found is not None
    assert found.is_disabled
    beside.close()


def test_a_file_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    SqliteDriver(tmp_path / FILE_NAME).close()
    database = apsw.Connection(str(tmp_path / FILE_NAME))
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(AccountsUnreachableError, match="format 99"):
        open_accounts(tmp_path)


def test_a_file_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("not a database at all, but long enough to be looked at" * 30)
    with pytest.raises(AccountsUnreachableError, match="cannot be read"):
        open_accounts(tmp_path)


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch(0o644)
    opened = open_accounts(tmp_path)
    added(opened)
    assert all(file.stat().st_mode & 0o077 == 0 for file in tmp_path.iterdir())
    opened.close()


@pytest.mark.postgis
def test_tables_are_made_once_and_a_newer_format_is_refused(postgis_store_address: str) -> None:
    with psycopg.connect(postgis_store_address) as connection:
        assert migrate(connection) == 1
        assert migrate(connection) == 0
        connection.execute(f"UPDATE {SCHEMA}.format SET number = 99".encode())
        connection.commit()
    with pytest.raises(AccountsUnreachableError, match="format 99"):
        open_accounts(postgis_store_address)


@pytest.mark.postgis
def test_the_role_of_consoles_may_work_but_not_rewrite_what_was_done(postgis_store_address: str) -> None:
    with psycopg.connect(postgis_store_address, autocommit=True) as owner:
        owner.execute("DO $$ BEGIN CREATE ROLE tongzhou_console NOLOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
        owner.execute("DROP ROLE IF EXISTS desk_of_test")
        owner.execute("CREATE ROLE desk_of_test LOGIN IN ROLE tongzhou_console")
        address = postgis_store_address.replace("user=console", "user=desk_of_test")
        with pytest.raises(AccountsUnreachableError):
            open_accounts(address)
        open_accounts(postgis_store_address).close()
        store = open_accounts(address)
        added(store)
        assert store.logins.open(login_row("k", "wang"))
        store.people.disable("wang", by="x", at_s=2.0)
        store.changes.carry("drill", 1)
        store.close()
        with psycopg.connect(address) as desk, pytest.raises(psycopg.errors.InsufficientPrivilege):
            desk.execute(f"DELETE FROM {SCHEMA}.change".encode())
    with psycopg.connect(postgis_store_address, autocommit=True) as owner:
        owner.execute("DROP ROLE desk_of_test")


def test_a_database_that_is_not_there_is_said_without_the_password() -> None:
    with pytest.raises(AccountsUnreachableError) as told:
        open_accounts("postgresql://chief:open-sesame@127.0.0.1:1/ops")
    assert "open-sesame" not in str(told.value) + told.value.said("zh")
    assert "127.0.0.1:1/ops" in str(told.value)
