"""Which files a page, a stranger on the machine or a scenario file may get at."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from console.startup import ScenarioRow, Stage
from data.errors import UnknownNameError
from data.geography import Region
from data.scenario import SCENARIO_FOLDER
from data.text import Text


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
