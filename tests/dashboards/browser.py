"""Chromium on a page of the console, and its figures read back by their data attributes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip
#: The longest a first load may take while other tests use the machine.
PATIENCE_MS = 60_000


@contextmanager
def launched(chromium: str) -> Iterator[Browser]:
    """A browser. One at a time in a process: playwright's loop runs until the block ends, and
    nothing else may run a loop in this thread meanwhile."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser,
    url: str,
    width: int = 1440,
    height: int = 900,
    *,
    drawn: str = "[data-testid=headline]",
) -> Iterator[Page]:
    """A page that has drawn its headline, or what `drawn` selects. Errors of its scripts and
    requests to other machines fail the test."""
    page = browser.new_page(viewport={"width": width, "height": height})
    try:
        page.set_default_timeout(PATIENCE_MS)
        errors: list[str] = []
        foreign: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "request",
            lambda request: (
                foreign.append(request.url)
                if not request.url.startswith(("http://127.0.0.1:", "data:"))
                else None
            ),
        )
        page.goto(url)
        page.wait_for_selector(drawn)
        page.wait_for_selector("[data-testid=live][data-state=live]")
        yield page
        assert errors == []
        assert foreign == []
    finally:
        page.close()


def boxes(page: Page) -> list[dict[str, str]]:
    """The headline's data attributes and visible texts, in order."""
    found: list[dict[str, str]] = page.eval_on_selector_all(
        "[data-testid=headline]",
        """nodes => nodes.map(node => ({
            ...node.dataset,
            text: node.innerText,
            ...Object.fromEntries(["value", "unit", "period", "coverage", "standing"].map(name =>
                [`${name}Text`, node.querySelector(`[data-testid=${name}]`)?.innerText ?? ""])),
        }))""",
    )
    return found


def attributes(page: Page, testid: str) -> list[dict[str, Any]]:
    """data-* of every element with the test id."""
    found: list[dict[str, Any]] = page.eval_on_selector_all(
        f"[data-testid={testid}]", "nodes => nodes.map(node => ({...node.dataset}))"
    )
    return found


def number(text: str) -> float | None:
    """A data attribute as a number; '' is no value."""
    return float(text) if text else None
