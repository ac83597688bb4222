"""Accounts in a real browser: what each role is offered, the second person, and how a login ends."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import account_server
from tests.browser.account_server import (
    LIMIT_MS,
    PASSWORD,
    Seats,
    add_accounts,
    is_live,
    open_drawer,
    say,
    shows_nothing,
    tongzhou,
)
from tests.browser.conftest import Served, serve
from tests.console.nginx_site import two_consoles

pytestmark = pytest.mark.browser

ACCOUNTS = (
    ("chief", "admin"),
    ("wall", "viewer"),
    ("zhao", "dispatcher"),
    ("qian", "supervisor"),
    ("clumsy", "viewer"),
    ("moving", "dispatcher"),
    ("leaving", "dispatcher"),
    ("gone", "dispatcher"),
    ("resting", "viewer"),
)
SPREAD_TRIES = 6
ENDED = re.compile("This login has ended")
# What writes into the journal or has the world do something.
ORDERS = {
    *("accept", "plan", "reject", "undo", "approve", "refuse-approval", "report", "ack-alarm", "status"),
    *("incident-status", "forbid", "allow", "clock-speed", "scenario-run"),
}
PRESSABLE = "[data-act]:not([disabled])"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("accounts")


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[Served]:
    add_accounts(home, str(home / "store"), ACCOUNTS)
    script = (str(Path(account_server.__file__)),)
    served = serve(home, "--scenario", "quiet-night", "--store", str(home / "store"), program=script)
    yield served
    served.stop()


@pytest.fixture(scope="module")
def seats(browser: Browser, served: Served) -> Iterator[Seats]:
    seats = Seats(browser, served.address)
    yield seats
    seats.close()


@pytest.fixture
def account(home: Path, served: Served) -> Callable[..., None]:
    """Return the command that changes accounts while the console runs."""
    return lambda *words, typed="": tongzhou(home, "user", *words, "--store", str(home / "store"), typed=typed)


def offered(page: Page) -> set[str]:
    """Return the acts that can be pressed on the screen."""
    found = page.locator(PRESSABLE).evaluate_all("(all) => all.map((one) => one.dataset.act)")
    return set(found) & ORDERS


def rows(page: Page) -> int:
    return page.locator("tz-view#queue [data-act=select-incident]").count()


def toast(page: Page, words: str) -> None:
    expect(page.locator("#toast")).to_contain_text(re.compile(words), timeout=LIMIT_MS)


def pick(page: Page, place: str) -> None:
    row = page.locator("tz-view#queue [data-act=select-incident]", has_text=re.compile(place))
    row.click()
    expect(row).to_have_attribute("aria-pressed", "true", timeout=LIMIT_MS)


def report(page: Page, place: str, words: str) -> None:
    before = rows(page)
    say(page, f"/new armed-affray {place} {words}")
    expect(page.locator("tz-view#queue [data-act=select-incident]")).to_have_count(before + 1, timeout=LIMIT_MS)


def planned(page: Page) -> None:
    page.locator("tz-view#plan [data-act=plan]").first.click()
    expect(page.locator("tz-view#plan [data-act=accept]").first).to_be_enabled(timeout=LIMIT_MS)


def change_password(page: Page) -> None:
    """Fill the form of another password in and send it."""
    fresh = "quite another long word"
    for name, typed in (("old", PASSWORD), ("fresh", fresh), ("again", fresh)):
        page.fill(f"input[name={name}]", typed)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The password is changed", timeout=LIMIT_MS)


def console_of(page: Page) -> str:
    """Return the console that serves a page, as its drawer of seats names it."""
    open_drawer(page, "seats")
    own = page.locator("tz-view#drawer .seat-on", has_text="this seat")
    expect(own).to_be_visible(timeout=LIMIT_MS)
    found = re.search(r"console-\d+", own.inner_text())
    assert found, own.inner_text()
    return found[0]


def test_a_viewer_looks_and_every_button_says_why_it_may_not(seats: Seats) -> None:
    viewer, duty = seats.of("wall"), seats.of("zhao")
    before = rows(viewer)
    assert offered(duty) >= {"plan", "incident-status"}, "the same screen with its buttons, at who may"
    assert offered(viewer) == set()
    plan = viewer.locator("tz-view#plan [data-act=plan]").first
    expect(plan).to_be_disabled()
    expect(plan).to_have_attribute("title", re.compile("viewer may not ask for plans"))
    viewer.keyboard.press("p")
    say(viewer, "/new armed-affray Miaozihu nobody asked for this")
    toast(viewer, "viewer may not enter incidents")
    viewer.evaluate("() => window.tongzhou.send({act: 'clock-speed', value: '0'})")
    toast(viewer, "viewer may not set the clock")
    incident = viewer.locator("tz-view#queue [data-act=select-incident]").first.get_attribute("data-id")
    viewer.evaluate("(id) => window.tongzhou.send({act: 'plan', id})", incident)
    toast(viewer, "viewer may not ask for plans")
    expect(viewer.locator("tz-view#plan [data-act=accept]")).to_have_count(0)
    say(duty, "/log what stands after it")
    open_drawer(duty, "log")
    expect(duty.locator("tz-view#drawer .logline", has_text="what stands after it")).to_be_visible(timeout=LIMIT_MS)
    assert rows(viewer) == rows(duty) == before, "nothing of it was done"


def test_a_dispatcher_reports_plans_and_accepts(seats: Seats) -> None:
    page, wall = seats.of("zhao"), seats.of("wall")
    report(page, "Dongji", "two boats")
    pick(page, "Miaozihu|Dongji")
    planned(page)
    page.keyboard.press("Enter")
    toast(page, r"Plan accepted, \d+ orders issued")
    expect(page.locator("tz-view#plan")).to_contain_text(re.compile("accepted"), timeout=LIMIT_MS)
    assert "clock-speed" not in offered(page), "the clock of a drill is the supervisor's"
    expect(wall.locator("tz-view#queue")).to_contain_text(re.compile("two boats|Miaozihu|Dongji"), timeout=LIMIT_MS)


def test_a_supervisor_has_the_clock_and_an_admin_the_accounts(seats: Seats) -> None:
    supervisor, admin = seats.of("qian"), seats.log_in("chief")
    assert "clock-speed" in offered(supervisor)
    assert offered(admin) == set(), "who makes accounts gives no orders"
    open_drawer(supervisor, "account")
    expect(supervisor.locator("tz-view#drawer [href='/password']")).to_be_visible(timeout=LIMIT_MS)
    expect(supervisor.locator("tz-view#drawer [href='/accounts']")).to_have_count(0)
    tab = supervisor.context.new_page()
    tab.goto(f"{seats.origin}/accounts")
    expect(tab.locator("body")).to_contain_text("No such page")
    tab.close()
    open_drawer(admin, "account")
    admin.locator("tz-view#drawer [href='/accounts']").click()
    for name, role in ACCOUNTS:
        expect(admin.locator("tr", has_text=name)).to_contain_text(role)


def test_five_wrong_passwords_lock_an_account_and_the_form_says_so(
    seats: Seats, account: Callable[..., None], artefacts: Path
) -> None:
    page = seats.browse("zh", "light")
    for attempt in range(5):
        seats.type_login(page, "clumsy", f"not the password {attempt}")
        expect(page.get_by_role("alert")).to_be_visible(timeout=LIMIT_MS)
        page.goto(f"{seats.origin}/login")
    seats.type_login(page, "clumsy")
    told = page.get_by_role("alert")
    expect(told).to_contain_text("连续输错 5 次，账号锁定 15 分钟", timeout=LIMIT_MS)
    expect(told).to_contain_text("After 5 wrong passwords in a row an account is locked for 15 minutes")
    expect(page.locator("body")).to_contain_text("账号被锁？请找管理员")
    page.screenshot(path=artefacts / "accounts-locked-zh-light.png")
    account("enable", "clumsy")
    page.route("**/static/**", lambda route: route.abort())  # that it is let in is enough
    seats.type_login(page, "clumsy")
    expect(page.locator("tz-view#queue")).to_be_attached(timeout=LIMIT_MS)
    page.context.close()


def test_a_changed_password_ends_the_login_elsewhere(seats: Seats, artefacts: Path) -> None:
    here, elsewhere = seats.log_in("moving"), seats.log_in("moving")
    open_drawer(here, "account")
    page_of_form = here.locator("tz-view#drawer [href='/password']")
    expect(page_of_form).to_be_visible(timeout=LIMIT_MS)
    here.screenshot(path=artefacts / "accounts-drawer-en-dark.png")
    page_of_form.click()
    change_password(here)
    expect(elsewhere.locator("body")).to_contain_text(ENDED, timeout=LIMIT_MS)
    assert shows_nothing(elsewhere)
    expect(here.get_by_role("link", name="Back to the console")).to_be_visible()
    assert here.context.request.get(seats.origin).status == 200, "where it was changed the login goes on"
    seats.type_login(elsewhere, "moving")
    expect(elsewhere.get_by_role("alert")).to_be_visible(timeout=LIMIT_MS)
    here.context.close()
    elsewhere.context.close()


def test_after_logging_out_the_way_back_shows_nothing(seats: Seats) -> None:
    page = seats.log_in("leaving")
    second = page.context.new_page()
    second.goto(seats.origin)
    is_live(second)
    open_drawer(page, "account")
    page.locator("tz-view#drawer [data-key=leave-form] button").click()
    expect(page.locator("body")).to_contain_text("You have left", timeout=LIMIT_MS)
    expect(second.locator("body")).to_contain_text(re.compile("Not logged in|This login has ended"), timeout=LIMIT_MS)
    assert shows_nothing(second)
    page.go_back()
    expect(page.locator("body")).to_contain_text("Not logged in", timeout=LIMIT_MS)
    assert shows_nothing(page)
    page.context.close()


def test_an_account_disabled_while_it_looks_is_told_and_its_presses_do_nothing(
    seats: Seats, account: Callable[..., None], artefacts: Path
) -> None:
    page, other = seats.log_in("gone"), seats.of("qian")
    say(page, "/log pressed before")
    for asked in ("symbols.js", "api/health"):
        page.route(f"**/{asked}*", lambda route: route.abort())  # so slow a network that the page stays for a while
    account("disable", "gone")
    expect(page.locator("#stale")).to_be_visible(timeout=LIMIT_MS)
    say(page, "/log pressed after")
    page.keyboard.press("p")
    page.unroute_all()
    expect(page.locator("body")).to_contain_text(ENDED, timeout=LIMIT_MS)
    expect(page.locator("body")).to_contain_text("Nothing pressed after that was done")
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    assert shows_nothing(page)
    page.screenshot(path=artefacts / "accounts-ended-en-dark.png")
    open_drawer(other, "log")
    expect(other.locator("tz-view#drawer .logline", has_text="pressed before")).to_be_visible(timeout=LIMIT_MS)
    expect(other.locator("tz-view#drawer .logline", has_text="pressed after")).to_have_count(0)
    seats.type_login(page, "gone")
    expect(page.get_by_role("alert")).to_contain_text("cannot log in just now", timeout=LIMIT_MS)
    page.context.close()


def test_what_is_marked_irreversible_waits_for_another_account(seats: Seats, artefacts: Path) -> None:
    asking, second = seats.of("zhao"), seats.of("qian")
    report(asking, "Gouqi", "to be held by two")
    pick(asking, "Gouqi")
    planned(asking)
    asking.locator("tz-view#plan [data-act=accept][data-irreversible=true]").click()
    toast(asking, "A second person is asked; no order goes out before")
    own = asking.locator("tz-view#plan [data-act=approve]")
    expect(own).to_be_disabled(timeout=LIMIT_MS)
    expect(own).to_have_attribute("title", re.compile("somebody else must approve"))
    approval = own.get_attribute("data-id")

    # The same account at another seat is the same person, and a press made by hand does no more than a button.
    again = asking.context.new_page()
    again.goto(seats.origin)
    is_live(again)
    pick(again, "Gouqi")
    expect(again.locator("tz-view#plan [data-act=approve]")).to_be_disabled(timeout=LIMIT_MS)
    again.keyboard.press("v")
    again.evaluate("(id) => window.tongzhou.send({act: 'approve', id})", approval)
    toast(again, "zhao asked for this: somebody else must approve it")
    again.close()

    waiting = second.locator("tz-view#alarms .approval", has_text="zhao asks for")
    expect(waiting).to_be_visible(timeout=LIMIT_MS)
    pick(second, "Gouqi")
    expect(second.locator("tz-view#plan [data-act=approve]")).to_be_enabled(timeout=LIMIT_MS)
    second.screenshot(path=artefacts / "accounts-second-person-en-dark.png")
    second.keyboard.press("v")
    toast(second, r"Approved, \d+ orders issued; they cannot be undone")
    expect(waiting).to_have_count(0, timeout=LIMIT_MS)
    expect(asking.locator("tz-view#plan")).to_contain_text(re.compile("accepted"), timeout=LIMIT_MS)
    assert not offered(asking) & {"undo", "approve"}


def test_a_seat_left_alone_is_logged_out_though_its_page_goes_on_beating(
    seats: Seats, served: Served, artefacts: Path
) -> None:
    alone, busy = seats.log_in("resting", "zh"), seats.of("qian")
    theme = busy.locator("html").get_attribute("data-theme") or ""
    busy.keyboard.press("t")
    expect(busy.locator("html")).not_to_have_attribute("data-theme", theme, timeout=LIMIT_MS)  # the press was heard
    served.process.send_signal(signal.SIGUSR2)
    try:
        deadline_s = time.monotonic() + LIMIT_MS / 1000
        while not shows_nothing(alone) and time.monotonic() < deadline_s:
            busy.keyboard.press("t")
            busy.wait_for_timeout(1000)
        expect(alone.locator("body")).to_contain_text("登录已结束", timeout=LIMIT_MS)
        expect(alone.locator("body")).to_contain_text("长时间无操作")
        assert not shows_nothing(busy), "here a person was pressing"
    finally:
        served.process.send_signal(signal.SIGUSR2)
    alone.screenshot(path=artefacts / "accounts-idle-zh.png")


@pytest.mark.postgis
def test_over_tls_behind_nginx_a_seat_lives_and_ends_from_the_other_console(
    browser: Browser, tmp_path: Path, artefacts: Path
) -> None:
    with two_consoles(tmp_path) as site:
        seats = Seats(browser, site.origin)
        try:
            page = seats.log_in("duty")
            cookie = next(one for one in page.context.cookies() if one["name"].startswith("__Host-"))
            assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")
            assert page.evaluate("document.cookie") == ""
            assert page.evaluate("isSecureContext")
            say(page, "/log over TLS")
            open_drawer(page, "log")
            expect(page.locator("tz-view#drawer .logline", has_text="over TLS")).to_be_visible(timeout=LIMIT_MS)
            page.screenshot(path=artefacts / "accounts-tls-en-dark.png")

            at = console_of(page)
            for _ in range(SPREAD_TRIES):
                other = seats.log_in("duty")
                if console_of(other) != at:
                    break
                other.context.close()
            else:
                pytest.fail("nginx spreads seats over both consoles")
            other.goto(f"{site.origin}/password")
            change_password(other)
            expect(page.locator("body")).to_contain_text(ENDED, timeout=LIMIT_MS)
            assert shows_nothing(page)
        finally:
            seats.close()
