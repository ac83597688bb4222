"""Where the product keeps what it writes: the cache, the journals and the logs, and where its datasets lie."""

from __future__ import annotations

import os
import sys
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote, urlsplit

from data.situation import WorldMode

PRODUCT = "tongzhou"


def cache_folder() -> Path:
    """Return where networks are cached by content hash; ``TONGZHOU_CACHE`` overrides the platform's folder."""
    if given := os.environ.get("TONGZHOU_CACHE"):
        return Path(given).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / PRODUCT
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / PRODUCT / "cache"
    return _xdg("XDG_CACHE_HOME", Path.home() / ".cache") / PRODUCT


def data_folder() -> Path:
    """Return where journals are kept; ``TONGZHOU_HOME`` overrides the platform's folder."""
    if given := os.environ.get("TONGZHOU_HOME"):
        return Path(given).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / PRODUCT
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / PRODUCT
    return _xdg("XDG_DATA_HOME", Path.home() / ".local" / "share") / PRODUCT


def positions_folder(address: str, mode: WorldMode) -> Path:
    """Return where the closed hours of positions of a store are kept.

    ``address`` is a folder, below which they lie, or a database, each mode of which has a folder here.
    """
    from data.journal.store import is_database  # brings numpy, which most commands do without

    if is_database(address):
        database = urlsplit(address).path.strip("/") or "postgres"
        return data_folder() / "positions" / f"{unquote(database).replace('/', '_')}-{mode}"
    return Path(address) / "archive" / "positions"


def log_folder() -> Path:
    """Return where error logs are written, beside the journals."""
    return data_folder() / "logs"


def shipped_data_folder() -> Path:
    """Return the folder of the datasets that come with the product."""
    return Path(str(files("data")))


def default_region_folder() -> Path:
    """Return the region folder to use when none is named: ``TONGZHOU_REGION``, or the first one shipped.

    Raises FileNotFoundError when the product was installed without any region.
    """
    if given := os.environ.get("TONGZHOU_REGION"):
        return Path(given).expanduser()
    for marker in sorted(shipped_data_folder().glob("*/region.toml")):
        return marker.parent
    raise FileNotFoundError("No region is installed. Name one with --region FOLDER.")


def _xdg(variable: str, fallback: Path) -> Path:
    """Return an XDG base folder; a relative one is ignored, as the XDG Base Directory Specification asks."""
    given = os.environ.get(variable, "")
    return Path(given) if given and Path(given).is_absolute() else fallback
