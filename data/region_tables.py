"""The tables of a region folder: which files, which columns, which values are allowed."""

from __future__ import annotations

from typing import get_args

from data.counts import ANY_BOAT, ANY_SKILL, STORE_UNITS, NeedKind
from data.forces import GroupKind, Mode, Symbol
from data.geography import MAINLAND, Berthing
from data.tables import Column, TableSpec, identifier, integer, number, reference, references, text, truth, word, words
from data.weather import HIGHEST_TIDE_M, LOWEST_TIDE_M

COASTLINE_FILE = "coastline.geojson.gz"
REGION_FILE = "region.toml"

ID = Column("id", identifier())
NAMES = (Column("name_zh", text()), Column("name_en", text()))
CALL_SIGNS = (Column("call_sign_zh", text(longest=16)), Column("call_sign_en", text(longest=32)))
# A latitude above 90 passes here, so that the check against the box can say that lon and lat are swapped.
POSITION = (Column("lon_deg", number(-180, 180, "degrees east")), Column("lat_deg", number(-180, 180, "degrees north")))
NOTE = Column("note", text(), blank_allowed=True, optional=True)
SOURCE = Column("source", text())
PROVENANCE = (Column("confidence", text()), SOURCE)
ISLAND = Column("island_id", reference("island", also=(MAINLAND,)))
ZONE = Column("zone_id", reference("zone"))

TIDE_M = number(LOWEST_TIDE_M, HIGHEST_TIDE_M, "m above the tide datum")
TIDE_CONSTITUENTS = ("m2", "s2", "k1", "o1")

ISLANDS = TableSpec(
    "islands.csv",
    "island",
    (
        ID,
        *NAMES,
        Column("district_zh", text()),
        *POSITION,
        Column("area_km2", number(0.001, 5000, "km2")),
        Column("coastline_area_km2", number(0.001, 5000, "km2"), blank_allowed=True, optional=True),
        Column("residents", integer(0, 5_000_000, "people"), blank_allowed=True),
        Column("shore_vehicles", integer(1, 1_000, "vehicles"), blank_allowed=True, optional=True),
        NOTE,
        *PROVENANCE,
    ),
)
ZONES = TableSpec("zones.csv", "sea zone", (ID, *NAMES, Column("outline_wkt", text(longest=100_000)), *PROVENANCE))
PIERS = TableSpec(
    "piers.csv",
    "pier",
    (
        ID,
        *NAMES,
        ISLAND,
        *POSITION,
        Column("berths", integer(1, 50, "berths")),
        Column("berthing", words(get_args(Berthing))),
        Column("exposure_from_deg", number(0, 360, "degrees"), blank_allowed=True),
        Column("exposure_to_deg", number(0, 360, "degrees"), blank_allowed=True),
        Column("exposure_known", truth(), blank_allowed=True, optional=True),
        Column("tide_from_m", TIDE_M, blank_allowed=True, optional=True),
        Column("tide_to_m", TIDE_M, blank_allowed=True, optional=True),
        ZONE,
        Column("snapped_by_m", number(0, 5000, "m"), blank_allowed=True, optional=True),
        *PROVENANCE,
    ),
)
TIDES = TableSpec(
    "tides.csv",
    "tide",
    (
        ZONE,
        Column("mean_level_m", TIDE_M),
        *(
            Column(f"{name}_{figure}", number(0, high, unit))
            for name in TIDE_CONSTITUENTS
            for figure, high, unit in (("m", 10, "m"), ("deg", 360, "degrees"))
        ),
        *PROVENANCE,
    ),
    key=("zone_id",),
    optional=True,
)
HELIPADS = TableSpec(
    "helipads.csv",
    "helipad",
    (ID, *NAMES, ISLAND, *POSITION, Column("pads", integer(1, 20, "pads")), Column("night", truth()), *PROVENANCE),
)
STATIONS = TableSpec(
    "stations.csv",
    "station",
    (
        ID,
        Column("kind", word(("station", "township"))),
        *NAMES,
        ISLAND,
        *POSITION,
        Column("keep_groups", integer(0, 20, "groups")),
        Column("vehicles", integer(1, 500, "vehicles"), blank_allowed=True, optional=True),
        *PROVENANCE,
    ),
)
BRIDGES = TableSpec(
    "bridges.csv",
    "bridge",
    (
        ID,
        *NAMES,
        Column("from_island", reference("island", also=(MAINLAND,))),
        Column("to_island", reference("island", also=(MAINLAND,))),
        *(Column(f"from_{column.name}", column.read) for column in POSITION),
        *(Column(f"to_{column.name}", column.read) for column in POSITION),
        Column("length_km", number(0.01, 200, "km")),
        Column("speed_kmh", number(5, 120, "km/h")),
        Column("max_wind_bft", integer(0, 12, "Beaufort")),
        Column("usable", truth()),
        ZONE,
        NOTE,
        *PROVENANCE,
    ),
)
CRAFT_CLASSES = TableSpec(
    "craft_classes.csv",
    "craft class",
    (
        ID,
        *NAMES,
        Column("mode", word(get_args(Mode))),
        Column("seats", integer(0, 2000, "seats")),
        Column("deck_slots", integer(0, 200, "vehicles")),
        Column("cruise_kn", number(0.1, 400, "kn"), blank_allowed=True),
        Column("cruise_kmh", number(1, 130, "km/h"), blank_allowed=True),
        Column("max_kn", number(0.1, 400, "kn"), blank_allowed=True, optional=True),
        Column("range_nm", number(1, 5000, "nautical miles"), blank_allowed=True),
        Column("crew", integer(0, 100, "people"), blank_allowed=True),
        Column("max_wind_bft", integer(0, 12, "Beaufort")),
        Column("max_hs_m", number(0.1, 20, "m"), blank_allowed=True),
        Column("min_visibility_m", number(0, 20_000, "m")),
        Column("night", word(("yes", "limited"))),
        Column("berthing", words(get_args(Berthing))),
        Column("turnaround_min", integer(0, 240, "min")),
        Column("symbol", word(get_args(Symbol))),
        *PROVENANCE,
    ),
)
SKILLS = TableSpec("skills.csv", "skill", (ID, *NAMES, SOURCE))
CASE_TYPES = TableSpec(
    "case_types.csv",
    "case type",
    (
        ID,
        *NAMES,
        Column("priority", integer(1, 4)),
        Column("two_person", truth(), blank_allowed=True, optional=True),
        SOURCE,
    ),
)
RUN_CARDS = TableSpec(
    "run_cards.csv",
    "echelon",
    (
        Column("case_type", reference("case type")),
        ID,
        *NAMES,
        Column("persons", integer(1, 2000, "persons")),
        Column("skill", reference("skill", also=("any",))),
        Column("weight", integer(1, 10)),
        Column("due_min", integer(1, 1440, "min"), blank_allowed=True),
        SOURCE,
    ),
    key=("case_type", "id"),
)
CRAFT = TableSpec(
    "craft.csv",
    "craft",
    (
        ID,
        *CALL_SIGNS,
        Column("class_id", reference("craft class")),
        Column("home_site_id", reference("place")),
        Column("notice_min", integer(0, 720, "min")),
        SOURCE,
    ),
)
GROUPS = TableSpec(
    "groups.csv",
    "group",
    (
        ID,
        *CALL_SIGNS,
        Column("kind", word(get_args(GroupKind))),
        Column("home_site_id", reference("station")),
        Column("strength", integer(1, 60, "people")),
        Column("skills", references("skill"), blank_allowed=True),
        Column("deck_slots", integer(0, 20, "vehicles")),
        Column("notice_min", integer(0, 720, "min")),
        SOURCE,
    ),
)

