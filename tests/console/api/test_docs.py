"""docs/api.md: each curl line does what it says, against a served console."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.commands import AcceptPlan
from console.world import World
from data.geography import Region
from data.scenario import read_scenario
from tests.console.api.served import Served, served
from tests.console.world_samples import sample_plan

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
EXAMPLE = re.compile(r"^(curl .*?)  # -> (\d\d\d)$", re.MULTILINE | re.DOTALL)
CUT_BY_US = 28  # curl's code for --max-time: how one stops listening to a stream


def examples() -> list[tuple[str, int]]:
    """The commands of the page in its order, each with the status it promises."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [(command, int(status)) for block in blocks for command, status in EXAMPLE.findall(block)]


@pytest.fixture
def console(tmp_path: Path, zhoushan: Region, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The shipped quiet night, with a plan accepted, on a real server."""
    monkeypatch.setattr("console.decide.plans.check_plan", lambda *_: [])
    story = read_scenario("quiet-night", zhoushan)
    world = World.open(tmp_path / "store", zhoushan, network=None, scenario=story, speed=0.0)
    plan = sample_plan(
        world,
        craft_id="fast-05",
        group_ids=("police-dinghai-1",),
        incident_id="affray-gaoting",
        start_at=story.start_at,
    )
    assert world.execute(AcceptPlan(plan_id=plan.id, plan=plan), "chief").ok
    with served(world) as found:
        yield found
    world.close()


def test_every_example_answers_as_the_page_says(console: Served, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("no curl: apt-get install curl")
    assert len(examples()) > 20
    written = re.findall(r"^curl ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(examples()) == len(written), "one is not read as an example"
    heads = tmp_path / "heads"
    token = console.token("rescue-centre", "supervisor")
    environment = os.environ | {"CONSOLE": console.address, "TOKEN": token, "ORDER": "plan-1/fast-05"}
    for command, status in examples():
        assert shlex.split(command)[0] == "curl"
        line = command.replace("curl ", f"curl -sS -D {heads} ", 1)
        done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, timeout=20)
        assert done.returncode in ((0, CUT_BY_US) if "/stream" in command else (0,)), (command, done.stderr)
        assert heads.read_text().split()[1] == str(status), (command, done.stdout)
        if "/stream" in command:
            first = re.search(r"^id: (\d+)$", done.stdout, re.MULTILINE)
            assert first is not None
            assert first[1] == ("8" if "Last-Event-ID" in command else "1")
