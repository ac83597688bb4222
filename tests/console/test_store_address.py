"""Which store a command works on, what is kept beside it, and where pages may be opened from."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.cli import BAD_INPUT, run
from console.server import OriginError, check_origin
from console.store_address import local_folder, resolve_store_address, without_password

DSN = "postgresql://chief@db.example/ops"


def test_the_option_wins_over_the_environment_and_that_over_the_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    region = tmp_path / "zhoushan"
    monkeypatch.setenv("TONGZHOU_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TONGZHOU_STORE", raising=False)
    assert resolve_store_address(None, region, "live") == str(tmp_path / "home" / "zhoushan-live")
    monkeypatch.setenv("TONGZHOU_STORE", DSN)
    assert resolve_store_address(None, region, "drill") == DSN
    assert resolve_store_address("~/here", region, "drill") == str(Path.home() / "here")
    monkeypatch.setenv("TONGZHOU_STORE", "")
    assert resolve_store_address(None, region, "drill") == str(tmp_path / "home" / "zhoushan-drill")


def test_what_stays_on_this_machine_is_beside_a_folder_and_apart_for_each_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TONGZHOU_HOME", str(tmp_path))
    assert local_folder(tmp_path / "store", "zhoushan", "drill") == tmp_path / "store"
    folder = local_folder(DSN, "zhoushan", "drill")
    assert folder.parent == tmp_path
    assert folder != local_folder(DSN, "zhoushan", "live")
    assert folder != local_folder("postgresql://chief@db.example/other", "zhoushan", "drill")
    for same in ("postgresql://chief:secret@db.example/ops", "postgresql://chief:changed@db.example/ops"):
        assert local_folder(same, "zhoushan", "drill") == folder, "the password is no part of it"
    asked = local_folder("postgresql://db.example/ops?password=a&user=b", "zhoushan", "drill")
    assert asked == local_folder("postgresql://db.example/ops?password=c&user=b", "zhoushan", "drill")


def test_no_password_reaches_a_log() -> None:
    said = "tongzhou serve --store postgresql://chief:s3cr:t@db/ops --store postgresql://db/ops?user=a&password=s3&x=1"
    assert without_password(said) == (
        "tongzhou serve --store postgresql://chief@db/ops --store postgresql://db/ops?user=a&x=1"
    )


@pytest.mark.parametrize("origin", ["https://console.example", "http://10.0.0.7:8080", "https://[fd00::1]:8443"])
def test_an_exact_origin_is_taken(origin: str) -> None:
    check_origin(origin)


@pytest.mark.parametrize(
    "origin", ["console.example", "https://console.example/", "https://*.example", "https://Console.example", ""]
)
def test_what_is_no_origin_is_refused_with_how_to_write_it(origin: str) -> None:
    with pytest.raises(OriginError, match=r"https://console\.example") as refused:
        check_origin(origin)
    assert "不是来源地址" in refused.value.said("zh")


def test_a_database_that_is_not_there_ends_in_words(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    address = f"postgresql:///nothing?host={tmp_path}&port=1&user=nobody&password=hidden"
    assert run(["serve", "--port", "0", "--store", address]) == BAD_INPUT
    said = capsys.readouterr().err
    assert "does not answer" in said
    assert "hidden" not in said
    assert "Traceback" not in said
