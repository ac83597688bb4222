"""Which store a command works on, and what is kept on this machine beside it."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from console.paths import data_folder
from data.journal.store import is_database
from data.situation import WorldMode


def resolve_store_address(given: str | None, region_folder: Path, mode: WorldMode) -> str:
    """Return the address of the store: the one given, else ``TONGZHOU_STORE``, else this machine's own folder.

    A folder's address is its path, with ``~`` resolved; a database's begins with ``postgresql://``.
    """
    address = given or os.environ.get("TONGZHOU_STORE") or ""
    if not address:
        return str(data_folder() / f"{region_folder.resolve().name}-{mode}")
    return address if is_database(address) else str(Path(address).expanduser())


def local_folder(address: str | Path, region: str, mode: WorldMode) -> Path:
    """Return the folder for what is kept on this machine alone (login memory, logs): the store's own, if it is one."""
    if not is_database(address):
        return Path(address)
    # The password may change, and does not belong into a name; another database is another folder.
    place = without_password(str(address))
    return data_folder() / f"{region}-{mode}-{hashlib.sha256(place.encode()).hexdigest()[:10]}"


def without_password(words: str) -> str:
    """Return words with the password of every database address in them left out."""
    words = re.sub(r"(?<=://)([^:@/\s]*):[^@/\s]*@", r"\1@", words)
    return re.sub(r"(?<=[?&\s])password=[^&\s]*&?", "", words)
