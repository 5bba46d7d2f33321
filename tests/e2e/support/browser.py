"""Debian's Chromium without a window, as somebody who reads labels and uses them."""

import json
from pathlib import Path
from typing import Any

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
)
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from support.waiting import until

CHROMIUM = Path("/usr/bin/chromium")
DRIVER = Path("/usr/bin/chromedriver")


class Browser:
    """One tab. Elements are found by what people are told they are: names of buttons and links,
    labels of fields."""

    def __init__(self, url: str) -> None:
        options = ChromeOptions()
        options.binary_location = str(CHROMIUM)
        # Tests may run as root, where the sandbox does not; the pages are our own.
        for each in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                     "--disable-extensions", "--no-first-run"):
            options.add_argument(each)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.url = url
        self.driver = Chrome(options=options, service=Service(str(DRIVER)))
        self.look(1440, 900)

    def close(self) -> None:
        self.driver.quit()

    def look(self, width: int, height: int, scheme: str = "light") -> None:
        """The size of the window, and whether dark colours are wanted."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, path: str) -> None:
        self.driver.get(self.url + path)

    def go(self, place: str) -> None:
        """To a view of the page that is open."""
        self.driver.execute_script("location.hash = arguments[0]", place)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str, text: str = "", within: float = 20) -> WebElement:
        """The first that is seen, with that text in it; waits for it."""
        def found() -> WebElement | None:
            return next((each for each in self.all(selector)
                         if each.is_displayed() and text in each.text), None)
        return until(lambda: steady(found), within, f"{selector} with '{text}' in\n{self.text()}")

    def press(self, name: str, selector: str = "button, a, summary") -> None:
        """Clicks what is called so."""
        def clicked() -> bool:
            for each in self.all(selector):
                if each.is_displayed() and name in (each.text, each.get_attribute("aria-label")):
                    each.click()
                    return True
            return False
        until(lambda: steady(clicked), 20, f"something called '{name}' in\n{self.text()}")

    def write(self, label: str, text: str) -> None:
        """Into the field with that label, in the place of what is there."""
        field = self.field(label)
        field.clear()
        field.send_keys(text)

    def field(self, label: str) -> WebElement:
        def found() -> WebElement | None:
            for each in self.all("label"):
                if each.is_displayed() and each.text == label:
                    return self.driver.find_element(By.ID, str(each.get_attribute("for")))
            return None
        return until(lambda: steady(found), 20, f"a field '{label}' in\n{self.text()}")

    def sign_in(self, email: str, password: str) -> None:
        """By the keyboard alone."""
        self.open("/admin/ui")
        self.write("E-mail", email)
        self.field("Password").send_keys(password, Keys.ENTER)
        self.one("nav a")

    def text(self) -> str:
        """All that is to be read now."""
        found: str = self.driver.execute_script("return document.body.innerText")
        return found

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def complaints(self) -> list[str]:
        """What the browser itself has found wrong since the last call, but for answers that the
        page is told about."""
        return [json.dumps(each) for each in self.driver.get_log("browser")
                if each["level"] == "SEVERE" and each["source"] != "network"]

    def save(self, file: Path) -> None:
        self.driver.save_screenshot(str(file))


def steady(look: Any) -> Any:
    """What it finds; nothing when the page was made anew meanwhile."""
    try:
        return look()
    except (ElementClickInterceptedException, ElementNotInteractableException,
            StaleElementReferenceException):
        return None
