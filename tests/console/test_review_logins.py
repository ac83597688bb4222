"""One seat's odd choice must not stop the logins of everybody: nobody seen, nobody ended, 500 to all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from console.actions import handle
from console.door.logins import LOOK_AGAIN_S, SHIFT_S, LoginDesk
from console.world import World
from data.accounts.store import open_accounts
from data.geography import Region
from tests.console.seat_samples import Roster, seat_of, toasts
from tests.console.world_samples import open_world

NOW_S = 1_800_000_000.0


@pytest.fixture
def world(zhoushan: Region, tmp_path: Path) -> Iterator[World]:
    opened, _ = open_world(tmp_path, zhoushan)
    yield opened
    opened.close()


@pytest.mark.parametrize("act", ["select-incident", "select-unit"])
@pytest.mark.parametrize("wrong", ["\ud800", "x" * 1000, "a\x00b"])
def test_a_viewer_cannot_look_at_what_no_id_can_be(world: World, act: str, wrong: str) -> None:
    seat = seat_of(world, Roster({"wang": "viewer"}), "wang")
    before = seat.memory(), seat.selected_unit_id
    handle(seat, world, {"act": act, "id": wrong})
    assert (seat.memory(), seat.selected_unit_id) == before
    assert len(toasts(seat)) == 1


def test_what_one_seat_remembers_keeps_no_other_login_from_being_seen_and_ended() -> None:
    desk = LoginDesk(open_accounts(None))
    odd, odd_secret = desk.redeem(desk.new_link_key(NOW_S), NOW_S) or pytest.fail("no login")
    other, secret = desk.redeem(desk.new_link_key(NOW_S), NOW_S) or pytest.fail("no login")
    odd.memory = {"selected_incident_id": "\ud800" + "x" * 1_000_000, "language": None}
    other.memory = {"language": "en"}

    async def live() -> None:
        later_s = NOW_S + 2 * LOOK_AGAIN_S
        assert await desk.seek(secret, later_s) is other
        kept = {row.key: row.memory for row in desk.accounts.logins.all()}
        assert kept[other.key] == {"language": "en"}
        assert len(kept[odd.key]["selected_incident_id"] or "") < 1000
        desk.accounts.logins.end([odd.key])
        assert await desk.sweep(later_s + 2 * LOOK_AGAIN_S) == 1
        assert await desk.seek(odd_secret, later_s + 2 * LOOK_AGAIN_S) is None

    asyncio.run(live())
    desk.close()


def test_a_fault_of_looking_at_the_logins_is_nobodys_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = LoginDesk(open_accounts(None))
    login, secret = desk.redeem(desk.new_link_key(NOW_S), NOW_S) or pytest.fail("no login")

    def broken() -> None:
        raise msgspec.ValidationError("a fault nobody thought of")

    async def live() -> None:
        monkeypatch.setattr(desk.accounts.logins, "all", broken)
        assert await desk.seek(secret, NOW_S + 2 * LOOK_AGAIN_S) is login
        monkeypatch.undo()
        assert await desk.seek(secret, NOW_S + SHIFT_S) is None, "a shift is over all the same"

    asyncio.run(live())
    desk.close()
