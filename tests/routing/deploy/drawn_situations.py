"""Draw situations of stated size on a region's real islands, piers, forces and forecasts, for benches and tests."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from data.geography import Region
from data.incidents import Incident
from data.scenario import read_scenario
from data.situation import Situation
from routing.network.network import Network

Sky = Literal["calm", "rough"]

# The shipped forecasts: a fair day, and a day of swell and fog that eases in the afternoon.
SCENARIO_OF: dict[Sky, str] = {"calm": "june-major-case", "rough": "may-swell-miaozihu"}
NUM_GROUPS, NUM_CRAFT = 60, 20
# Its run card asks for 12, 40 of the tactical unit, 100 police and 4 medics.
CASE_TYPE = "armed-affray"
# At least so many of each, so that every draw mixes boats, landing craft and helicopters.
AT_LEAST = {"landing-craft": 1, "heli-medium": 1}


def draw_situation(region: Region, network: Network, seed: int, sky: Sky) -> Situation:
    """Return 60 groups and 20 craft of a region's forces and one incident that asks for 12, 40 and 100 and 4 medics.

    The incident lies on an island that has a pier and no road to the largest island. The same seed draws the same
    forces and island whatever the sky.
    """
    rng = np.random.default_rng(seed)
    base = read_scenario(SCENARIO_OF[sky], region).situation()
    islands = _satellites(region, network)
    incident = _incident(base, region, islands[int(rng.integers(len(islands)))])
    carriers = [
        state
        for state in base.craft
        if region.craft_classes[state.craft.class_id].seats > 0
        and region.craft_classes[state.craft.class_id].mode != "road"
    ]
    order = [carriers[n] for n in rng.permutation(len(carriers))]
    first = [
        state
        for class_id, count in AT_LEAST.items()
        for state in [one for one in order if one.craft.class_id == class_id][:count]
    ]
    craft = (first + [state for state in order if state not in first])[:NUM_CRAFT]
    groups = [base.groups[n] for n in sorted(rng.choice(len(base.groups), NUM_GROUPS, replace=False))]
    return msgspec.structs.replace(
        base,
        craft=tuple(msgspec.structs.replace(one, excluded=None, status="available") for one in craft),
        groups=tuple(msgspec.structs.replace(one, excluded=None, status="available") for one in groups),
        incidents=(incident,),
        closures=(),
        forbidden={},
        scenario_id=None,
    )


def _satellites(region: Region, network: Network) -> list[str]:
    """Return the islands with a pier and no road to the largest island."""
    largest = max(region.islands.values(), key=lambda island: island.area_km2).id
    piers = {pier.island_id: pier.id for pier in region.piers.values()}
    islands = sorted(set(piers) - {largest})
    road_s = network.road_times_s([region.place(piers[one]) for one in islands], [region.place(piers[largest])])
    return [island for island, seconds in zip(islands, road_s[:, 0], strict=True) if not np.isfinite(seconds)]


def _incident(base: Situation, region: Region, island_id: str) -> Incident:
    """Return an armed affray on an island, asking what the region's run card asks."""
    island, card = region.islands[island_id], region.case_types[CASE_TYPE]
    return Incident(
        id=f"drawn-{island_id}",
        number="0000-001",
        case_type=CASE_TYPE,
        title=card.name,
        priority=card.priority,
        island_id=island_id,
        lon_deg=island.lon_deg,
        lat_deg=island.lat_deg,
        reported_at=base.at,
        status="reported",
        status_at=base.at,
        echelons=card.echelons,
    )
