"""Logging in through an identity provider: the good path, and every lie it must not believe."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from console.auth import oidc
from console.auth.oidc import Provider
from console.auth.oidc_account import oidc_subject
from console.auth.oidc_settings import OidcSettings, read_oidc_settings
from data.errors import DataFaultsError
from data.text import Text
from tests.console.door_server import Door, served_door
from tests.console.oidc_provider import CLIENT_ID, CLIENT_SECRET, ISSUER, Lie, SmallProvider

SETTINGS = OidcSettings(
    issuer=ISSUER,
    client_id=CLIENT_ID,
    client_secret=CLIENT_SECRET,
    role_claim="groups",
    roles={"chiefs": "supervisor", "watch": "dispatcher"},
    name_claim="preferred_username",
    create_unknown=True,
    scope="openid profile",
    label=Text("统一身份登录", "Single sign-on"),
)
PAGE = '"token":"'


@pytest.fixture
def small() -> SmallProvider:
    return SmallProvider()


@pytest.fixture
def door(small: SmallProvider) -> Iterator[Door]:
    with served_door(None, links=False, provider_at=lambda _: Provider(SETTINGS, small.client())) as served:
        yield served


def begin(door: Door, small: SmallProvider) -> tuple[httpx.Client, dict[str, str]]:
    """Return a browser that was sent to the provider, and what the provider sends it back with."""
    client = httpx.Client(base_url=door.origin, timeout=20)
    door.clients.append(client)
    sent = client.get("/login/provider")
    assert sent.status_code == 303
    assert sent.headers["location"].startswith(f"{ISSUER}/authorize?")
    return client, small.authorize(sent.headers["location"])


def come_in(door: Door, small: SmallProvider) -> tuple[httpx.Client, httpx.Response]:
    client, back = begin(door, small)
    return client, client.get("/login/answer", params=back)


def assert_refused(door: Door, client: httpx.Client, answer: httpx.Response, status: int = 403) -> None:
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert door.cookie_name not in client.cookies
    assert client.get("/").status_code == 401


def test_somebody_the_provider_vouches_for_comes_in(door: Door, small: SmallProvider) -> None:
    client, answer = come_in(door, small)
    assert answer.status_code == 200
    assert PAGE in client.get("/").text
    found = door.logins.accounts.people.find("chen")
    assert found is not None
    assert (found.role, found.password_hash, found.oidc_subject) == ("dispatcher", None, oidc_subject(ISSUER, "u-1"))
    assert ("chen", "login", "chen", False) in door.notes


def test_the_button_is_on_the_login_page(door: Door) -> None:
    text = httpx.get(door.origin + "/login").text
    assert 'href="/login/provider"' in text
    assert "统一身份登录" in text


def test_the_role_follows_the_claim_at_each_login(door: Door, small: SmallProvider) -> None:
    come_in(door, small)
    small.claims["groups"] = ["chiefs"]
    come_in(door, small)
    found = door.logins.accounts.people.find("chen")
    assert found is not None
    assert found.role == "supervisor"


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(lambda claims: claims.update(nonce="another"), id="wrong nonce"),
        pytest.param(lambda claims: claims.pop("nonce"), id="no nonce"),
        pytest.param(lambda claims: claims.update(aud="another-client"), id="wrong aud"),
        pytest.param(lambda claims: claims.update(aud=[CLIENT_ID, "another"]), id="two auds without azp"),
        pytest.param(lambda claims: claims.update(azp="another"), id="wrong azp"),
        pytest.param(lambda claims: claims.update(iss="https://evil.example"), id="wrong iss"),
        pytest.param(lambda claims: claims.update(exp=int(time.time()) - 120), id="expired"),
        pytest.param(lambda claims: claims.pop("exp"), id="never expires"),
        pytest.param(lambda claims: claims.update(iat=int(time.time()) + 600), id="of the future"),
        pytest.param(lambda claims: claims.pop("sub"), id="nobody"),
        pytest.param(lambda claims: claims.update(sub=7), id="a number for a subject"),
    ],
)
def test_claims_that_are_not_right_let_nobody_in(door: Door, small: SmallProvider, lie: Lie) -> None:
    small.lie = lie
    client, answer = come_in(door, small)
    assert_refused(door, client, answer)
    assert any(note[1] == "login_failed" for note in door.notes)


@pytest.mark.parametrize("way", ["signed_with_none", "signed_with_public_key", "signed_by_stranger"])
def test_signatures_that_are_not_the_providers_let_nobody_in(door: Door, small: SmallProvider, way: str) -> None:
    small.sign = getattr(small, way)
    client, answer = come_in(door, small)
    assert_refused(door, client, answer)


def test_an_answer_is_taken_once(door: Door, small: SmallProvider) -> None:
    client, back = begin(door, small)
    browser = dict(client.cookies)
    assert client.get("/login/answer", params=back).status_code == 200
    again = httpx.get(door.origin + "/login/answer", params=back, cookies=browser)
    assert again.status_code == 403
    assert door.cookie_name not in again.cookies


def test_an_answer_of_another_browser_is_refused(door: Door, small: SmallProvider) -> None:
    """Login forgery: somebody is sent an answer that would log them in as another."""
    _, back = begin(door, small)
    victim, _ = begin(door, small)
    assert_refused(door, victim, victim.get("/login/answer", params=back))
    stranger = httpx.Client(base_url=door.origin)
    door.clients.append(stranger)
    _, back = begin(door, small)
    assert_refused(door, stranger, stranger.get("/login/answer", params=back))


def test_a_state_nobody_gave_out_is_refused(door: Door, small: SmallProvider) -> None:
    client, back = begin(door, small)
    assert_refused(door, client, client.get("/login/answer", params={**back, "state": "made-up"}))
    assert_refused(door, client, client.get("/login/answer"))


def test_an_answer_that_comes_too_late_is_refused(
    door: Door, small: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, back = begin(door, small)
    monkeypatch.setattr(oidc, "ANSWER_WITHIN_S", 0.0)
    assert_refused(door, client, client.get("/login/answer", params=back))


def test_the_provider_saying_no_is_told_in_words(door: Door, small: SmallProvider) -> None:
    client, back = begin(door, small)
    answer = client.get("/login/answer", params={"error": "access_denied", "state": back["state"]})
    assert_refused(door, client, answer)
    assert "did not let you in" in answer.text


def test_a_code_of_somebody_else_does_not_fit_the_verifier(door: Door, small: SmallProvider) -> None:
    client, mine = begin(door, small)
    _, theirs = begin(door, small)
    assert_refused(door, client, client.get("/login/answer", params={**mine, "code": theirs["code"]}))


def test_a_provider_that_is_down_is_told_in_words(door: Door, small: SmallProvider) -> None:
    small.is_down = True
    client = httpx.Client(base_url=door.origin)
    door.clients.append(client)
    answer = client.get("/login/provider")
    assert_refused(door, client, answer, 503)
    assert "统一身份系统没有应答" in answer.text
    small.is_down = False
    _, back = begin(door, small)
    small.is_down = True
    client, back = begin(door, small)  # what was found out about it is remembered
    assert_refused(door, client, client.get("/login/answer", params=back))


def test_a_rotated_key_is_fetched_and_forgers_cannot_have_it_fetched_without_end(
    door: Door, small: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_in(door, small)
    small.rotate()
    monkeypatch.setattr(oidc, "KEYS_AT_MOST_EVERY_S", 0.0)
    _, answer = come_in(door, small)
    assert answer.status_code == 200
    assert small.keys_asked == 2
    monkeypatch.setattr(oidc, "KEYS_AT_MOST_EVERY_S", 60.0)
    small.sign = small.signed_by_stranger
    for _ in range(3):
        come_in(door, small)
    assert small.keys_asked == 2


def test_no_role_no_way_in(door: Door, small: SmallProvider) -> None:
    small.claims["groups"] = ["cooks"]
    client, answer = come_in(door, small)
    assert_refused(door, client, answer)
    assert "gives you no role" in answer.text
    assert door.logins.accounts.people.find("chen") is None


def test_an_unknown_person_is_refused_where_none_is_made(small: SmallProvider) -> None:
    settings = msgspec.structs.replace(SETTINGS, create_unknown=False)
    with served_door(None, links=False, provider_at=lambda _: Provider(settings, small.client())) as door:
        client, answer = come_in(door, small)
        assert_refused(door, client, answer)
        subject = oidc_subject(ISSUER, "u-1")
        door.logins.accounts.people.add("linked", "viewer", None, by="x", at_s=1.0, oidc_subject=subject)
        _, answer = come_in(door, small)
        assert answer.status_code == 200
        door.logins.accounts.people.disable("linked", by="x", at_s=1.0)
        client, answer = come_in(door, small)
        assert_refused(door, client, answer)


def test_a_chosen_name_takes_over_no_account(door: Door, small: SmallProvider) -> None:
    """Names can be chosen at many providers: an account is found by its subject alone."""
    door.logins.accounts.people.add("chen", "supervisor", "a hash", by="x", at_s=1.0)
    client, answer = come_in(door, small)
    assert_refused(door, client, answer)


def test_nothing_of_a_request_decides_where_people_are_sent(door: Door, small: SmallProvider) -> None:
    client = httpx.Client(base_url=door.origin)
    door.clients.append(client)
    for path in ("/login/provider?next=https://evil.example", "/login/provider?redirect_uri=https://evil.example"):
        sent = client.get(path, headers={"X-Forwarded-Host": "evil.example", "Referer": "https://evil.example/"})
        assert sent.headers["location"].startswith(f"{ISSUER}/authorize?")
        assert "evil" not in sent.headers["location"]
    back = small.authorize(sent.headers["location"])
    answer = client.get("/login/answer", params={**back, "next": "https://evil.example"})
    assert answer.status_code == 200
    assert "evil" not in answer.text


def test_the_file_of_settings_tells_everything_wrong_at_once(tmp_path: Path) -> None:
    file = tmp_path / "oidc.toml"
    (tmp_path / "secret").write_text("s3cret\n")
    file.write_text(
        'issuer = "https://id.example"\nclient_id = "tongzhou"\nclient_secret_file = "secret"\n'
        'role_claim = "realm.roles"\n[roles]\nchiefs = "supervisor"\n[label]\nzh = "登录"\nen = "Sign on"\n'
    )
    read = read_oidc_settings(file)
    assert (read.client_secret, read.roles, read.create_unknown) == ("s3cret", {"chiefs": "supervisor"}, False)
    file.write_text(
        'issuer = "http://id.example"\nclient_secret_file = "nowhere"\ncreate_unknown = "yes"\ncolour = 1\n'
        'scope = "profile"\n[roles]\nx = "king"\n'
    )
    with pytest.raises(DataFaultsError) as told:
        read_oidc_settings(file)
    for words in ("https://", "client_id", "nowhere", "true or false", "colour", "no role", "openid"):
        assert words in str(told.value)
    file.write_text("= broken")
    with pytest.raises(DataFaultsError, match="is not TOML"):
        read_oidc_settings(file)
