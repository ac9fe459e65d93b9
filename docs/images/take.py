"""Take the pictures of the documentation: `make screenshots`.

usage: python docs/images/take.py REPORT.html TITLE CHROMIUM

report.png is the top of the page; evidence.png is the first story whose title matches the
pattern TITLE, with its first pair open.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
WIDTH = 1200
ONLY = "<style>body > :not(main), main > :not(#stories), #stories > :not(#{story}) {{ display: none }}</style>"


def take(page: Path, picture: Path, height: int, chromium: str) -> None:
    """Write the top of a page as a picture."""
    with tempfile.TemporaryDirectory() as profile:
        quiet = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        quiet += "--disable-component-update --disable-sync --hide-scrollbars"
        options = [f"--user-data-dir={profile}", f"--window-size={WIDTH},{height}", f"--screenshot={picture}"]
        subprocess.run(
            [chromium, *quiet.split(), *options, page.resolve().as_uri()], check=True, capture_output=True, timeout=120
        )
    print(f"{picture.relative_to(HERE.parent.parent)}: {picture.stat().st_size:,} bytes")


def only_story(markup: str, title: str) -> str:
    """The page with one story alone, its first pair open."""
    found = re.search(rf'<article class="card" id="([^"]+)">(?:(?!<h3).)*<h3[^>]*>[^<]*(?:{title})', markup, re.S)
    if found is None:
        sys.exit(f"no title of a story in the report matches {title!r}")
    head, rest = markup[: found.end()], markup[found.end() :]
    opened = head + rest.replace('<details class="pair">', '<details class="pair" open>', 1)
    return opened.replace("</head>", ONLY.format(story=found[1]) + "</head>", 1)


def main() -> None:
    """Take both pictures."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    report, title, chromium = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    take(report, HERE / "report.png", 1000, chromium)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "story.html"
        page.write_text(only_story(report.read_text("utf-8"), title), "utf-8")
        take(page, HERE / "evidence.png", 1150, chromium)


if __name__ == "__main__":
    main()
