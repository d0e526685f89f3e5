"""Takes the pictures of the README: the first screen of an example report, in both languages.

It needs playwright and a Chromium: `python tools/report_pictures.py`.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tenken.results.bundle.made import HTML
from tenken.results.bundle.write import make_files
from tenken.results.report.shown import Presentation

ROOT = Path(__file__).resolve().parents[1]
WIDTH, HEIGHT = 1000, 860


def main() -> None:
    """Make the report of a bundle of the tests, and take a picture of its top."""
    bundle = sorted((ROOT / "tests" / "data" / "bundles").iterdir())[0]
    with tempfile.TemporaryDirectory() as place, sync_playwright() as browsers:
        browser = browsers.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for language in ("en", "ja"):
            path = Path(place) / f"{language}.html"
            path.write_bytes(make_files(bundle, Presentation(language)).files[HTML])
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.goto(path.as_uri())
            page.screenshot(path=ROOT / "docs" / "images" / f"report.{language}.png")
        browser.close()


if __name__ == "__main__":
    main()
