"""Which pickups and landings a plan considers: those that could be part of a good one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.geography import Place, Region
from data.text import Text
from routing.deploy.ways import Ways, field_beside
from routing.network.projection import Floats

# How many landings of an incident, and pickups of a group, are considered by boat and by helicopter.
SEA_LANDINGS, AIR_LANDINGS = 5, 2
SEA_PICKUPS, AIR_PICKUPS = 3, 1
FIELD_BERTHS = 1

NEAREST_ONLY = Text(
    zh=f"下界假定：每起警情只考虑最快的 {SEA_LANDINGS} 处码头和 {AIR_LANDINGS} 处机降点，"
    f"每组只考虑最快的 {SEA_PICKUPS} 处码头和 {AIR_PICKUPS} 处起降点上客",
    en=f"The bound considers the {SEA_LANDINGS} quickest piers and {AIR_LANDINGS} pads to land at for each incident, "
    f"and the {SEA_PICKUPS} quickest piers and {AIR_PICKUPS} pad to board at for each group",
)


@dataclass(frozen=True)
class Sites:
    """Pickups and landings with their berths; a place that serves as both has its berths shared out."""

    pickups: tuple[Place, ...]
    landings: tuple[Place, ...]
    pickup_berths: tuple[int, ...]
    landing_berths: tuple[int, ...]
    assumes: tuple[Text, ...]


def choose_sites(
    groups: Sequence[int], ways: Ways, used_pickups: Sequence[Place] = (), used_landings: Sequence[Place] = ()
) -> Sites:
    """Choose landings near the incidents and pickups near the groups, by the earliest arrival each could give.

    Those a plan in force uses come first and keep their use: none of its pickups becomes a landing, or the other way.
    """
    landings: dict[str, Place] = {place.id: place for place in used_landings}
    pickups: dict[str, Place] = {place.id: place for place in used_pickups}
    for_loading, for_landing = pickups.keys() - landings.keys(), landings.keys() - pickups.keys()
    left_some = False
    limits = {"sea": (SEA_LANDINGS, SEA_PICKUPS), "air": (AIR_LANDINGS, AIR_PICKUPS)}
    for column, scene in enumerate(ways.scenes):
        for mode, sites in ways.sites.items():
            most_landings, most_pickups = limits[mode]
            by_way = ways.by_way_s[mode][column][list(groups)]
            by_landing = by_way.min(axis=(0, 1), initial=np.inf)
            chosen = _first(by_landing, most_landings)
            left_some |= int(np.isfinite(by_landing).sum()) > len(chosen)
            landings.update({sites[n].id: sites[n] for n in chosen if sites[n].id not in for_loading})
            to_chosen = by_way[:, :, chosen].min(axis=2, initial=np.inf)
            if mode == "air":
                to_field = ways.to_field_s[column][list(groups)]
                if np.isfinite(to_field).any():
                    field = field_beside(scene)
                    landings[field.id] = field
                to_chosen = np.minimum(to_chosen, to_field)
            for row in range(len(groups)):
                best = _first(to_chosen[row], most_pickups)
                left_some |= int(np.isfinite(to_chosen[row]).sum()) > len(best)
                pickups.update({sites[p].id: sites[p] for p in best if sites[p].id not in for_landing})
    return _shared_out(pickups, landings, ways.travel.region, (NEAREST_ONLY,) if left_some else ())


def _first(values: Floats, count: int) -> list[int]:
    """Return the numbers of the smallest finite values, smallest first."""
    order = np.argsort(values, kind="stable")[:count]
    return [int(n) for n in order if np.isfinite(values[n])]


def _shared_out(
    pickups: dict[str, Place], landings: dict[str, Place], region: Region, assumes: tuple[Text, ...]
) -> Sites:
    """Give each site its berths; one used both ways keeps half for landing, and one berth only is for landing."""
    boarding = {site: _berths(site, region) for site in pickups}
    landing = {site: _berths(site, region) for site in landings}
    for site in set(boarding) & set(landing):
        berths = boarding[site]
        landing[site] = max(1, berths // 2)
        boarding[site] = berths - landing[site]
    used = [site for site in pickups if boarding[site] > 0]
    return Sites(
        pickups=tuple(pickups[site] for site in used),
        landings=tuple(landings.values()),
        pickup_berths=tuple(boarding[site] for site in used),
        landing_berths=tuple(landing[site] for site in landings),
        assumes=assumes,
    )


def _berths(site_id: str, region: Region) -> int:
    if pier := region.piers.get(site_id):
        return pier.berths
    pad = region.helipads.get(site_id)
    return pad.pads if pad else FIELD_BERTHS
