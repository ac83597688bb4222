"""The shipped nginx configuration, run: TLS, sticky seats, a console that dies, a login honoured by the other."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterator

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.console.nginx_site import PASSWORD, Site, two_consoles

pytestmark = pytest.mark.postgis


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with two_consoles(tmp_path_factory.mktemp("site")) as site:
        yield site


def log_in(client: httpx.Client) -> str:
    """Log in by the form and return the page one lands on."""
    form = re.search(r'name="form" value="([^"]+)"', client.get("/login").text)
    assert form
    fields = {"form": form[1], "name": "duty", "password": PASSWORD}
    answer = client.post("/login", data=fields, headers={"Origin": str(client.base_url).rstrip("/")})
    assert answer.status_code == 200, answer.text[:400]
    return answer.text


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
