"""The rules over all hours at once are the rules one by one: shut spans against those of the conditions."""

from __future__ import annotations

from math import inf

import msgspec
import pytest

from data.geography import Region
from routing.isolate.spans import minute_spans
from routing.isolate.weather_tables import ZoneTable, joined_spans
from routing.network.conditions import Conditions
from tests.routing.isolate.storms import START, drawn


@pytest.mark.parametrize("seed", [11, 12])
def test_shut_spans_are_those_of_the_rules_one_by_one(zhoushan: Region, seed: int) -> None:
    now = Conditions(zhoushan, drawn(zhoushan, seed), ())
    shut = 0
    for craft_class in zhoushan.craft_classes.values():
        if craft_class.mode == "road":
            continue
        tables = {zone_id: ZoneTable.of(now.hours(zone_id), START) for zone_id in zhoushan.zones}
        for zone_id, table in tables.items():
            spans = joined_spans(table.spans(table.passage(craft_class)))
            assert spans == minute_spans(now.craft_shuts(craft_class, zone_id), START)
            shut += len(spans)
        for pier in zhoushan.piers.values():
            if craft_class.mode != "sea" or not craft_class.berthing & pier.berthing:
                continue
            table = tables[pier.zone_id]
            spans = joined_spans(table.spans(table.passage(craft_class)), table.spans(table.berth(craft_class, pier)))
            worded = [one for one in now.pier_shuts(pier, craft_class) if one.breach.limit != "tide"]
            assert spans == minute_spans(worded, START)
    assert shut > 50


def test_a_pier_nobody_has_looked_at_lies_open_all_round(zhoushan: Region) -> None:
    table = ZoneTable.of(Conditions(zhoushan, drawn(zhoushan, 1), ()).hours("dongji"), START)
    boat = zhoushan.craft_classes["patrol-20m"]
    lee = msgspec.structs.replace(zhoushan.piers["miaozihu"], exposure_from_deg=None, exposure_to_deg=None)
    unknown = msgspec.structs.replace(lee, exposure_known=False)
    assert table.berth(boat, unknown).sum() > table.berth(boat, lee).sum()


def test_spans_that_touch_are_one() -> None:
    assert joined_spans(((0.0, 60.0),), ((60.0, inf),), ((-inf, -5.0),)) == ((-inf, -5.0), (0.0, inf))
