"""Judge a batch of positions: what is taken in, and what is not with its reason.

Good positions are never lost for the sake of bad ones in the same batch.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

import msgspec

from console.api.shapes import FixCollection, FixFeature, FixResult, RejectedFix
from data.journal.fixes import Fix
from data.text import Text

FIXES_LIMIT = 10_000
TOLD_LIMIT = 100
AHEAD_LIMIT = timedelta(minutes=5)
FASTEST_MPS = 400.0

_OUT_OF_RANGE = Text(
    "经度须在 -180 至 180、纬度须在 -90 至 90 之间，航向 0 至 360，航速 0 至 400 m/s。",
    "The longitude must be -180 to 180, the latitude -90 to 90, the heading 0 to 360, the speed 0 to 400 m/s.",
)


class _LooseFix(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position whose numbers are looked at one by one afterwards, so that one bad one does not lose the rest."""

    unit_id: str
    world_at: datetime
    lon_deg: float
    lat_deg: float
    heading_deg: float | None = None
    speed_mps: float = 0.0


_quick = msgspec.json.Decoder(list[_LooseFix])
_quick_geojson = msgspec.json.Decoder(FixCollection)
Judged = _LooseFix | str


def read_fixes(body: bytes, is_geojson: bool) -> list[Judged]:
    """Return each position of a body, or in its place why it cannot be read.

    Raises ValueError, in words, where the body as a whole is not a list of positions.
    """
    try:
        if is_geojson:
            return [_from_feature(one) for one in _quick_geojson.decode(body).features]
        return list(_quick.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _one_by_one(body, is_geojson)  # something in it is wrong: find out which
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _one_by_one(body: bytes, is_geojson: bool) -> list[Judged]:
    try:
        document: Any = json.loads(body)  # takes NaN, which some senders write, so that it can be told by its place
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from error
    if is_geojson:
        if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
            raise ValueError("it is not a GeoJSON FeatureCollection")
        document = document.get("features")
    if not isinstance(document, list):
        raise ValueError("it is not a list of positions")
    if len(document) > FIXES_LIMIT:
        return [""] * len(document)  # refused as a whole: looking at millions of them would keep everybody waiting
    return [_converted(one, is_geojson) for one in document]


def _converted(one: Any, is_geojson: bool) -> Judged:
    try:
        fix = _from_feature(msgspec.convert(one, FixFeature)) if is_geojson else msgspec.convert(one, _LooseFix)
        fix.unit_id.encode()  # half a character could not be told back
    except (msgspec.ValidationError, RecursionError, OverflowError, UnicodeEncodeError) as error:
        return str(error)[:200].encode("utf-8", "replace").decode()
    return fix


def _from_feature(feature: FixFeature) -> _LooseFix:
    said, (lon_deg, lat_deg, *_) = feature.properties, feature.geometry.coordinates
    return _LooseFix(
        unit_id=said.unit_id,
        world_at=said.world_at,
        lon_deg=lon_deg,
        lat_deg=lat_deg,
        heading_deg=said.heading_deg,
        speed_mps=said.speed_mps,
    )


def judge_fixes(
    read: Sequence[Judged], last_fix_at: Mapping[str, datetime], now: datetime, oldest: datetime
) -> tuple[tuple[Fix, ...], FixResult]:
    """Return the positions to store and what to answer.

    ``last_fix_at`` holds the moment of each known unit's last position; ``now`` is world time, ``oldest`` the
    moment before which positions are no longer kept.
    """
    good: list[Fix] = []
    rejected: list[RejectedFix] = []
    unknown: Counter[str] = Counter()
    rejected_count = late = 0
    newest = now + AHEAD_LIMIT
    for index, one in enumerate(read):
        found = _fault(one, last_fix_at, newest, oldest)
        if found is None:
            assert not isinstance(one, str)
            late += one.world_at < last_fix_at[one.unit_id]
            good.append(Fix(one.unit_id, one.world_at, one.lon_deg, one.lat_deg, one.heading_deg, one.speed_mps))
            continue
        reason, detail = found
        rejected_count += 1
        unit_id = None if isinstance(one, str) else one.unit_id[:200]
        if reason == "unknown_unit" and unit_id and (unit_id in unknown or len(unknown) < TOLD_LIMIT):
            unknown[unit_id] += 1
        if len(rejected) < TOLD_LIMIT:
            rejected.append(RejectedFix(index=index, unit_id=unit_id, reason=reason, detail=detail))
    result = FixResult(
        accepted=len(good),
        late=late,
        rejected_count=rejected_count,
        unknown_units=dict(unknown),
        rejected=tuple(rejected),
    )
    return tuple(good), result


def _fault(one: Judged, known: Mapping[str, datetime], newest: datetime, oldest: datetime) -> Any:
    if isinstance(one, str):
        return "not_understood", Text(f"无法读取：{one}", f"It cannot be read: {one}")
    if one.world_at.tzinfo is None:
        words = Text("时间没有时区。请写明，如 Z 或 +08:00。", "The time has no offset. Write one: Z or +08:00.")
        return "not_understood", words
    if one.unit_id not in known:
        return "unknown_unit", Text("没有这个单位，见 GET /api/v1/units。", "No such unit: see GET /api/v1/units.")
    if not _in_range(one):
        return "out_of_range", _OUT_OF_RANGE
    if one.world_at > newest:
        return "too_far_ahead", Text(
            f"时间超前 5 分钟以上（现为 {newest - AHEAD_LIMIT:%Y-%m-%dT%H:%M:%SZ}）。请校对时钟。",
            f"The time is more than 5 min ahead of {newest - AHEAD_LIMIT:%Y-%m-%dT%H:%M:%SZ}. Set the clock right.",
        )
    if one.world_at < oldest:
        return "too_old", Text(
            f"早于 {oldest:%Y-%m-%dT%H:%M:%SZ} 的定位不再接收。",
            f"Positions before {oldest:%Y-%m-%dT%H:%M:%SZ} are no longer taken in.",
        )
    return None


def _in_range(one: _LooseFix) -> bool:
    heading = one.heading_deg
    return (
        -180.0 <= one.lon_deg <= 180.0
        and -90.0 <= one.lat_deg <= 90.0
        and (heading is None or 0.0 <= heading <= 360.0)
        and 0.0 <= one.speed_mps <= FASTEST_MPS
        and isfinite(one.speed_mps)
    )
