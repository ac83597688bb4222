"""``serve --keep-hours``: whole hours in, nonsense out in words; archivist and intake keep to the same number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from console import application, cli_words
from console.archivist import Archivist
from console.cli import BAD_INPUT, DONE, run
from console.door.cookies import Cookies
from console.retention import KEEP_HOURS, MOST_HOURS, keep_hours_of
from console.startup import Stage, open_stage
from data.geography import Region
from tests.console.api.caller import Caller
from tests.console.world_samples import open_world

REGION = Path(__file__).parent.parent.parent / "data" / "zhoushan"


@pytest.mark.parametrize(("given", "hours"), [("1", 1), (" 24 ", 24), (72, 72), (str(MOST_HOURS), MOST_HOURS)])
def test_whole_hours_are_taken(given: str | int, hours: int) -> None:
    assert keep_hours_of(given) == hours


@pytest.mark.parametrize("given", ["0", "-1", "", "x", "1.5", "72h", "1e3", "+5", "２４", "²", "87601", "9" * 5000])
def test_nonsense_is_refused_in_words(
    given: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("console.server.serve", None)  # nothing is served
    for language, words in (("en", "write whole hours, 1 to 87600"), ("zh", "请写整小时数，1 至 87600")):
        monkeypatch.setattr(cli_words, "LANGUAGE", language)
        assert run(["serve", "--keep-hours", given]) == BAD_INPUT
        said = capsys.readouterr().err
        assert words in said
        assert "Traceback" not in said


@pytest.mark.parametrize(("words", "hours"), [((), KEEP_HOURS), (("--keep-hours", "5"), 5)])
def test_the_command_line_reaches_the_server(
    words: tuple[str, ...], hours: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served: list[dict[str, Any]] = []
    monkeypatch.setattr("console.server.serve", lambda **given: served.append(given))
    assert run(["serve", "--store", str(tmp_path), *words]) == DONE
    assert [one["keep_hours"] for one in served] == [hours]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    assert request.config.cache is not None
    monkeypatch.setenv("TONGZHOU_CACHE", str(request.config.cache.mkdir("networks")))
    stage = open_stage(tmp_path / "store", REGION, "quiet-night", "drill", keep_hours=5)
    yield stage
    stage.world.close()


def test_archivist_and_api_of_a_stage_keep_to_its_hours(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = [getattr(task, "__self__", None) for task in stage.world.each_minute]
    assert {one.keep for one in beside if isinstance(one, Archivist)} == {timedelta(hours=5)}
    added: list[Any] = []
    add_api = application.add_api
    monkeypatch.setattr(application, "add_api", lambda *given: added.append(add_api(*given)))
    monkeypatch.setattr(application, "build_app", lambda *_, extend, **__: extend(FastAPI()))
    logins: Any = type("Logins", (), {"current": None})
    application.build_console(stage, logins, origins=(), cookies=Cookies("drill"), on_entered=lambda: None)
    assert [api.taken_in_for for api in added] == [timedelta(hours=5)]


def test_a_fix_older_than_what_is_kept_is_not_taken_in(tmp_path: Path, zhoushan: Region) -> None:
    world, _ = open_world(tmp_path / "store", zhoushan)
    caller = Caller(world)
    caller.api.taken_in_for = timedelta(hours=2)
    now = caller.world.now
    for late, status in ((timedelta(hours=2), 200), (timedelta(hours=2, seconds=1), 207)):
        body = [{"unit_id": "boat-0", "world_at": (now - late).isoformat(), "lon_deg": 122.5, "lat_deg": 30.1}]
        assert caller.post("/positions", body).status_code == status
    world.close()
