"""The served console as a process: its address, its links, its end."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from console.server import PortInUseError, bind
from console.startup import open_stage
from data.errors import CommandRefusedError
from data.geography import Region
from data.journal.events import AccessNoted
from data.journal.store import open_store

REGION = Path(__file__).parents[2] / "data" / "zhoushan"
SERVE = (
    "import sys; from pathlib import Path; from console.server import serve;"
    "serve(Path(sys.argv[1]), Path(sys.argv[2]), port=0)"
)
LINK = re.compile(r"http://127\.0\.0\.1:\d+/enter\?key=\S+")


def wait_for_links(process: subprocess.Popen[bytes], lines: Path, count: int) -> list[str]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if len(found := LINK.findall(lines.read_text())) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(lines.read_text())


def test_a_port_in_use_is_said_with_the_remedy() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUseError, match=rf"Port {port} .* in use.*--port \d+"):
            bind("127.0.0.1", port)


def test_it_serves_gives_links_when_asked_and_ends_clean(tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    with lines.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(tmp_path / "store"), str(REGION)], stdout=out, stderr=subprocess.STDOUT
        )
    try:
        first = wait_for_links(process, lines, 1)[0]
        assert "DRILL" in lines.read_text()
        with httpx.Client(timeout=60) as client:
            assert client.get(first).status_code == 200
            second = wait_for_links(process, lines, 2)[1]
            assert second != first, "a used link is followed by a fresh one"
            process.send_signal(signal.SIGUSR1)
            assert len(set(wait_for_links(process, lines, 3))) == 3
            address = first.partition("/enter")[0]
            for _ in range(3):  # the first is written at once, the others are counted for a minute
                assert client.get(f"{address}/api/v1/events?limit=1").status_code == 200
            page = client.get(address).text
            assert 'id="frame"' in page
            assert "http" not in re.sub(
                r"http://www\.w3\.org\S*|http://127\.0\.0\.1\S*", "", page.partition("<body")[0]
            )
    finally:
        process.terminate()
        code = process.wait(20)
    assert code == 0
    assert [file.name for file in (tmp_path / "store").glob("world.journal*")] == ["world.journal"], "closed"
    assert not re.search(r"Traceback|error|could not|exception", lines.read_text(), re.IGNORECASE), lines.read_text()
    store = open_store(tmp_path / "store", "drill")
    journal = store.open_journal()
    noted = [one.event for one in journal.read() if isinstance(one.event, AccessNoted)]
    journal.close()
    store.close()
    assert [one.count for one in noted if one.what == "see_log"] == [1, 2], "what was only counted is kept too"
    assert (tmp_path / "store" / "accounts.db").exists()


def test_live_work_begins_with_nothing_invented(zhoushan: Region, tmp_path: Path) -> None:
    with pytest.raises(CommandRefusedError, match="cannot begin from a scenario"):
        open_stage(tmp_path / "a", REGION, "quiet-night", "live")
    stage = open_stage(tmp_path / "b", REGION, None, "live")
    try:
        picture = stage.world.picture
        assert picture.mode == "live"
        invented = (picture.counts, picture.stores, picture.tasks, picture.manual_weather, picture.relief_at)
        assert not any(invented)
        assert not picture.incidents
        assert picture.forecast is None
        assert all(unit.status == "available" for unit in picture.units.values())
    finally:
        stage.world.close()
