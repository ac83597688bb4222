"""A small world and one who asks its API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.geography import Region
from tests.console.api.caller import Caller
from tests.console.world_samples import open_world


@pytest.fixture
def caller(tmp_path: Path, zhoushan: Region) -> Iterator[Caller]:
    """Asks as a supervisor's token."""
    world, _ = open_world(tmp_path / "store", zhoushan)
    yield Caller(world)
    world.close()
