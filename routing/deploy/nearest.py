"""Keep the groups and craft near enough to matter, several times what is asked, and say which were left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from data.forces import FREE, GroupState
from data.geography import Region
from data.incidents import Incident
from data.plans import Reason
from data.text import Text
from routing.deploy.candidates import Candidates, SpareCraft
from routing.deploy.problem import IntArray
from routing.deploy.travel import Travel
from routing.deploy.ways import MODES, Ways, can_berth
from routing.handling import whole_minutes
from routing.network.projection import Floats

# Groups are kept by nearness until those that may leave home make up this many times what an echelon asks.
TIMES_ASKED = 3.0
# Craft are kept by nearness until their seats make up this many times what is asked, and this many at least.
TIMES_SEATS = 3.0
LEAST_CRAFT = 12

NEAR_UNITS_ONLY = Text(
    zh=f"下界只考虑最近的警组（各梯次需求的 {TIMES_ASKED:.0f} 倍以上）和最近的船艇、直升机",
    en=f"The bound considers the nearest groups (at least {TIMES_ASKED:.0f} times what each echelon asks) "
    "and the nearest craft",
)


def nearest_groups(found: Candidates, incidents: Sequence[Incident], ways: Ways, region: Region) -> list[int]:
    """Return the rows of the groups to keep, in their own order."""
    ready_s = np.array([60.0 * state.ready_in_min for state in found.groups])
    share = _share_that_may_leave(found, region)
    keep: set[int] = set()
    for column, incident in enumerate(incidents):
        arrival_s = ways.arrival_s[:, column] + ready_s
        order = [int(n) for n in np.argsort(arrival_s, kind="stable") if np.isfinite(arrival_s[n])]
        for need in incident.echelons:
            persons = 0.0
            for row in order:
                group = found.groups[row].group
                if need.skill is not None and need.skill not in group.skills:
                    continue
                if persons >= TIMES_ASKED * need.persons:
                    break
                persons += group.strength * share[row]
                keep.add(row)
    return sorted(keep)


def nearest_craft(found: Candidates, incidents: Sequence[Incident], crossing_s: Floats, region: Region) -> list[int]:
    """Return the rows of the craft to keep: by when each could have crossed with the groups kept."""
    asked = {one.id: max((need.persons for need in one.echelons), default=0) for one in incidents}
    keep: set[int] = set()
    for column, incident in enumerate(incidents):
        order = [int(n) for n in np.argsort(crossing_s[:, column], kind="stable")]
        seats = 0
        for taken, row in enumerate(order):
            if not np.isfinite(crossing_s[row, column]):
                break
            if taken >= LEAST_CRAFT and seats >= TIMES_SEATS * asked[incident.id]:
                break
            seats += region.craft_classes[found.craft[row].craft.class_id].seats
            keep.add(row)
    return sorted(keep)


def leave_out(
    found: Candidates, groups: Sequence[int], craft: Sequence[int], crossing_s: Floats
) -> tuple[Candidates, bool]:
    """Return the candidates kept, the others with their reason, and whether any were left out."""
    left = dict(found.left_out)
    for row, group in enumerate(found.groups):
        if row not in set(groups):
            text = Text("未使用：更近的警组已足够", "not used: nearer groups are more than enough")
            unit = group.group.id
            left[unit] = Reason(subject_kind="group", subject_id=unit, code="too-far", text=text)
    spare = []
    for row, state in enumerate(found.craft):
        if row not in set(craft):
            soonest_s = float(crossing_s[row].min(initial=np.inf))
            crossing_min = whole_minutes(soonest_s) if np.isfinite(soonest_s) else None
            spare.append(SpareCraft(state, found.craft_at[row], crossing_min))
    kept = Candidates(
        craft=[found.craft[n] for n in craft],
        groups=[found.groups[n] for n in groups],
        craft_at=[found.craft_at[n] for n in craft],
        groups_at=[found.groups_at[n] for n in groups],
        left_out=left,
        spare_craft=spare,
    )
    return kept, len(groups) < len(found.groups) or len(craft) < len(found.craft)


def _share_that_may_leave(found: Candidates, region: Region) -> Floats:
    """Return for each group the share of its station's groups that the floor lets go."""
    held: dict[str, int] = {}
    for state in found.groups:
        held[state.group.home_site_id] = held.get(state.group.home_site_id, 0) + 1
    share = {
        site: max(0, count - (region.stations[site].keep_groups if site in region.stations else 0)) / count
        for site, count in held.items()
    }
    return np.array([share[state.group.home_site_id] for state in found.groups])


def crossing_seconds(found: Candidates, ways: Ways, groups: Sequence[int], travel: Travel) -> Floats:
    """Return (craft, scenes) seconds at which each could land its first groups, inf where it never can."""
    rows = np.array(groups, dtype=np.int64)
    out = np.full((len(found.craft), len(ways.scenes)), np.inf)
    for mode in MODES:
        sites = ways.sites[mode]
        used = dict.fromkeys(state.craft.class_id for state in found.craft)
        for class_id in used:
            craft_class = travel.region.craft_classes[class_id]
            if craft_class.mode != mode or not len(rows):
                continue
            members = [c for c, state in enumerate(found.craft) if state.craft.class_id == class_id]
            usable = [n for n, site in enumerate(sites) if can_berth(craft_class, site, travel.region)]
            if not usable:
                continue
            position_s, _ = travel.times_s_and_m(
                craft_class, [found.craft_at[c] for c in members], [sites[n] for n in usable]
            )
            for column in range(len(ways.scenes)):
                onward_s = ways.by_way_s[mode][column][rows].min(axis=(0, 2), initial=np.inf)[usable]
                if mode == "air":
                    onward_s = np.minimum(onward_s, ways.to_field_s[column][rows].min(axis=0, initial=np.inf)[usable])
                for n, c in enumerate(members):
                    ready_s = 60.0 * found.craft[c].ready_in_min
                    out[c, column] = float((ready_s + position_s[n] + onward_s).min())
    return out


def groups_at_home(groups: Iterable[GroupState], region: Region) -> dict[str, int]:
    """Return how many free groups stand at each station they call home, those that may not be sent included."""
    count: dict[str, int] = {}
    for state in groups:
        home = state.group.home_site_id
        if home in region.stations and state.site_id == home and state.status in FREE:
            count[home] = count.get(home, 0) + 1
    return count


def keep_at_home(at_home: Mapping[str, int], kept: Candidates, stations: Sequence[str], region: Region) -> IntArray:
    """Return how many of the kept groups each station must hold back: its floor less those who stay anyway."""
    near = groups_at_home(kept.groups, region)
    held = [region.stations[s].keep_groups - (at_home.get(s, 0) - near.get(s, 0)) for s in stations]
    return np.maximum(np.array(held, dtype=np.int64), 0)
