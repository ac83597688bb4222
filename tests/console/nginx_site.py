"""Two consoles on one PostGIS store behind the shipped nginx configuration, with TLS."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.postgis_cluster import private_cluster
from tests.system_packages import nginx, postgis_bin

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "docs" / "deploy" / "nginx.conf"
PASSWORD = "a long word for the test seat"
STARTING_S = 90.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_certificate(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1 signed by itself; returns it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    written = folder / "console.crt"
    written.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "console.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return written


@dataclass
class Site:
    """Two consoles behind one nginx; ``consoles`` by the port each listens at."""

    origin: str
    certificate: Path
    consoles: dict[int, subprocess.Popen[str]]

    def client(self) -> httpx.Client:
        context = ssl.create_default_context(cafile=str(self.certificate))
        return httpx.Client(verify=context, base_url=self.origin, timeout=30, follow_redirects=True)


def run_console(address: str, port: int, origin: str, folder: Path) -> subprocess.Popen[str]:
    words = ["serve", "--store", address, "--port", str(port), "--origin", origin, "--trusted-proxy", "127.0.0.1"]
    with (folder / f"console-{port}").open("w") as lines:
        return subprocess.Popen(
            [sys.executable, "-m", "console.cli", *words, "--console", f"console-{port}"],
            stdout=lines,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env={**os.environ, "TONGZHOU_HOME": str(folder / "home")},
        )


def configured(folder: Path, https_port: int, ports: tuple[int, int]) -> Path:
    """Return the shipped configuration with this test's ports and certificate; nothing else is changed."""
    text = SHIPPED.read_text()
    for was, now in {
        "listen 443 ssl": f"listen 127.0.0.1:{https_port} ssl",
        "/etc/tongzhou/tls": str(folder),
        "127.0.0.1:5006": f"127.0.0.1:{ports[0]}",
        "127.0.0.1:5007": f"127.0.0.1:{ports[1]}",
        "__Host-tongzhou=": f"__Host-tongzhou_{https_port}=",
        "server_name console.example": "server_name 127.0.0.1",
    }.items():
        assert was in text, f"the shipped configuration no longer says {was}"
        text = text.replace(was, now)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    file = folder / "nginx.conf"
    file.write_text(
        f"{user}pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off;"
        f"events {{}} http {{ access_log off; {temporary} {text} }}"
    )
    return file


@contextlib.contextmanager
def two_consoles(folder: Path) -> Iterator[Site]:
    """Run them with one account, a dispatcher named duty; skips the test where PostGIS or nginx is missing."""
    if postgis_bin() is None:
        pytest.skip("no PostGIS")
    if (program := nginx()) is None:
        pytest.skip("no nginx: apt-get install nginx-light")
    https_port, ports = free_port(), (free_port(), free_port())
    origin = f"https://127.0.0.1:{https_port}"
    certificate = write_certificate(folder)
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(private_cluster())
        address = cluster.address(cluster.fresh_database())
        adding = ["user", "add", "duty", "--role", "dispatcher", "--password-stdin", "--store", address]
        subprocess.run(
            [sys.executable, "-m", "console.cli", *adding],
            input=PASSWORD + "\n",
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "TONGZHOU_HOME": str(folder / "home")},
        )
        running = {port: run_console(address, port, origin, folder) for port in ports}
        proxy = subprocess.Popen([program, "-c", str(configured(folder, https_port, ports)), "-p", str(folder)])
        for process in (proxy, *running.values()):
            stack.callback(process.wait, 60)
            stack.callback(process.terminate)
        wait_for(ports, folder)
        yield Site(origin, certificate, running)


def wait_for(ports: tuple[int, int], folder: Path) -> None:
    deadline = time.monotonic() + STARTING_S
    for port in ports:
        while True:
            assert time.monotonic() < deadline, (folder / f"console-{port}").read_text()
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{port}/api/health").status_code == 200:
                    break
            time.sleep(0.1)
