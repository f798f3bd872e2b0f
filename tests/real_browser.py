"""Debian's Chromium, steered by its DevTools protocol (https://chromedevtools.github.io/devtools-protocol/)."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
START_S_MAX = 60.0
WAIT_S_MAX = 30.0
INSTALL_S_MAX = 240.0


def browser_program() -> str:
    """A Chromium of this machine, installed if that is possible here; the test is skipped if there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        with Path(tempfile.gettempdir(), "voicedr-tests-chromium.lock").open("w") as lock:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
            for words in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", "chromium")):
                subprocess.run(["apt-get", *words], capture_output=True, timeout=INSTALL_S_MAX, check=False)
        found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("the panel is tried in Chromium, and there is none on this machine: install chromium")
    return found


class Page:
    """One page of a browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0
        self.complaints: list[str] = []

    async def command(self, method: str, **params: Any) -> Any:
        """Say something to the browser, and give its answer."""
        self._asked += 1
        wanted = self._asked
        await self._socket.send_json({"id": wanted, "method": method, "params": params})
        while True:
            said = json.loads((await self._socket.receive(timeout=WAIT_S_MAX)).data)
            if said.get("id") == wanted:
                assert "error" not in said, said["error"]
                return said["result"]
            self._keep(said)

    async def value(self, script: str) -> Any:
        """What an expression is in the page."""
        got = await self.command("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in got, got["exceptionDetails"]
        return got["result"].get("value")

    async def until(self, script: str) -> Any:
        """Wait until an expression is true in the page."""
        deadline = time.monotonic() + WAIT_S_MAX
        while time.monotonic() < deadline:
            if found := await self.value(script):
                return found
            await asyncio.sleep(0.05)
        seen = await self.value("document.body.innerText")
        raise AssertionError(f"not true within {WAIT_S_MAX:g} s: {script}\n{seen}")

    async def open(self, address: str) -> None:
        """Go to an address."""
        await self.command("Page.navigate", url=address)

    async def press(self, key: str, code: int, text: str = "") -> None:
        """Press and release a key."""
        pressed = {"key": key, "code": key, "windowsVirtualKeyCode": code, **({"text": text} if text else {})}
        await self.command("Input.dispatchKeyEvent", type="keyDown", **pressed)
        await self.command("Input.dispatchKeyEvent", type="keyUp", **pressed)

    async def enter(self) -> None:
        """The Enter key."""
        await self.press("Enter", 13, "\r")

    async def tab(self) -> None:
        """The Tab key."""
        await self.press("Tab", 9)

    async def width(self, pixels: int, *, dark: bool = False) -> None:
        """The size of the window, and what the person prefers."""
        await self.command(
            "Emulation.setDeviceMetricsOverride", width=pixels, height=800, deviceScaleFactor=1, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.command("Emulation.setEmulatedMedia", features=[scheme])

    async def picture(self) -> bytes:
        """The whole page as PNG."""
        got = await self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(got["data"])

    def _keep(self, said: dict[str, Any]) -> None:
        if said.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(said["params"]))
        if said.get("method") == "Log.entryAdded" and said["params"]["entry"]["level"] == "error":
            self.complaints.append(said["params"]["entry"]["text"])


@asynccontextmanager
async def browser_page(*flags: str) -> AsyncIterator[Page]:
    """A page of a browser of its own, started with these flags too."""
    program = browser_program()
    with tempfile.TemporaryDirectory(prefix="voicedr-browser-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            program,
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--no-proxy-server",
            "--remote-debugging-port=0", f"--user-data-dir={profile}", *flags, "about:blank",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            port = await _port(Path(profile) / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                    targets = await answer.json(content_type=None)
                address = next(one["webSocketDebuggerUrl"] for one in targets if one["type"] == "page")
                async with session.ws_connect(address, max_msg_size=64 * 1024 * 1024) as socket:
                    page = Page(socket)
                    for domain in ("Page", "Runtime", "Log"):
                        await page.command(f"{domain}.enable")
                    yield page
        finally:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _port(file: Path) -> int:
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        text = _text(file)
        if "\n" in text:
            return int(text.splitlines()[0])
        await asyncio.sleep(0.05)
    raise AssertionError(f"the browser did not start within {START_S_MAX:g} s")


def _text(file: Path) -> str:
    return file.read_text() if file.exists() else ""
