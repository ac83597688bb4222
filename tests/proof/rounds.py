"""The faults a soak takes in turn, each with the planted one that shows it can see."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.postgis_cluster import PostgisCluster
from tests.proof.audit import Findings
from tests.proof.batches import killed_batches
from tests.proof.cut_at_commit import cut_at_commit, giving_up_at_once
from tests.proof.disk_full import FOLDER_MB, full_disk, small_cluster, small_disk, start_a_new_log_file
from tests.proof.io_errors import ERRORS, every_io_error, io_error
from tests.proof.killed_server import killed_server, killed_until_lost
from tests.proof.killed_writers import killed_writers
from tests.proof.power_cut import power_cut
from tests.proof.races import Race, race_for_several, race_for_units, run_race

FOLDER, DATABASE = "folder", "database"


@dataclass
class Ground:
    """Where rounds take place: a folder for what they leave, and a cluster where there is one."""

    folder: Path
    cluster: PostgisCluster | None

    @contextlib.contextmanager
    def fresh(self, store: str) -> Iterator[tuple[str, Path, str]]:
        """Yield the address of a fresh store, a folder for notes, and the database's name; removes all of it."""
        notes = Path(tempfile.mkdtemp(dir=self.folder))
        database = self._fresh_database() if store == DATABASE else ""
        try:
            yield (self._cluster.address(database) if database else str(notes / "store")), notes, database
        finally:
            if database:
                with contextlib.suppress(psycopg.OperationalError):  # an interrupted round may leave the server dead
                    self._cluster.drop_database(database)
            shutil.rmtree(notes, ignore_errors=True)

    def _fresh_database(self) -> str:
        try:
            return self._cluster.fresh_database()
        except psycopg.OperationalError:  # a round that failed may have left the server dead
            self._cluster.start()
            return self._cluster.fresh_database()

    @property
    def _cluster(self) -> PostgisCluster:
        assert self.cluster is not None
        return self.cluster

    def killed_writers(self, store: str, seed: int, plant: str | None = None) -> Findings:
        """Writers are killed."""
        with self.fresh(store) as (address, notes, _):
            return killed_writers(address, notes, kills=20 if plant else 6, seed=seed, plant=plant)

    def killed_batches(self, store: str, seed: int, plant: str | None = None) -> Findings:
        """A writer of positions is killed."""
        with self.fresh(store) as (address, notes, _):
            return killed_batches(address, notes, kills=30 if plant else 8, seed=seed, plant=plant)

    def killed_server(self, store: str, seed: int, plant: str | None = None) -> Findings:
        """The database server is killed."""
        with self.fresh(store) as (_, notes, database):
            if plant:
                return killed_until_lost(self._cluster, database, notes, seed=seed)
            return killed_server(self._cluster, database, notes, kills=4, seed=seed)

    def power_cut(self, store: str, seed: int, plant: str | None = None) -> Findings:
        """The power goes, fifty times."""
        seeds = range(seed * 50, seed * 50 + 50)
        return sum((power_cut(self.folder, seed=one, plant=plant) for one in seeds), Findings())

    def io_errors(self, store: str, seed: int, plant: str | None = None) -> Findings:
        """The disk fails at places all over."""
        if plant:
            found = (io_error(self.folder, first=first, plant=plant) for first in range(40, 60))
            return sum((one for one in found if one), Findings())
        error = sorted(ERRORS)[seed % len(ERRORS)]
        return every_io_error(self.folder, error=error, times=1 + seed % 4, start=1 + seed % 4, step=4)[0]

    def full_disk(self, store: str, seed: int, plant: str | None = None) -> Findings:
        """The disk fills up."""
        if store == FOLDER:
            with small_disk(FOLDER_MB) as disk:
                return full_disk(str(disk / "store"), disk, seed=seed, plant=plant)
        with small_cluster() as cluster:
            database = cluster.fresh_database()
            start_a_new_log_file(cluster)
            return full_disk(cluster.address(database), cluster.folder, seed=seed, plant=plant)

    def cut_at_commit(self, store: str, seed: int, plant: str | None = None) -> Findings:
        """The line is cut at COMMIT; every other time, whoever wrote has to ask again."""
        gives_up = giving_up_at_once() if plant or seed % 2 else contextlib.nullcontext()
        with self.fresh(store) as (_, _, database), gives_up:
            return cut_at_commit(self._cluster, database, acts=60 if plant else 300, seed=seed, plant=plant)[0]

    def race(self, race: Race, count: int, store: str, seed: int, plant: str | None) -> Findings:
        """Four race."""
        with self.fresh(store) as (address, notes, _):
            return run_race(address, notes, race, count, seed=seed, plant=plant)

    def race_for_units(self, store: str, seed: int, plant: str | None = None) -> Findings:
        """Four race for three hundred units."""
        return self.race(race_for_units, 300, store, seed, plant)

    def race_for_several(self, store: str, seed: int, plant: str | None = None) -> Findings:
        """Four race for orders over several streams."""
        return self.race(race_for_several, 100, store, seed, plant)


@dataclass(frozen=True)
class Fault:
    """One fault on one kind of store; ``plant`` is what has to be seen as ``kind`` before any round counts."""

    name: str
    store: str
    run: Callable[..., Findings]
    plant: str | None = None
    kind: str = ""


_ON_BOTH: tuple[tuple[str, Callable[..., Findings], str, str], ...] = (
    ("killed writers", Ground.killed_writers, "acknowledges first", "lost"),
    ("killed batches", Ground.killed_batches, "splits batches", "partial"),
    ("full disk", Ground.full_disk, "swallows errors", "lost"),
    ("race for units", Ground.race_for_units, "ignores versions", "doubled"),
    ("race for several", Ground.race_for_several, "writes stream by stream", "partial"),
)
FAULTS: tuple[Fault, ...] = (
    *(Fault(name, FOLDER, run, plant, kind) for name, run, plant, kind in _ON_BOTH),
    *(Fault(name, DATABASE, run) for name, run, _, _ in _ON_BOTH),
    Fault("power cut", FOLDER, Ground.power_cut, "normal", "lost"),
    Fault("io errors", FOLDER, Ground.io_errors, "swallows errors", "lost"),
    Fault("killed server", DATABASE, Ground.killed_server, "commits do not wait", "lost"),
    Fault("cut at commit", DATABASE, Ground.cut_at_commit, "forgets command ids", "doubled"),
)
