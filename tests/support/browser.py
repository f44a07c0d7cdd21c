# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium that shows a page from a file, and what it made of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_DRIVER = "chromedriver"
# As root in a container there is no sandbox, and /dev/shm may be small.
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
)
_HEIGHT = 1000


class Browser:
    """One page at a time."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self._driver = driver

    def open(self, page: Path, width: int, *, dark: bool = False, media: str = "screen") -> None:
        """Shows a page in a window of `width` pixels; messages from before are forgotten."""
        self.console()
        self.requests()
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        size = {"width": width, "height": _HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        self._command("Emulation.setDeviceMetricsOverride", size)
        self._command("Emulation.setEmulatedMedia", {"media": media, "features": [scheme]})
        self._driver.get(page.as_uri())

    def run(self, script: str) -> Any:
        """What a script returns that runs in the page."""
        return self._driver.execute_script(script)  # type: ignore[no-untyped-call]

    def console(self) -> list[str]:
        """Messages in the page's console since it was opened."""
        return [entry["message"] for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """The addresses that were asked for since the page was opened."""
        events = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        sent = [event for event in events if event["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    def accessible(self) -> list[tuple[str, str]]:
        """Role and name of each node of the accessibility tree."""
        nodes = self._command("Accessibility.getFullAXTree", {})["nodes"]
        return [
            (node.get("role", {}).get("value", ""), node.get("name", {}).get("value", ""))
            for node in nodes
            if not node.get("ignored")
        ]

    def _log(self, kind: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self._driver.get_log(kind)  # type: ignore[no-untyped-call]
        return entries

    def _command(self, name: str, values: dict[str, Any]) -> dict[str, Any]:
        return self._driver.execute_cdp_cmd(name, values)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Starts a browser, and ends it."""
    program = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    driver = shutil.which(_DRIVER)
    assert program, f"install one of {', '.join(_BROWSERS)}: apt-get install chromium"
    assert driver, f"install {_DRIVER}: apt-get install chromium-driver"
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in _FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield Browser(browser)
    finally:
        browser.quit()
