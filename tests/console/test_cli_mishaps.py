"""What a newcomer meets by accident: Ctrl-C, a closed pipe, a folder that takes no file, a slip in a file."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from console import cli_tables
from console.cli import ANSWER_IS_NO, BAD_INPUT, DONE, INTERRUPTED, run
from console.server import PortInUseError, bind
from console.startup import open_stage
from data.errors import CommandRefusedError, DataFaultsError, Fault, UnknownNameError
from data.journal.interface import JournalStoreError
from data.journal.sqlite import SqliteJournal

REGION = Path(__file__).parent.parent.parent / "data" / "zhoushan"
TONGZHOU = Path(sys.executable).with_name("tongzhou")


pytestmark = pytest.mark.usefixtures("command_folders")


def begun(*words: str, **more: object) -> subprocess.Popen[str]:
    """A command in a process of its own, its output caught."""
    return subprocess.Popen([str(TONGZHOU), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)  # type: ignore[call-overload,no-any-return]


# The interpreter's own start, some half a second where four runs share two cores, hears no handler of ours.
@pytest.mark.parametrize("after_s", [1.5, 3.0])
def test_ctrl_c_ends_in_words_at_any_moment(after_s: float) -> None:
    with begun("deploy", "june-major-case", "--seconds", "60") as process:
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert "Stopped." in said
    assert "Traceback" not in out + said


def test_ctrl_c_while_solving_leaves_the_best_plan_so_far(tmp_path: Path) -> None:
    run(["deploy", "june-major-case", "--iterations", "0"])  # so that the networks are in the cache
    file = tmp_path / "plan.json"
    script = (
        "import os, signal, sys, threading; from console import cli\n"
        "from routing.deploy import deployment\n"
        "solve = deployment.solve\n"
        "def watched(*words):\n"
        "    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "    return solve(*words)\n"
        "deployment.solve = watched\n"
        f"sys.argv = ['tongzhou', 'deploy', 'june-major-case', '--seconds', '50', '--json', {str(file)!r}]\n"
        "cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=45)
    assert done.returncode == INTERRUPTED, done.stderr
    assert "best found until then" in done.stderr
    assert json.loads(file.read_text(encoding="utf-8"))["legs"]


def test_a_reader_that_leaves_is_no_error() -> None:
    with begun("scenarios") as process:
        assert process.stdout is not None
        process.stdout.close()
        said = process.stderr.read() if process.stderr else ""
    assert process.returncode == DONE
    assert said == ""


def test_piped_tables_are_not_cut_to_a_terminal() -> None:
    done = subprocess.run(
        [TONGZHOU, "deploy", "quiet-night", "--iterations", "0"],
        capture_output=True, text=True, env=os.environ | {"COLUMNS": "60", "LANG": "C"}, check=True,
    )  # fmt: skip
    assert "nearest-first (min)" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_a_narrow_terminal_cuts_no_time_and_no_name(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_tables, "out", lambda: Console(width=columns, highlight=False))
    assert run(["deploy", "quiet-night", "--iterations", "0"]) == DONE
    said = capsys.readouterr().out
    assert "…" not in said
    assert all(moment in said for moment in ("03:04", "04:23", "04:19"))  # a name may run on, a time may not break
    assert max(map(len, said.splitlines())) <= columns


def test_a_plan_file_that_cannot_be_written_is_refused_before_solving(capsys: pytest.CaptureFixture[str]) -> None:
    started = time.perf_counter()
    assert run(["deploy", "june-major-case", "--seconds", "50", "--json", "/dev/null/plan.json"]) == BAD_INPUT
    assert time.perf_counter() - started < 40
    assert "/dev/null/plan.json cannot be written" in " ".join(capsys.readouterr().err.split())


def test_trying_a_file_for_writing_keeps_what_was_in_it(tmp_path: Path) -> None:
    kept, fresh = tmp_path / "kept.json", tmp_path / "fresh.json"
    kept.write_text("before", encoding="utf-8")
    for file in (kept, fresh):
        assert run(["deploy", "no-such-scenario", "--json", str(file)]) == BAD_INPUT
    assert kept.read_text(encoding="utf-8") == "before"
    assert not fresh.exists()


@pytest.mark.parametrize("moment", ["2026-06-18T02:00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_time_nobody_means_is_named(moment: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "plan.json"
    assert run(["deploy", "may-swell-miaozihu", "--iterations", "0", "--json", str(file)]) == DONE
    document = json.loads(file.read_text(encoding="utf-8"))
    document["legs"][0]["depart_at"] = moment
    file.write_text(json.dumps(document), encoding="utf-8")
    capsys.readouterr()
    assert run(["check", str(file)]) == BAD_INPUT
    assert "$.legs[0].depart_at" in capsys.readouterr().err


def test_one_unreadable_table_is_one_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(REGION, broken)
    piers = broken / "piers.csv"
    piers.write_bytes(piers.read_text(encoding="utf-8").encode("gbk", "replace"))
    assert run(["region", "check", str(broken)]) == ANSWER_IS_NO
    assert capsys.readouterr().out.splitlines() == [
        "piers.csv, line 2: not UTF-8 (GBK or UTF-16, perhaps). In the spreadsheet, save it as 'CSV UTF-8'."
    ]


def test_a_folder_that_is_no_region_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scenarios", "--region", str(tmp_path)]) == BAD_INPUT
    assert "holds no region" in capsys.readouterr().err
    assert run(["region", "check", str(tmp_path / "none")]) == BAD_INPUT
    assert "There is no folder" in capsys.readouterr().err


def test_errors_are_told_in_both_languages(tmp_path: Path) -> None:
    nothing_near = UnknownNameError("pier", "zzz", known=["a", "b"])
    assert nothing_near.said("zh") == "没有名为“zzz”的码头。现有：a、b。"
    assert "There are: a, b." in nothing_near.said("en")
    assert DataFaultsError([Fault("piers.csv", 3, None, "is blank.")]).said("zh").startswith("共 1 处")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUseError) as told:
        bind("127.0.0.1", taken.getsockname()[1])
    assert "已被占用" in told.value.said("zh")
    with pytest.raises(PortInUseError) as told:
        bind("203.0.113.1", 5006)
    assert "no address 203.0.113.1" in told.value.said("en")
    held = SqliteJournal(tmp_path / "world.journal")
    with pytest.raises(JournalStoreError) as in_use:
        SqliteJournal(tmp_path / "world.journal")
    held.close()
    assert "正被另一个指挥台使用" in in_use.value.said("zh")
    with pytest.raises(JournalStoreError) as nowhere:
        SqliteJournal(Path("/dev/null/world.journal"))
    assert "Check the folder and its rights" in nowhere.value.said("en")


def test_a_scenario_asked_for_by_name_is_the_one_shown(tmp_path: Path) -> None:
    store = tmp_path / "store"
    shown = []
    for asked in ("quiet-night", None, "may-swell-miaozihu", None):
        stage = open_stage(store, REGION, asked, "drill")
        shown.append(stage.world.picture.scenario_id)
        stage.world.close()
    assert [story.rpartition("/")[2] for story in shown if story] == [
        "quiet-night", "quiet-night", "may-swell-miaozihu", "may-swell-miaozihu",
    ]  # fmt: skip
    assert [file for file in store.rglob("*") if "quiet-night" in file.name], "the other journal is kept"


def test_no_scenario_runs_in_a_live_journal(tmp_path: Path) -> None:
    open_stage(tmp_path, REGION, None, "live").world.close()
    with pytest.raises(CommandRefusedError, match="of mode live, and drill was asked for"):
        open_stage(tmp_path, REGION, "quiet-night", "drill")


def test_warming_up_again_does_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["warm-up"]) == DONE
    capsys.readouterr()
    monkeypatch.setattr("data.region_reader.read_region", None)  # what is ready is not even read
    assert run(["warm-up"]) == DONE
    assert "Ready already" in capsys.readouterr().out


def test_warming_up_without_a_cache_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from console import cli_warm_up

    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    monkeypatch.setattr(cli_warm_up, "cache_folder", lambda: file / "cache")
    assert run(["warm-up"]) == DONE
    assert "Nothing could be kept" in capsys.readouterr().err
