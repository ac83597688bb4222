"""Make sure the system has what the browser and PostGIS tests need, or say exactly what to install.

With root on a Debian-like system the packages are installed; without it the missing ones are named together
with the tests that will be left out. Only the standard library is used, so it runs before anything else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

POSTGRES_BIN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Need:
    """A system package, how to see that it is there, and which tests need it."""

    package: str
    tests: str

    def is_there(self) -> bool:
        """Tell whether the package's own sign is on this machine."""
        if self.package == "chromium":
            return chromium() is not None
        if self.package == "fonts-noto-cjk":
            return _has_cjk_font()
        if self.package == "nginx-light":
            return nginx() is not None
        return postgis_bin() is not None


NEEDS = (
    Need("chromium", "tests marked 'browser'"),
    Need("fonts-noto-cjk", "Chinese text in the browser tests' screenshots"),
    Need("postgresql-15-postgis-3", "tests marked 'postgis'"),
    Need("nginx-light", "the shipped nginx configuration"),
)


def chromium() -> str | None:
    """Return the path of a Chromium that the tests may drive, None where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return None


def nginx() -> str | None:
    """Return the path of an nginx, None where there is none; Debian keeps it where only root looks."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def postgis_bin() -> Path | None:
    """Return the folder of a PostgreSQL whose PostGIS extension is installed, None where there is none."""
    for folder in sorted(POSTGRES_BIN.glob("*/bin"), reverse=True):
        version = folder.parent.name
        if (folder / "initdb").exists() and Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists():
            return folder
    return None


def _has_cjk_font() -> bool:
    if not shutil.which("fc-list"):
        return any(Path("/usr/share/fonts").rglob("*CJK*")) or any(Path("/usr/share/fonts").rglob("wqy*"))
    listed = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def main() -> int:
    """Install what is missing when this user may, and say in words what stays out."""
    missing = [need for need in NEEDS if not need.is_there()]
    if not missing:
        return 0
    names = [need.package for need in missing]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing from the system's packages: {', '.join(names)}", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # 1: start no service
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        missing = [need for need in NEEDS if not need.is_there()]
    for need in missing:
        print(f"Left out: {need.tests}. To run them: sudo apt-get install {need.package}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
