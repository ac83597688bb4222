"""Which files a page, a stranger on the machine or a scenario file may get at."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from console.cli_serve import run_serve
from console.startup import ScenarioRow, Stage
from data.errors import UnknownNameError
from data.geography import Region
from data.scenario import SCENARIO_FOLDER
from data.text import Text
from tests.console.world_samples import open_world


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.skipif(sys.platform == "win32", reason="rights are kept otherwise there")
def test_a_new_journal_is_for_its_owner_alone(tmp_path: Path, zhoushan: Region, open_umask: None) -> None:
    world, _ = open_world(tmp_path / "store", zhoushan)
    kept = [file for file in (tmp_path / "store").rglob("*") if file.is_file()]
    assert any(file.suffix == ".journal" for file in kept)
    assert [file.name for file in kept if rights(file) & 0o077] == []
    world.close()
    journal = next((tmp_path / "store").glob("*.journal"))
    journal.chmod(0o640)  # somebody lets a group read it for copies
    open_world(tmp_path / "store", zhoushan)[0].close()
    assert rights(journal) == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="rights are kept otherwise there")
def test_what_a_served_console_writes_is_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_umask: None
) -> None:
    def written(**given: Any) -> None:
        (tmp_path / "archive").mkdir()
        (tmp_path / "archive" / "hour.parquet").touch()

    monkeypatch.setattr("console.server.serve", written)
    run_serve(tmp_path, None, "drill", "127.0.0.1", 0, None, str(tmp_path / "store"), None, None)
    assert rights(tmp_path / "archive") == 0o700
    assert rights(tmp_path / "archive" / "hour.parquet") == 0o600


class Untouched:
    """A world nobody may restart."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.restarted: list[str] = []

    def restart(self, story: Any, *, speed: float | None = None) -> None:
        self.restarted.append(story.id)


def stage_of(region: Region) -> tuple[Stage, Untouched]:
    world = Untouched(region)
    rows = (ScenarioRow(id="june-major-case", title=Text("", ""), summary=Text("", "")),)
    return Stage(world=cast(Any, world), desk=cast(Any, None), worker=cast(Any, None), scenarios=rows), world


def test_a_page_can_only_run_a_scenario_of_the_list(zhoushan: Region, tmp_path: Path) -> None:
    stage, world = stage_of(zhoushan)
    shipped = SCENARIO_FOLDER / "june-major-case.yaml"
    own = tmp_path / "own.yaml"
    own.write_bytes(shipped.read_bytes())
    for asked in (
        str(shipped),
        str(own),
        "../scenarios/june-major-case",
        "/etc/passwd",
        "/dev/zero",
        "june-major-case.yaml",
    ):
        with pytest.raises(UnknownNameError, match="june-major-case"):
            stage.restart(asked)
    assert world.restarted == []
    stage.restart("june-major-case")
    assert world.restarted == ["june-major-case"]
