"""The shipped nginx configuration, run: TLS, sticky seats, a console that dies, a login honoured by the other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
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
from websockets.asyncio.client import connect

from tests.postgis_cluster import private_cluster
from tests.system_packages import nginx, postgis_bin

pytestmark = pytest.mark.postgis

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


def log_in(client: httpx.Client) -> str:
    """Log in by the form and return the page one lands on."""
    form = re.search(r'name="form" value="([^"]+)"', client.get("/login").text)
    assert form
    fields = {"form": form[1], "name": "duty", "password": PASSWORD}
    answer = client.post("/login", data=fields, headers={"Origin": str(client.base_url).rstrip("/")})
    assert answer.status_code == 200, answer.text[:400]
    return answer.text


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


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if postgis_bin() is None:
        pytest.skip("no PostGIS")
    if (program := nginx()) is None:
        pytest.skip("no nginx: apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("site")
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
            stack.callback(process.wait, 20)
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


def token_of(page: str) -> str:
    found = re.search(r'"token":"([^"]+)"', page)
    assert found, page[:300]
    return found[1]


async def reads_its_page(site: Site, client: httpx.Client, page: str) -> bool:
    """Tell whether the page's websocket opens through the proxy and says something."""
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    async with connect(
        site.origin.replace("https", "wss") + "/ws",
        ssl=ssl.create_default_context(cafile=str(site.certificate)),
        additional_headers=[("Cookie", cookie), ("Origin", site.origin)],
        subprotocols=["bokeh", token_of(page)],  # type: ignore[list-item]
    ) as opened:
        return "ACK" in str(await asyncio.wait_for(opened.recv(), 10))


def test_a_seat_logs_in_over_tls_and_its_page_lives(site: Site) -> None:
    with site.client() as client:
        page = log_in(client)
        cookies = [cookie for cookie in client.cookies.jar if cookie.name.startswith("__Host-")]
        assert cookies
        assert all(cookie.secure for cookie in cookies)
        assert client.get("/").headers["strict-transport-security"]
        assert asyncio.run(reads_its_page(site, client, page))


def test_a_seat_stays_with_the_console_that_built_its_page(site: Site) -> None:
    """A page's token opens only at its own console, so each of these would fail at the other one."""
    with site.client() as client:
        log_in(client)
        pages = [client.get("/").text for _ in range(6)]
        assert all(asyncio.run(reads_its_page(site, client, page)) for page in pages)


def test_seats_are_spread_over_the_consoles_and_outlive_one_of_them(site: Site) -> None:
    clients = [site.client() for _ in range(8)]
    for client in clients:
        log_in(client)
    victim = next(iter(site.consoles.values()))
    victim.kill()
    victim.wait(20)
    pages = [client.get("/") for client in clients]
    assert [page.status_code for page in pages] == [200] * len(clients), "the same login, at the console left"
    assert all(
        asyncio.run(reads_its_page(site, client, page.text)) for client, page in zip(clients, pages, strict=True)
    )
    for client in clients:
        client.close()
