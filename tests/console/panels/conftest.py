"""A picture with a bit of everything, for panels to draw."""

from __future__ import annotations

import pytest

from data.geography import Region
from tests.console.panels.samples import Night, build_night


@pytest.fixture
def night(zhoushan: Region) -> Night:
    """A night with incidents of each priority, a plan in hand, alarms and units in every status."""
    return build_night(zhoushan)
