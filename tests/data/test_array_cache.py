"""Arrays kept on disk: kept once, rebuilt when damaged, never half written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from data.array_cache import ArrayCache


class Builder:
    """Counts how often it was asked to build."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, np.ndarray]:
        self.times += 1
        return {"lengths": np.arange(6.0).reshape(2, 3), "edges": np.array([[1, 2]], np.int32)}


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    cache, build = ArrayCache(tmp_path / "new" / "folder"), Builder()
    first, second = cache.fetch("key", build), cache.fetch("key", build)
    assert build.times == 1
    for name in first:
        assert np.array_equal(first[name], second[name])
        assert first[name].dtype == second[name].dtype


def test_another_key_is_another_file(tmp_path: Path) -> None:
    cache, build = ArrayCache(tmp_path), Builder()
    cache.fetch("one", build)
    cache.fetch("two", build)
    assert build.times == 2


@pytest.mark.parametrize("damage", ["cut", "garbage", "empty", "flipped"])
def test_a_damaged_file_is_built_again(tmp_path: Path, damage: str) -> None:
    cache, build = ArrayCache(tmp_path), Builder()
    whole = cache.fetch("key", build)
    path = tmp_path / "key.npz"
    content = bytearray(path.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "garbage":
        content = bytearray(b"not an archive")
    elif damage == "empty":
        content = bytearray()
    else:
        place = content.index(whole["lengths"].tobytes())
        content[place + 8] ^= 0xFF
    path.write_bytes(bytes(content))
    again = cache.fetch("key", build)
    assert build.times == 2
    assert np.array_equal(again["lengths"], whole["lengths"])
    cache.fetch("key", build)
    assert build.times == 2


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    build = Builder()
    assert set(ArrayCache(blocked / "cache").fetch("key", build)) == {"lengths", "edges"}


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("data.array_cache.os.replace", full)
    ArrayCache(tmp_path).fetch("key", Builder())
    assert list(tmp_path.iterdir()) == []
