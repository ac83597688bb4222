"""An evacuation given as plain matrices in a folder of CSV files, as published island evacuations are.

``demand.csv``: location, people. ``docks.csv``: dock, kind (pick_up or drop), location (of a pick-up). ``vessels.csv``:
vessel, seats, load_min, unload_min, start_min, start (the dock it lies at). ``compatibility.csv``: vessel, dock, fits
(true or false; what is not listed fits). ``legs.csv``: from, to, minutes, vessel (blank for all; a vessel's own line
outranks it); a leg not listed leads back as it leads there, else does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.errors import DataFaultsError, Fault
from data.tables import (
    Column,
    Table,
    TableSpec,
    integer,
    known_ids,
    open_table,
    read_rows,
    reference,
    text,
    truth,
    word,
)

IntArray = npt.NDArray[np.int64]
# A leg longer than any horizon: it does not exist.
NO_LEG = 1_000_000
MOST = 100_000
DEMAND = TableSpec(
    "demand.csv", "location", (Column("location", text()), Column("people", integer(0, MOST))), key=("location",)
)
DOCKS = TableSpec(
    "docks.csv",
    "dock",
    (
        Column("dock", text()),
        Column("kind", word(("pick_up", "drop"))),
        Column("location", reference("location"), blank_allowed=True),
    ),
    key=("dock",),
)
VESSELS = TableSpec(
    "vessels.csv",
    "vessel",
    (
        Column("vessel", text()),
        Column("seats", integer(1, MOST)),
        Column("load_min", integer(0, 1440, "minutes")),
        Column("unload_min", integer(0, 1440, "minutes"), blank_allowed=True, optional=True),
        Column("start_min", integer(0, 2880, "minutes"), blank_allowed=True, optional=True),
        Column("start", reference("dock")),
    ),
    key=("vessel",),
)
COMPATIBILITY = TableSpec(
    "compatibility.csv",
    "pair",
    (Column("vessel", reference("vessel")), Column("dock", reference("dock")), Column("fits", truth())),
    key=("vessel", "dock"),
    optional=True,
)
LEGS = TableSpec(
    "legs.csv",
    "leg",
    (
        Column("from", reference("dock")),
        Column("to", reference("dock")),
        Column("minutes", integer(1, 2880, "minutes")),
        Column("vessel", reference("vessel"), blank_allowed=True, optional=True),
    ),
    key=("from", "to", "vessel"),
)


@dataclass(frozen=True)
class EvacuationMatrices:
    """What the folder says, by names and as matrices; legs that do not exist are ``NO_LEG``.

    ``demand[L]``, ``dock_location[P]``, ``seats[V]``, ``start_min[V]``, ``load_min[V]``, ``unload_min[V]``,
    ``first_min[V, P]``, ``haul_min[V, P, Q]``, ``return_min[V, Q, P]``.
    """

    locations: tuple[str, ...]
    docks: tuple[str, ...]
    drops: tuple[str, ...]
    vessels: tuple[str, ...]
    demand: IntArray
    dock_location: IntArray
    seats: IntArray
    start_min: IntArray
    load_min: IntArray
    unload_min: IntArray
    first_min: IntArray
    haul_min: IntArray
    return_min: IntArray

    def arrays(self) -> dict[str, IntArray]:
        """Return the matrices by the names the problem knows them by."""
        names = (
            "demand", "dock_location", "seats", "start_min", "load_min", "unload_min", "first_min", "haul_min",
            "return_min",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


def read_matrices(folder: Path) -> EvacuationMatrices:
    """Read the folder; raises DataFaultsError with every fault by file, line and column."""
    if not folder.is_dir():
        raise DataFaultsError([Fault(str(folder), None, None, "is no folder. Name the folder of the CSV files.")])
    specs = (DEMAND, DOCKS, VESSELS, COMPATIBILITY, LEGS)
    demand, docks, vessels, compatibility, legs = tables = [open_table(folder, spec) for spec in specs]
    known = {"location": known_ids(demand), "dock": known_ids(docks), "vessel": known_ids(vessels)}
    for table in tables:
        read_rows(table, known)
    for row in docks.whole_rows():
        if row.values["kind"] == "pick_up" and row.values["location"] is None:
            docks.fault(row.line, "location", "is blank. A pick-up names the location whose people board there.")
    faults = [fault for table in tables for fault in table.faults]
    if not faults:
        faults = list(_missing(demand, docks))
    if faults:
        raise DataFaultsError(faults)
    return _matrices(demand, docks, vessels, compatibility, legs)


def _missing(demand: Table, docks: Table) -> Iterator[Fault]:
    """Yield a location with people whom no dock serves, and docks all of one kind."""
    served = {row.values["location"] for row in docks.rows if row.values["kind"] == "pick_up"}
    for row in demand.rows:
        if row.values["people"] and row.values["location"] not in served:
            words = (
                f"the {row.values['people']} people of '{row.values['location']}' have no dock. Add one in docks.csv."
            )
            yield Fault(DEMAND.file, row.line, "location", words)
    for kind in ("pick_up", "drop"):
        if all(row.values["kind"] != kind for row in docks.rows):
            yield Fault(DOCKS.file, None, "kind", f"there is no {kind}. Add one.")


def _matrices(demand: Table, docks: Table, vessels: Table, compatibility: Table, legs: Table) -> EvacuationMatrices:
    locations = tuple(row.values["location"] for row in demand.rows)
    pick_ups = [row for row in docks.rows if row.values["kind"] == "pick_up"]
    drops = tuple(row.values["dock"] for row in docks.rows if row.values["kind"] == "drop")
    names, boats = tuple(row.values["dock"] for row in pick_ups), vessels.rows
    misfits = {(row.values["vessel"], row.values["dock"]) for row in compatibility.rows if not row.values["fits"]}
    shared, own = _legs(legs)

    def minutes(vessel: str, start: str, end: str) -> int:
        if start == end:
            return 0
        for way in ((vessel, start, end), (vessel, end, start)):
            if way in own:
                return own[way]
        return shared.get((start, end), shared.get((end, start), NO_LEG))

    v, p, q = len(boats), len(names), len(drops)
    first, haul, back = np.full((v, p), NO_LEG), np.full((v, p, q), NO_LEG), np.full((v, q, p), NO_LEG)
    for n, boat in enumerate(boats):
        vessel = boat.values["vessel"]
        for a, dock in enumerate(names):
            if (vessel, dock) in misfits:
                continue
            first[n, a] = minutes(vessel, boat.values["start"], dock)
            for b, drop in enumerate(drops):
                if (vessel, drop) not in misfits:
                    haul[n, a, b] = minutes(vessel, dock, drop)
                    back[n, b, a] = minutes(vessel, drop, dock)
    return EvacuationMatrices(
        locations=locations,
        docks=names,
        drops=drops,
        vessels=tuple(boat.values["vessel"] for boat in boats),
        demand=np.array([row.values["people"] for row in demand.rows], np.int64),
        dock_location=np.array([locations.index(row.values["location"]) for row in pick_ups], np.int64),
        seats=np.array([boat.values["seats"] for boat in boats], np.int64),
        start_min=np.array([boat.values.get("start_min") or 0 for boat in boats], np.int64),
        load_min=np.array([boat.values["load_min"] for boat in boats], np.int64),
        unload_min=np.array([boat.values.get("unload_min") or 0 for boat in boats], np.int64),
        first_min=first,
        haul_min=haul,
        return_min=back,
    )


def _legs(legs: Table) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str, str], int]]:
    shared: dict[tuple[str, str], int] = {}
    own: dict[tuple[str, str, str], int] = {}
    for row in legs.rows:
        ends = row.values["from"], row.values["to"]
        if row.values.get("vessel") is None:
            shared[ends] = row.values["minutes"]
        else:
            own[(row.values["vessel"], *ends)] = row.values["minutes"]
    return shared, own
