"""Take the pictures of the documentation: `make screenshots`.

usage: python docs/images/take.py REPORT.html CHROMIUM

overview.png is the top of the page, cluster.png one story of the samples, pair.png one pair with both of its texts.
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
QUIET = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
QUIET += "--disable-component-update --disable-sync --hide-scrollbars"
#: The story of cluster.png and the articles of pair.png.
STORY = "#stories?q=Ferrin+Sound"
PAIR = "#pair-kelder-post%2Fclosing-time-for-schools.html%7Cvalmora-times%2Fostrel-halves-schools.html"


def take(page: Page, name: str, address: str, height: int, link: str = "") -> None:
    """Write what the page shows at an address, or behind a link there, as a picture."""
    page.set_viewport_size({"width": 1200, "height": height})
    page.evaluate("address => { location.hash = address }", address)
    page.wait_for_function("() => document.documentElement.dataset.shown === location.hash")
    if link:
        page.click(link)
        page.wait_for_function("() => document.documentElement.dataset.shown === location.hash")
    page.screenshot(path=HERE / name)
    print(f"docs/images/{name}: {(HERE / name).stat().st_size:,} bytes")


def main() -> None:
    """Take all pictures."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=sys.argv[2], args=QUIET.split())
        page = browser.new_page(offline=True)
        page.goto(Path(sys.argv[1]).resolve().as_uri())
        page.wait_for_selector("html[data-ready=yes]")
        take(page, "overview.png", "#overview", 1120)
        take(page, "cluster.png", STORY, 1180, link=".list .story a")
        take(page, "pair.png", PAIR, 1000)
        browser.close()


if __name__ == "__main__":
    main()
