"""Whatever the hour, the weather, the forces and the demand: a plan is made, and it passes its check."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.geography import Region
from data.incidents import Echelon
from data.scenario import read_scenario
from data.text import Text
from routing.check import check_plan
from routing.deploy.deployment import Planner
from routing.network.network import Network


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    later_min=st.integers(0, 18 * 60),
    blow=st.floats(0.2, 2.5),
    keep_craft=st.integers(1, 6),
    keep_groups=st.integers(1, 4),
    pier=st.integers(0, 49),
    persons=st.integers(1, 150),
    skill=st.sampled_from([None, "ptu", "medical", "police"]),
    two=st.booleans(),
)
def test_any_situation_gets_a_sound_plan(
    planner: Planner,
    zhoushan: Region,
    zhoushan_network: Network,
    later_min: int,
    blow: float,
    keep_craft: int,
    keep_groups: int,
    pier: int,
    persons: int,
    skill: str | None,
    two: bool,
) -> None:
    situation = read_scenario("june-major-case", zhoushan).situation()
    assert situation.forecast is not None
    hours = tuple(
        msgspec.structs.replace(h, wind_mps=h.wind_mps * blow, gust_mps=h.gust_mps * blow, hs_m=h.hs_m * blow)
        for h in situation.forecast.hours
    )
    first = situation.incidents[0]
    need = Echelon(id="n", name=Text("需要", "Need"), persons=persons, skill=skill, weight=2, due_min=60)
    where = list(zhoushan.piers.values())[pier % len(zhoushan.piers)]
    elsewhere = msgspec.structs.replace(
        first, id="elsewhere", island_id=where.island_id, lon_deg=where.lon_deg, lat_deg=where.lat_deg,
        echelons=(need, msgspec.structs.replace(need, id="m", persons=persons * 2, skill=None)),
    )  # fmt: skip
    situation = msgspec.structs.replace(
        situation,
        at=situation.at + timedelta(minutes=later_min),
        craft=situation.craft[::keep_craft],
        groups=situation.groups[::keep_groups],
        forecast=msgspec.structs.replace(situation.forecast, hours=hours),
        incidents=(first, elsewhere) if two else (elsewhere,),
    )
    plan = planner.first_plan(situation)
    assert check_plan(plan, situation, zhoushan, zhoushan_network) == []
    used = {leg.craft_id for leg in plan.legs if leg.craft_id}
    explained = {reason.subject_id for reason in plan.reasons if reason.subject_kind == "craft"}
    assert used | explained == {state.craft.id for state in situation.craft}
