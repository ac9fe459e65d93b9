"""How long a report page takes to open, and to show what is asked of it, in headless Chromium.

usage: python benchmarks/page.py REPORT.html [CHROMIUM]
"""

import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

QUIET = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
QUIET += "--disable-component-update --disable-sync"
ROUNDS = 3
SHOWN = "() => document.documentElement.dataset.shown === location.hash"


def seconds_to_open(page: Page, address: str) -> float:
    """Until the front is painted, the index is open and the page takes clicks."""
    begun = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("html[data-ready=yes]", timeout=120_000)
    return time.perf_counter() - begun


def seconds_to_show(page: Page, address: str) -> float:
    """From the overview until another view is there."""
    page.evaluate("() => { location.hash = '#overview' }")
    page.wait_for_function(SHOWN)
    begun = time.perf_counter()
    page.evaluate("address => { location.hash = address }", address)
    page.wait_for_function(SHOWN, timeout=120_000)
    return time.perf_counter() - begun


def main() -> None:
    """Print the figures, the best of some rounds."""
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    report = Path(sys.argv[1]).resolve()
    chromium = sys.argv[2] if len(sys.argv) == 3 else shutil.which("chromium")
    print(f"{report.name}: {report.stat().st_size / 1e6:.1f} MB")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET.split())
        page = browser.new_page(offline=True)
        print(f"opened in {min(seconds_to_open(page, report.as_uri()) for _ in range(ROUNDS)):.2f} s")
        story = page.locator("#overview a[href^='#cluster-']").first.get_attribute("href") or "#overview"
        for view in ("#stories", "#stories?q=the", "#pairs", "#pairs?sort=words", "#outlets", story):
            print(f"{view} shown in {min(seconds_to_show(page, view) for _ in range(ROUNDS)):.2f} s")
        browser.close()


if __name__ == "__main__":
    main()
