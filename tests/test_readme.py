"""The README's command line: the same commands in both languages, and each of them does what it says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEADINGS = {"README.md": "## Command line", "README.zh-CN.md": "## 命令行"}
MINUTE_S = 60


def commands(readme: str, heading: str | None = None) -> list[str]:
    """The lines of a README's shell blocks, without remarks; of one section if a heading is given."""
    words = (ROOT / readme).read_text(encoding="utf-8")
    if heading is not None:
        words = words.split(f"{heading}\n", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"```sh\n(.*?)```", words, re.DOTALL)
    return [line.split(" #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def inline_commands(readme: str) -> set[str]:
    """The commands a README names in its sentences, a line break in one being a space."""
    words = " ".join((ROOT / readme).read_text(encoding="utf-8").split())
    return set(re.findall(r"`((?:make|conda|tongzhou) [^`]*)`", words))


def test_both_readmes_name_the_same_commands() -> None:
    assert commands("README.md") == commands("README.zh-CN.md")
    assert commands("README.md", HEADINGS["README.md"])
    assert inline_commands("README.md") == inline_commands("README.zh-CN.md")


def test_every_target_named_is_in_the_makefile() -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"run", "test"} <= named & targets
    assert named <= targets, "a README names a target the Makefile lacks"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder a newcomer stands in: the data beside them, and nothing of the program."""
    folder = tmp_path_factory.mktemp("newcomer")
    shutil.copytree(ROOT / "data" / "zhoushan", folder / "data" / "zhoushan")
    return folder


@pytest.mark.parametrize("line", commands("README.md", HEADINGS["README.md"]))
def test_each_command_line_runs(line: str, workshop: Path, request: pytest.FixtureRequest) -> None:
    """In the README's order: the plan one line writes is what the next one checks."""
    assert request.config.cache is not None
    program, *words = shlex.split(line)
    assert program == ".venv/bin/tongzhou"
    installed = Path(sys.executable).with_name("tongzhou")
    environment = os.environ | {
        "TONGZHOU_CACHE": str(request.config.cache.mkdir("networks")),
        "TONGZHOU_HOME": str(workshop / "home"),
    }
    done = subprocess.run(
        [installed, *words], cwd=workshop, env=environment, capture_output=True, text=True, timeout=2 * MINUTE_S
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "Traceback" not in done.stdout + done.stderr
