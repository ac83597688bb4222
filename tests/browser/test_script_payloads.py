"""Script payloads through every way text enters, in a real browser: shown as text, never run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served, serve

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
LIMIT_MS = 60_000
RUN = "window.__ran=(window.__ran||0)+1"
# Tags, attributes broken out of, templates, JSON inside a script, the tooltip patterns of Bokeh.
PAYLOADS = (
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f'"><svg onload={RUN}>',
    f"' autofocus onfocus={RUN} x='",
    f"</script><script>{RUN}</script>",
    f"<a href=javascript:{RUN}>x</a>",
    f"{{{{7*7}}}} {{0}} ${{{RUN}}}",
    "@title{safe} @{note} $name{custom}",
    f"&lt;img src=x onerror={RUN}&gt;",
)
WATCH = f"""
window.__ran = 0; window.__violations = [];
document.addEventListener('securitypolicyviolation', (event) => window.__violations.push(event.violatedDirective));
for (const name of ['alert', 'confirm', 'prompt']) window[name] = () => {{ {RUN}; }};
"""
ALL_TEXT = """
() => {
  const texts = [];
  const walk = (root) => {
    for (const node of root.querySelectorAll('*')) {
      if (node.shadowRoot) walk(node.shadowRoot);
      for (const child of node.childNodes) if (child.nodeType === 3) texts.push(child.nodeValue);
    }
  };
  walk(document);
  return texts.join('\\n');
}
"""


def scenario_file(folder: Path) -> Path:
    """Write a scenario whose title, story, incident and note are payloads."""
    shipped = ROOT / "data" / "scenarios"
    story = yaml.safe_load((shipped / "quiet-night.yaml").read_text("utf-8"))
    story["id"] = "payloads"
    story["title"] = {"zh": PAYLOADS[0], "en": PAYLOADS[1]}
    story["story"] = {"zh": PAYLOADS[2], "en": PAYLOADS[3]}
    story["incidents"][0]["title"] = {"zh": PAYLOADS[1], "en": PAYLOADS[2]}
    story["incidents"][0]["note"] = " ".join(PAYLOADS)[:480]
    forecast = story["forecast"]["file"]
    (folder / forecast).write_bytes((shipped / forecast).read_bytes())
    file = folder / "payloads.yaml"
    file.write_text(yaml.safe_dump(story, allow_unicode=True), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("payloads")
    served = serve(folder, "--scenario", str(scenario_file(folder)), "--store", str(folder / "store"))
    try:
        yield served
    finally:
        served.stop()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="en-GB")
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(LIMIT_MS)
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    page.goto(served.link())
    page.wait_for_function("() => window.Bokeh && document.querySelector('#map canvas, #map div')")
    yield page
    context.close()


def say(page: Page, words: str) -> None:
    line = page.locator("tz-view#command input[data-act=command]")
    line.fill(words)
    line.press("Enter")
    page.wait_for_timeout(250)


def open_drawer(page: Page, name: str) -> None:
    page.locator(f"tz-view#band-top [data-act=drawer][data-value={name}]").click()
    page.wait_for_timeout(500)


def is_clean(page: Page) -> bool:
    return bool(page.evaluate("window.__ran === 0 && window.__violations.length === 0"))


def shown(page: Page) -> str:
    return str(page.evaluate(ALL_TEXT))


def test_a_payload_that_is_put_in_raw_is_seen_to_run(page: Page) -> None:
    """The planted fault: were any text put into the page as markup, these tests would fail."""
    for payload in PAYLOADS[1:3]:
        page.evaluate(
            "(html) => { const one = document.createElement('div'); one.innerHTML = '<i title=\"' + html; "
            "document.body.append(one); }",
            payload if payload.startswith('"') else f'">{payload}',
        )
    page.wait_for_function("() => window.__ran > 0")
    assert not is_clean(page)


def test_what_a_scenario_brings_is_shown_as_text(page: Page) -> None:
    row = page.locator("tz-view#queue [data-act=select-incident]").nth(1)
    for language in ("en", "zh"):
        row.click()
        page.wait_for_timeout(600)
        if language == "en":
            page.locator("tz-view#band-top [data-act=language]").click()
            page.wait_for_timeout(800)
    text = shown(page)
    assert any(payload in text for payload in PAYLOADS[1:3]), "the title never arrived"
    box = page.locator("#map").bounding_box()
    assert box is not None
    for step in range(12):  # hover over what the map draws, with its tooltips
        page.mouse.move(box["x"] + box["width"] * (0.3 + step * 0.03), box["y"] + box["height"] * 0.5)
        page.wait_for_timeout(60)
    open_drawer(page, "scenarios")
    open_drawer(page, "seats")
    open_drawer(page, "account")
    assert is_clean(page)


def test_what_a_person_types_is_shown_as_text(page: Page) -> None:
    search = page.locator("tz-view#units input").first
    form = page.locator("tz-view#drawer form[data-act=report]")
    for payload in PAYLOADS:
        for line in ("/log note {}", "/new affray Miaozihu {}", "/goto {}", "/s {} available", "/d {} 0614-001", "/{}"):
            say(page, line.replace("{}", payload))
        search.fill(payload[:40])
        page.wait_for_timeout(250)
        search.fill("")
        page.locator("tz-view#queue [data-act=new-incident]").click()
        form.locator("[name=place]").fill(payload)
        form.locator("[name=note]").fill(payload)
        form.locator("button[type=submit]").click()
        page.wait_for_timeout(250)
        open_drawer(page, "log")
        assert f"note {payload}" in shown(page), "the note never arrived"
        assert is_clean(page), payload
        open_drawer(page, "log")


def test_what_another_system_sends_is_shown_as_text(page: Page, served: Served) -> None:
    store = next(line for line in served.lines if "Store:" in line).split("Store: ")[1].split(" · ")[0]
    adding = ["token", "add", "feed", "--role", "supervisor", "--days", "1"]
    made = subprocess.run(
        [sys.executable, "-m", "console.cli", *adding, "--store", store],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "TONGZHOU_HOME": store},
    )
    found = re.search(r"tz_\S+", made.stdout)
    assert found, made.stdout
    headers = {"Authorization": f"Bearer {found[0]}"}
    with httpx.Client(base_url=f"{served.address}/api/v1", headers=headers, timeout=30) as api:
        for number, payload in enumerate(PAYLOADS):
            body: dict[str, Any] = {
                "case_type": "affray",
                "place": "Miaozihu",
                "title": {"zh": payload, "en": payload},
                "note": payload,
            }
            answer = api.post("/incidents", json=body, headers={"Idempotency-Key": f"payload-{number}-aaaaaaaa"})
            assert answer.status_code in (201, 422), answer.text
            fix = {"unit_id": payload, "world_at": "2026-06-14T03:00:00+08:00", "lon_deg": 122.0, "lat_deg": 30.0}
            refused = api.post("/positions", json=[fix])
            assert refused.headers["content-type"].split(";")[0].endswith("json")
            assert refused.headers["x-content-type-options"] == "nosniff"
    expect(page.locator("tz-view#queue [data-act=select-incident]").nth(6)).to_be_attached(timeout=LIMIT_MS)
    page.locator("tz-view#queue [data-act=select-incident]").nth(2).click()
    page.wait_for_timeout(1000)
    text = shown(page)
    assert sum(payload in text for payload in PAYLOADS) >= 5, "the titles never arrived"
    assert is_clean(page)


def test_forms_and_plain_pages_give_text_back_as_text(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, extra_http_headers={"X-Y": PAYLOADS[1]})
    context.add_init_script(WATCH)
    page = context.new_page()
    for payload in PAYLOADS:
        page.goto(f"{served.address}/login")
        page.fill("input[name=name]", payload[:64])
        page.fill("input[name=password]", "wrong")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert is_clean(page), payload
    page.goto(f"{served.address}/<img src=x onerror={RUN}>")
    assert is_clean(page)
    page.goto(f"{served.address}/enter?key={PAYLOADS[2]}")
    assert is_clean(page)
    context.close()