STANDING_NEEDS = TableSpec(
    "standing_needs.csv",
    "standing need",
    (
        ID,
        *NAMES,
        Column("kind", word(get_args(NeedKind))),
        Column("what", reference("need", also=(ANY_SKILL, ANY_BOAT, *STORE_UNITS))),
        Column("island_id", reference("island"), blank_allowed=True),
        Column("from_h", number(0, 720, "h")),
        Column("absolute", number(0, 1_000_000)),
        Column("per_1000_residents", number(0, 1_000_000)),
        Column("per_1000_visitors", number(0, 1_000_000)),
        Column("per_day", truth()),
        *PROVENANCE,
    ),
    optional=True,
)
ISLAND_STORES = TableSpec(
    "island_stores.csv",
    "island's stores",
    (
        Column("island_id", reference("island")),
        Column("visitors", integer(0, 500_000, "people"), blank_allowed=True),
        Column("workers", integer(0, 500_000, "people"), blank_allowed=True),
        *(
            Column(item, number(0, 10_000_000, unit.en), blank_allowed=True, optional=True)
            for item, unit in STORE_UNITS.items()
        ),
        *PROVENANCE,
    ),
    key=("island_id",),
    optional=True,
)

REGION_TABLES = (
    ISLANDS,
    ZONES,
    PIERS,
    HELIPADS,
    STATIONS,
    BRIDGES,
    CRAFT_CLASSES,
    SKILLS,
    CASE_TYPES,
    RUN_CARDS,
    TIDES,
    STANDING_NEEDS,
    ISLAND_STORES,
)
FORCE_TABLES = (CRAFT, GROUPS)
