"""What the tests of the command line share: the cache between tests, everything else in a folder of the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from console import cli_words


@pytest.fixture
def command_folders(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the cache between tests and everything else in a folder of the test; speak English."""
    assert request.config.cache is not None
    monkeypatch.setenv("TONGZHOU_CACHE", str(request.config.cache.mkdir("networks")))
    monkeypatch.setenv("TONGZHOU_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cli_words, "LANGUAGE", "en")
