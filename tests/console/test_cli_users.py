"""The ``user`` and ``token`` commands: good and bad input, exit codes, words in both languages."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

from console import cli_words
from console.auth.passwords import matches
from console.cli import BAD_INPUT, DONE, run
from data.accounts.store import open_accounts

PASSWORD = "seven boats at dawn"


@pytest.fixture(autouse=True)
def folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TONGZHOU_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TONGZHOU_STORE", raising=False)
    monkeypatch.setattr(cli_words, "LANGUAGE", "en")


def ran(monkeypatch: pytest.MonkeyPatch, *words: str, given: str = "") -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    return run(words)


def add_admin(monkeypatch: pytest.MonkeyPatch, store: Path, name: str = "chief") -> None:
    words = ("user", "add", name, "--role", "admin", "--password-stdin", "--store", str(store))
    assert ran(monkeypatch, *words, given=PASSWORD + "\n") == DONE


def test_an_account_is_added_listed_and_its_password_shown_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_admin(monkeypatch, tmp_path)
    assert run(["user", "list", "--store", str(tmp_path)]) == DONE
    said = capsys.readouterr()
    assert "chief" in said.out
    assert "admin" in said.out
    assert "active" in said.out
    assert PASSWORD not in said.out + said.err
    assert PASSWORD.encode() not in (tmp_path / "accounts.db").read_bytes()
    accounts = open_accounts(tmp_path)
    found = accounts.people.find("chief")
    assert found is not None
    assert matches(found.password_hash, PASSWORD)
    accounts.close()


def test_without_a_store_live_and_drill_have_accounts_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("user", "add", "chief", "--role", "admin", "--password-stdin", "--mode", "live")
    assert ran(monkeypatch, *words, given=PASSWORD) == DONE
    assert [file.parent.name for file in (tmp_path / "home").rglob("accounts.db")] == ["zhoushan-live"]


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        (("user", "add", "x y", "--role", "viewer"), PASSWORD, "is no name"),
        (("user", "add", "li", "--role", "king"), PASSWORD, "no role 'king'"),
        (("user", "add", "li", "--role", "viewer"), "short", "at least 10 characters"),
        (("user", "add", "li", "--role", "viewer"), "1234567890", "tried first"),
        (("user", "add", "li", "--role", "viewer"), "aaaaaaaaaaaaaa", "tried first"),
        (("user", "add", "longest.name", "--role", "viewer"), "longest.name", "tried first"),
        (("user", "add", "chief", "--role", "viewer"), PASSWORD, "taken"),
        (("user", "passwd", "nobody-here"), PASSWORD, "no account 'nobody-here'"),
    ],
)
def test_bad_input_is_said_in_words(
    words: tuple[str, ...],
    given: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add_admin(monkeypatch, tmp_path)
    code = ran(monkeypatch, *words, "--password-stdin", "--store", str(tmp_path), given=given)
    told = " ".join(capsys.readouterr().err.split())
    assert code == BAD_INPUT
    assert said in told
    assert "Traceback" not in told
    assert given not in told or given == "longest.name"


def test_without_a_terminal_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(monkeypatch, "user", "add", "li", "--role", "viewer", "--store", str(tmp_path)) == BAD_INPUT
    assert "--password-stdin" in capsys.readouterr().err


def test_the_last_admin_stays_in_both_languages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_admin(monkeypatch, tmp_path)
    assert run(["user", "disable", "chief", "--store", str(tmp_path)]) == BAD_INPUT
    assert "last admin" in capsys.readouterr().err
    monkeypatch.setattr(cli_words, "LANGUAGE", "zh")
    assert run(["user", "role", "chief", "viewer", "--store", str(tmp_path)]) == BAD_INPUT
    assert "最后一名管理员" in capsys.readouterr().err


def test_disable_enable_role_and_passwd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_admin(monkeypatch, tmp_path)
    add_admin(monkeypatch, tmp_path, "li")
    store = ("--store", str(tmp_path))
    assert run(["user", "role", "li", "planner", *store]) == DONE
    assert run(["user", "disable", "li", *store]) == DONE
    accounts = open_accounts(tmp_path)
    found = accounts.people.find("li")
    assert found is not None
    assert (found.role, found.is_disabled) == ("planner", True)
    assert run(["user", "enable", "li", *store]) == DONE
    assert ran(monkeypatch, "user", "passwd", "li", "--password-stdin", *store, given="eight boats at dusk") == DONE
    found = accounts.people.find("li")
    assert found is not None
    assert not found.is_disabled
    assert matches(found.password_hash, "eight boats at dusk")
    assert all(one.by.startswith("cli:") for one in accounts.changes.after(0))
    accounts.close()


def test_a_token_is_shown_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ("--store", str(tmp_path))
    assert run(["token", "add", "radar", "--role", "dispatcher", "--days", "30", *store]) == DONE
    shown = re.findall(r"^tz_[0-9a-f]{12}_\S{43}$", capsys.readouterr().out, re.MULTILINE)
    assert len(shown) == 1
    assert run(["token", "list", *store]) == DONE
    listed = capsys.readouterr().out
    assert "radar" in listed
    assert "valid" in listed
    assert shown[0].rpartition("_")[2] not in listed
    assert shown[0].rsplit("_", 1)[1].encode() not in (tmp_path / "accounts.db").read_bytes()
    assert run(["token", "revoke", "radar", *store]) == DONE
    assert run(["token", "list", *store]) == DONE
    assert "revoked" in capsys.readouterr().out
    assert run(["token", "revoke", "sonar", *store]) == BAD_INPUT
    assert run(["token", "add", "sonar", "--role", "viewer", "--days", "0", *store]) == BAD_INPUT
