"""Two consoles on one database: each hears the other, whatever breaks between them; one of them leads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import psycopg
import pytest

from data.journal.chain import Row
from data.journal.events import Recorded
from data.journal.interface import ConflictError, Fix, JournalStoreError, StoreUnreachableError, SupersededError
from data.journal.postgis.store import PostgisStore
from data.journal.shared import SeatSeen
from tests.data.journal.journal_samples import START, fix, note, opened, write
from tests.postgis_cluster import private_cluster

pytestmark = pytest.mark.postgis
PATIENCE_S = 20.0


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread brings about; the limit only ends a test that has failed."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


class Console:
    """One console: its store, its journal, and what it heard."""

    def __init__(self, address: str) -> None:
        self.store = PostgisStore(address, "drill")
        self.journal = self.store.open_journal()
        self.heard: list[Recorded] = []
        self.fixes: list[Fix] = []
        self.journal.subscribe(self.heard.extend)
        self.journal.subscribe_fixes(self.fixes.extend)

    def close(self) -> None:
        """Leave the store."""
        self.journal.close()
        self.store.close()


def _end_connections(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def consoles(postgis_store_address: str) -> Iterator[tuple[Console, Console]]:
    """Two consoles on one store with its first event."""
    one = Console(postgis_store_address)
    write(one.journal, opened(), command_id="open")
    two = Console(postgis_store_address)
    yield one, two
    one.close()
    two.close()


def test_each_hears_all_once_and_in_order(consoles: tuple[Console, Console]) -> None:
    one, two = consoles
    for number in range(30):
        write((one, two)[number % 2].journal, note("x"), note("y"), command_id=f"c{number}")
    until(lambda: len(one.heard) == 61 and len(two.heard) == 60)
    assert [event.seq for event in one.heard] == list(range(1, 62))
    assert [event.seq for event in two.heard] == list(range(2, 62))


def test_what_others_wrote_first_is_heard_before_the_own(consoles: tuple[Console, Console]) -> None:
    one, two = consoles
    assert one.journal._ear is not None
    one.journal._ear.stop()  # so that nothing but its own append can tell it
    write(two.journal, note("theirs"), command_id="theirs")
    write(one.journal, note("own"), command_id="own")
    assert [event.command_id for event in one.heard] == ["open", "theirs", "own"]


def test_writer_does_not_wait_for_the_thread_that_reads_what_others_wrote(
    consoles: tuple[Console, Console], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = consoles
    reads, go_on = threading.Event(), threading.Event()
    chunk = one.journal._chunk

    def slow(after_seq: int, until: datetime | None) -> tuple[Row, ...]:
        found = chunk(after_seq, until)
        reads.set()
        assert go_on.wait(PATIENCE_S)
        return found

    monkeypatch.setattr(one.journal, "_chunk", slow)
    write(two.journal, note("theirs"), command_id="theirs")
    assert reads.wait(PATIENCE_S)
    writer = threading.Thread(
        target=lambda: [write(one.journal, note(name), command_id=name) for name in ("own", "own too")]
    )
    writer.start()
    writer.join(PATIENCE_S / 2)
    waited, heard = writer.is_alive(), [event.seq for event in one.heard]
    go_on.set()
    writer.join()
    assert not waited, "a seat would have waited for the other thread's database"
    assert heard == [1, 2, 3, 4], "own news is told before the writer goes on, and after what came before it"
    write(two.journal, note("theirs too"), command_id="theirs too")
    until(lambda: len(one.heard) == 5)
    assert [event.seq for event in one.heard] == [1, 2, 3, 4, 5], "what the slow reader brings is no news"


def test_own_news_that_cannot_be_told_in_order_now_is_told_by_the_listening_thread(
    consoles: tuple[Console, Console], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = consoles
    assert one.journal._ear is not None
    one.journal._ear.stop()
    write(two.journal, note("theirs"), command_id="theirs")

    def silent(*_: object) -> tuple[Row, ...]:
        raise StoreUnreachableError("it is silent")

    with monkeypatch.context() as patch:
        patch.setattr("data.journal.postgis.journal.appending.rows_after", silent)
        write(one.journal, note("own"), command_id="own")
    assert [event.seq for event in one.heard] == [1], "not before what it follows"
    one.journal._look()
    assert [event.seq for event in one.heard] == [1, 2, 3]


def test_listening_begins_anew_as_fast_as_the_first_time_once_it_had_heard(
    consoles: tuple[Console, Console], postgis_store_address: str
) -> None:
    one, two = consoles
    ear = one.journal._ear
    assert ear is not None
    for number in range(5):
        _end_connections(postgis_store_address)
        write(two.journal, note("x"), command_id=f"c{number}")
        until(lambda wanted=number + 2: len(one.heard) == wanted)
        until(lambda: ear._failed == 0)


def test_repeat_by_another_console_is_no_news(consoles: tuple[Console, Console]) -> None:
    one, two = consoles
    first = write(one.journal, note("x"), command_id="same")
    assert write(two.journal, note("x"), command_id="same") == first
    assert two.heard == list(first)
    write(one.journal, note("y"), command_id="next")
    until(lambda: len(two.heard) == 2)


def test_losing_console_is_told_who_won(consoles: tuple[Console, Console]) -> None:
    one, two = consoles
    write(one.journal, note("mine", "unit:a", 0), command_id="a", actor="甲")
    with pytest.raises(ConflictError) as caught:
        write(two.journal, note("mine", "unit:a", 0), command_id="b", actor="乙")
    assert caught.value.winner is not None
    assert caught.value.winner.actor == "甲"


def test_positions_of_others_are_heard_and_own_ones_once(consoles: tuple[Console, Console]) -> None:
    one, two = consoles
    one.journal.record_positions([fix("a", 1), fix("b", 1, heading_deg=90.0)])
    until(lambda: len(two.fixes) == 2)
    assert sorted(two.fixes, key=lambda own: own.unit_id) == [fix("a", 1), fix("b", 1, heading_deg=90.0)]
    two.journal.record_positions([fix("b", 2)])
    until(lambda: len(one.fixes) == 3)
    assert one.fixes[2] == fix("b", 2)
    assert len(two.fixes) == 3


def test_late_fix_does_not_move_a_unit_back(consoles: tuple[Console, Console]) -> None:
    one, two = consoles
    one.journal.record_positions([fix("a", 5)])
    one.journal.record_positions([fix("a", 3), fix("b", 3)])
    until(lambda: {own.unit_id for own in two.fixes} == {"a", "b"})
    assert [own for own in two.fixes if own.unit_id == "a"] == [fix("a", 5)]
    assert two.journal.positions_at(START + timedelta(minutes=4))["a"] == fix("a", 3)


def test_hour_forgotten_by_another_console_is_made_again(consoles: tuple[Console, Console]) -> None:
    one, two = consoles
    one.journal.record_positions([fix("a", 1)])
    two.journal.forget_hour(START)
    one.journal.record_positions([fix("a", 2)])
    assert two.journal.positions_at(START + timedelta(hours=1)) == {"a": fix("a", 2)}


def test_broken_connections_cost_no_news(consoles: tuple[Console, Console], postgis_store_address: str) -> None:
    one, two = consoles
    for number in range(4):
        _end_connections(postgis_store_address)
        write(one.journal, note("x"), command_id=f"c{number}")
    until(lambda: len(two.heard) == 4)
    assert [event.seq for event in two.heard] == [2, 3, 4, 5]
    assert one.journal.verify() == 5


def test_console_learns_that_another_journal_was_begun(consoles: tuple[Console, Console]) -> None:
    one, two = consoles
    another = one.store.begin_another(one.journal, "first", START)
    assert not two.store.is_current(two.journal)
    with pytest.raises(SupersededError):
        write(two.journal, note("late"), command_id="late")
    with pytest.raises(SupersededError):
        two.store.begin_another(two.journal, "first again", START)
    assert two.store.is_current(two.store.open_journal())
    assert two.journal.verify() == 1  # the old one is kept
    another.close()


def test_lead_goes_to_another_console_when_the_leader_dies(
    consoles: tuple[Console, Console], postgis_store_address: str
) -> None:
    one, two = consoles
    assert one.store.shared.lead()
    assert not two.store.shared.lead()
    assert one.store.shared.lead()
    _end_connections(postgis_store_address)
    until(two.store.shared.lead)
    assert not one.store.shared.lead()
    two.store.shared.close()
    until(one.store.shared.lead)


def test_closed_store_is_asked_in_vain_and_leaves_no_thread(postgis_store_address: str) -> None:
    before = set(threading.enumerate())
    console = Console(postgis_store_address)
    write(console.journal, opened(), command_id="open")
    assert console.store.shared.lead()
    assert set(threading.enumerate()) > before
    console.close()
    until(lambda: set(threading.enumerate()) <= before)
    for late in (
        lambda: write(console.journal, note("late"), command_id="late"),
        console.journal.head,
        console.store.shared.lead,
        lambda: console.store.shared.last_beat(console.journal),
        console.store.open_journal,
    ):
        with pytest.raises(JournalStoreError, match="has closed the store") as refused:
            late()
        assert not isinstance(refused.value, StoreUnreachableError), "asking again does not help"
    assert set(threading.enumerate()) <= before, "nobody would close what they opened"


def test_beat_and_seats_are_seen_by_all(consoles: tuple[Console, Console]) -> None:
    one, two = consoles
    assert two.store.shared.last_beat(two.journal) is None
    one.store.shared.beat(one.journal, START, 4.0)
    beat = two.store.shared.last_beat(two.journal)
    assert beat is not None
    assert (beat.world_at, beat.speed) == (START, 4.0)
    assert beat.age_s >= 0.0
    seats = [
        SeatSeen(
            seat_id=name,
            name=name,
            role="planner",
            console="c",
            incident_id="i",
            since=START + timedelta(minutes=minute),
            seen_at=START,
        )
        for minute, name in enumerate("ba")
    ]
    one.store.shared.announce_seats(seats[1:])
    two.store.shared.announce_seats(seats[:1])
    assert one.store.shared.seats() == two.store.shared.seats() == tuple(seats)
    one.store.shared.announce_seats([])
    assert two.store.shared.seats() == tuple(seats[:1])
    two.store.shared.close()
    assert one.store.shared.seats() == ()


def test_beat_of_a_journal_put_aside_is_not_that_of_the_next(consoles: tuple[Console, Console]) -> None:
    one, two = consoles
    one.store.shared.beat(one.journal, START, 4.0)
    another = two.store.begin_another(two.journal, "first", START)
    assert two.store.shared.last_beat(another) is None
    one.store.shared.beat(one.journal, START, 4.0)  # the leader has not heard of it yet
    assert two.store.shared.last_beat(another) is None
    one.store.shared.beat(another, START + timedelta(hours=1), 1.0)
    beat = two.store.shared.last_beat(another)
    assert beat is not None
    assert (beat.world_at, beat.speed) == (START + timedelta(hours=1), 1.0)
    another.close()


def test_seat_not_heard_of_for_ten_seconds_is_gone(
    consoles: tuple[Console, Console], postgis_store_address: str
) -> None:
    one, two = consoles
    seat = SeatSeen(seat_id="s", name="s", role="viewer", console="c", incident_id=None, since=START, seen_at=START)
    one.store.shared.announce_seats([seat])
    with psycopg.connect(postgis_store_address) as connection:
        connection.execute("UPDATE tongzhou_drill.seat SET heard_at = heard_at - interval '11 seconds'")
    assert two.store.shared.seats() == ()


def test_database_restarted_under_open_journals_doubles_and_loses_nothing() -> None:
    with private_cluster() as cluster:
        address = cluster.address(cluster.fresh_database())
        one, two = Console(address), Console(address)
        write(one.journal, opened(), command_id="open")
        until(lambda: len(two.heard) == 1)
        assert one.store.shared.lead()
        cluster.stop()
        with pytest.raises(StoreUnreachableError) as caught:
            write(one.journal, note("while it is away"), command_id="away")
        assert caught.value.text is not None
        with pytest.raises(StoreUnreachableError):
            one.store.shared.lead()
        with pytest.raises(StoreUnreachableError):
            one.store.is_current(one.journal)
        cluster.start()
        assert one.journal.recorded_by("away") == ()
        write(one.journal, note("again"), command_id="away")
        one.journal.record_positions([fix("a", 1)])
        until(lambda: len(two.heard) == 2 and len(two.fixes) == 1)
        assert [event.seq for event in one.heard] == [1, 2]
        assert two.journal.verify() == 2
        assert two.store.shared.lead() or one.store.shared.lead()
        one.close()
        two.close()


def test_server_that_hangs_is_not_waited_for(postgis_store_address: str) -> None:
    """A lock that another session holds stands in for a server that does not get round to answering."""
    console = Console(postgis_store_address)
    write(console.journal, opened(), command_id="open")
    with psycopg.connect(postgis_store_address) as other:
        other.execute("SELECT 1 FROM tongzhou_drill.head FOR UPDATE")
        with pytest.raises(StoreUnreachableError):
            write(console.journal, note("x"), command_id="c")
    assert len(write(console.journal, note("x"), command_id="c")) == 1
    assert console.journal.verify() == 2
    console.close()
