"""The story every map test draws, and the guard that no warning of the plotting library goes unseen."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from console.map.view import MapView
from data.geography import Region
from tests.console.map.story import FakeSeat, StraightNetwork, tell


@pytest.fixture
def told(zhoushan: Region) -> tuple[FakeSeat, Any]:
    """A seat and a world in the middle of the story."""
    return tell(zhoushan, StraightNetwork(zhoushan))


@pytest.fixture
def view(told: tuple[FakeSeat, Any]) -> MapView:
    """The map of that seat; slow answers are waited for."""
    seat, world = told
    return MapView(seat, world, in_background=False)


@pytest.fixture(autouse=True)
def no_warnings_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """HoloViews and Bokeh swallow errors of a figure as log lines: here they fail the test."""
    with caplog.at_level(logging.WARNING):
        yield
    told = [f"{record.name}: {record.getMessage()}" for record in caplog.records if record.levelno >= logging.WARNING]
    assert not told
