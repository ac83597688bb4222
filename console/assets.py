"""The page's own static files and the version their addresses carry."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

ASSET_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
_FOLDER = files("console").joinpath("static")


@cache
def read_asset(name: str) -> str:
    """Return the text of one static file; raises FileNotFoundError for any other name."""
    if name not in asset_names():
        raise FileNotFoundError(name)
    return _FOLDER.joinpath(name).read_text("utf-8")


@cache
def asset_names() -> frozenset[str]:
    """Return the names of all static files."""
    return frozenset(entry.name for entry in _FOLDER.iterdir() if "." + entry.name.rpartition(".")[2] in ASSET_TYPES)


@cache
def assets_version() -> str:
    """Return a short hash of all static files: a changed file has a new address."""
    joined = "\0".join(name + read_asset(name) for name in sorted(asset_names()))
    return hashlib.sha256(joined.encode()).hexdigest()[:12]
