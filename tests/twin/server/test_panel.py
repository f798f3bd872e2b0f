"""The panel in a real browser: what it shows, what the keyboard does, wide and narrow, light and dark."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from real_browser import Page, browser_page
from running_twin import RunningTwin, running_twin

NUMBER, STANDBY_NUMBER = "+14155550100", "+14155550101"
PICTURES = os.environ.get("VOICEDR_PICTURES")
"""A folder for what the panel looks like, for a person to look at."""

CONTRAST_MIN = 4.5
"""WCAG 2.2, 1.4.3: level AA for text of ordinary size."""

DIM_TEXT = """
(() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgb(matchMedia("(prefers-color-scheme: dark)").matches ? "black" : "white");
  };
  const dim = [];
  for (const element of document.body.querySelectorAll("*")) {
    const says = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!says || !element.checkVisibility()) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < MINIMUM) dim.push(`${element.tagName} ${element.textContent.trim()}: ${contrast.toFixed(2)}`);
  }
  return dim;
})()
""".replace("MINIMUM", str(CONTRAST_MIN))

UNNAMED = """
[...document.querySelectorAll("input, select, button, a, summary")].filter((e) =>
  !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length)).map((e) => e.outerHTML)
"""


class Application(BaseHTTPRequestHandler):
    """Says hello, with markup that a careless page would run."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = b"<Response><Say>Hello <!-- <img src=x onerror=\"document.title='run'\"> --></Say></Response>"
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test looks at the panel."""


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTwin]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Application)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/voice?shop_token=hush"
    account = {
        "settings": {"propagation_s": [0, 0], "words_per_second": 100, "setup_s": 0.01},
        "numbers": [
            {"e164": NUMBER, "route": "us1", "voice": {"us1": {"voice_url": url}, "ie1": {"voice_url": url}}},
            {"e164": STANDBY_NUMBER, "route": "ie1", "voice": {"ie1": {"voice_url": url}}},
            {"e164": "+14155550102"},
        ],
    }
    file = tmp_path_factory.mktemp("panel") / "account.json"
    file.write_text(json.dumps(account))
    with running_twin("--account", str(file)) as running:
        yield running
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_a_person_does_with_it(twin: RunningTwin) -> None:
    """Calls, webhooks, routes and faults are there within seconds; faults begin and end with the keyboard alone."""

    async def main() -> None:
        async with browser_page() as page:
            await page.open(twin.told["http"] + "/_twin/")
            await page.until("document.querySelectorAll('#settings-fields input').length > 5")
            await _calls_and_webhooks(page, twin)
            await _break_and_heal(page, twin)
            await _settings(page, twin)
            await _busy(page, twin)
            for pixels, dark in ((1200, False), (360, False), (1200, True), (360, True)):
                await page.width(pixels, dark=dark)
                assert await page.value("document.documentElement.scrollWidth") <= pixels
                assert await page.value(DIM_TEXT) == []
                if PICTURES:
                    await page.value("scrollTo(0, 0)")
                    _keep(f"panel-{pixels}-{'dark' if dark else 'light'}.png", await page.picture())
            assert await page.value(UNNAMED) == []
            assert await page.value("document.title") == "The twin"
            twin.stop()
            await page.until("document.querySelector('#said').textContent.startsWith('The twin does not answer')")

    asyncio.run(main())


def _keep(name: str, picture: bytes) -> None:
    Path(PICTURES or ".", name).write_bytes(picture)


async def _calls_and_webhooks(page: Page, twin: RunningTwin) -> None:
    assert twin.control("POST", "/_twin/calls?wait=1", {"from": "+16465550123", "to": NUMBER})["outcome"] == "served"
    await page.until("document.querySelector('[data-region=us1]').innerText.includes('served, last minute')")
    text = await page.value("document.querySelector('#regions').innerText.replace(/\\s+/g, ' ')")
    assert "routes: numbers 2" in text.partition("ie1")[0]
    assert "routes: numbers 1" in text.partition("ie1")[2].partition("au1")[0]
    assert "never set, and so are us1: 1." in await page.value("document.querySelector('#routes-note').textContent")
    await page.until("document.querySelectorAll('#webhooks details').length >= 1")
    await page.value("document.querySelector('#webhooks summary').focus()")
    await page.enter()
    webhook = await page.value("document.querySelector('#webhooks details[open]').innerText")
    for part in ("us1 by ", "200", "CallSid", NUMBER, "<Response><Say>Hello", "onerror"):
        assert part in webhook
    for part in ("hush", "Signature", "Authorization"):
        assert part not in webhook
    await page.value("document.querySelector('#ring [name=to]').focus()")
    await page.command("Input.insertText", text=STANDBY_NUMBER)
    await page.enter()
    await page.until("document.querySelector('#calls').innerText.includes('" + STANDBY_NUMBER + "')")
    await page.until("document.querySelector('[data-region=ie1]').innerText.includes('served, last minute')")
    assert await page.value("document.querySelector('#webhooks details').open") is False
    assert await page.value("document.querySelectorAll('#webhooks details[open]').length") == 1


async def _break_and_heal(page: Page, twin: RunningTwin) -> None:
    await page.value("document.querySelector('#fault-parameters [name=region]').focus()")
    await page.press("u", 85, "u")
    await page.value("document.querySelector('#break [type=submit]').focus()")
    await page.enter()
    await page.until("document.querySelector('#faults').innerText.includes('region-down')")
    assert await page.value("document.querySelector('#said').textContent") == "region-down is broken now."
    assert await page.value("document.querySelector('#said').getAttribute('aria-live')") == "polite"
    (fault,) = twin.control("GET", "/_twin/faults")["faults"]
    assert (fault["fault"], fault["params"]["region"]) == ("region-down", "us1")
    await page.until("document.querySelector('[data-region=us1]').innerText.includes('down:')")
    await page.value("document.querySelector('#faults button').focus()")
    await asyncio.sleep(1.2)
    assert await page.value("document.activeElement.textContent") == "Heal", "drawing again must leave the focus alone"
    await page.enter()
    await page.until("document.querySelector('#said').textContent === 'region-down healed.'")
    assert twin.control("GET", "/_twin/faults") == {"faults": []}
    assert await page.value("document.activeElement.id") == "faults-title"


async def _settings(page: Page, twin: RunningTwin) -> None:
    await page.value("document.querySelector('#settings [name=propagation_s]').select()")
    await page.command("Input.insertText", text="[3, 4]")
    await page.enter()
    await page.until("document.querySelector('#said').textContent === 'Changed: propagation_s.'")
    assert twin.control("GET", "/_twin/settings")["propagation_s"] == [3, 4]
    assert page.complaints == []
    await page.value("document.querySelector('#settings [name=propagation_s]').select()")
    await page.command("Input.insertText", text='"soon"')
    await page.enter()
    await page.until("document.querySelector('#said').classList.contains('bad')")
    assert "propagation_s" in await page.value("document.querySelector('#said').textContent")


async def _busy(page: Page, twin: RunningTwin) -> None:
    """Everything on it that is only there when something goes on."""
    await page.value("document.querySelector('#load button').click()")
    await page.until("document.querySelector('#loads').innerText.includes('calls a second arrive')")
    for fault in ({"fault": "region-down", "region": "ie1"}, {"fault": "webhook-unreachable", "region": "us1"}):
        twin.control("POST", "/_twin/faults", fault)
    await page.until("document.querySelectorAll('#faults li').length == 2")
    await page.until("document.querySelector('#webhooks .bad') !== null")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/_twin/", {}, 200),
        ("GET", "/_twin/", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ("GET", "/_twin/client", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403),
        ("GET", "/_twin/client", {"Sec-Fetch-Site": "same-site"}, 403),
        ("GET", "/_twin/client", {"Host": "rebound.example:8740"}, 403),
        ("GET", "/_twin/client", {"Sec-Fetch-Site": "same-origin"}, 200),
        ("DELETE", "/_twin/faults", {"Origin": "https://evil.example"}, 403),
        ("DELETE", "/_twin/faults", {"Origin": "null"}, 403),
        ("DELETE", "/_twin/faults", {"Origin": "http://127.0.0.1:1"}, 403),
        ("DELETE", "/_twin/faults", {"Origin": "HERE"}, 204),
        ("DELETE", "/_twin/faults", {}, 204),
    ],
)
def test_other_sites_may_not_ask(
    own_twin: RunningTwin, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    """Its own pages and programs may ask; a page from elsewhere, or a name made to lead here, gets nothing."""
    here = own_twin.told["http"]
    sent = {name: here if value == "HERE" else value for name, value in headers.items()}
    assert _status(urllib.request.Request(here + path, method=method, headers=sent)) == status


def test_it_loads_nothing_from_elsewhere(own_twin: RunningTwin) -> None:
    """The page's policy forbids every source but itself, and the page names none."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(own_twin.told["http"] + "/") as answer:
        assert answer.geturl() == own_twin.told["http"] + "/_twin/"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        page = answer.read().decode()
    assert "http://" not in page
    assert "https://" not in page


@pytest.fixture(scope="module")
def own_twin() -> Iterator[RunningTwin]:
    with running_twin() as running:
        yield running


def _status(request: urllib.request.Request) -> int:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as exc:
        return exc.code
