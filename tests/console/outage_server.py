"""Serve a console on a store that is silent while a file is there: ``python -m tests.console.outage_server``."""

from __future__ import annotations

import sys
from pathlib import Path

import console.world
from console.server import serve
from data.journal.interface import StoreUnreachableError
from tests.console.shared_store import ConsoleStore, Database


class SilencedStore(ConsoleStore):
    """Silent while the file ``silent`` is in its folder; while ``cut`` is there, from a seat's next commit on."""

    def reach(self) -> Database:
        """Return the database, unless the file says otherwise."""
        if (self.database.folder / "silent").exists():
            raise StoreUnreachableError("The database does not answer.")
        cut = (self.database.folder / "cut").exists()
        self.cut_at_commit, self.down = cut, self.down and cut
        return super().reach()


def main(folder: Path, region: Path, port: int) -> None:
    """Serve until ended."""
    folder.mkdir(parents=True, exist_ok=True)
    console.world.open_store = lambda *_: SilencedStore(Database(folder))  # type: ignore[assignment,misc]
    serve(folder, region, "june-major-case", port=port)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
