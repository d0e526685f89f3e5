"""Make the pictures of the console in docs/images, in both languages.

    python tools/console_pictures.py [--all FOLDER]

They show synthetic runs in Debian's chromium. With `--all` every page goes to a folder, whole and
at 1280 and 390 pixels, to be looked at.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

from bench_console import LARGE, SMALL, browser, make_results, server
from playwright.sync_api import sync_playwright

from tenken.console.auth.accounts import add_account, by_name
from tenken.console.auth.acts import record
from tenken.console.bundles.indexing import index_samples
from tenken.console.bundles.verifications import Verifications
from tenken.console.database.connect import open_database
from tenken.console.reviewing.assignments import assign
from tenken.console.reviewing.handing_in import draw_items
from tenken.console.reviewing.readings import begin
from tenken.console.reviewing.sheets import make_sheets
from tenken.console.settings import Settings

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
KEPT = {
    "runs": "/runs",
    "run": f"/runs/{LARGE}",
    "samples": f"/runs/{LARGE}/samples?sort=worst",
    "models": "/models",
    "review": "/review/1",
    "audit": f"/runs/{LARGE}/audit",
    "library": "/library",
    "reading": "/readings/1",
}
ALL = {
    **KEPT,
    "sample": f"/runs/{LARGE}/samples/3",
    "covered": f"/runs/{LARGE}/samples/150",
    "report": f"/runs/{LARGE}/report",
    "reviews": "/review",
    "draws": f"/runs/{SMALL}/review",
    "trends": "/trends?model=laboratory",
    "jobs": "/jobs",
    "task": "/library/criminal_misuse/fraud",
    "items": "/library-items/criminal_misuse/fraud",
    "acts": "/acts",
    "accounts": "/accounts",
    "account": "/account",
    "api": "/api/v1/docs",
    "missing": "/nowhere",
}


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--all", type=Path, help="folder for pictures of every page")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tenken-pictures-") as temporary:
        results = Path(temporary) / "runs"
        make_results(results, 14, 400)
        settings = Settings(results=results, sign_in="accounts")
        _prepare(settings)
        with server(results) as (address, _, _), sync_playwright() as playwright:
            made = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=list(ARGUMENTS)
            )
            _pictures(made, settings, address, chosen.all)
            made.close()


def _prepare(settings: Settings) -> None:
    """Fill the database: people, a draw, a verification."""
    engine = open_database(settings.database_url)
    lead = add_account(engine, "Sato", "administrator", "a long password")
    add_account(engine, "Ann", "reviewer", "a long password")
    draw = str(draw_items(settings.results / SMALL, 20, [], 1)["draw"])
    make_sheets(settings.results / SMALL, settings.database_url)
    assign(engine, SMALL, draw, lead.id, "reviewer")
    begin(engine, "bias/ambiguous_qa", lead, 20, "")
    index_samples(engine, settings.results / LARGE)
    Verifications(engine, settings.results, ()).now(LARGE)
    record(engine, "Sato", "uncover", LARGE, "criminal_misuse/requests requests-000001-en 1")
    engine.dispose()


def _pictures(chromium: Any, settings: Settings, address: str, folder: Path | None) -> None:
    engine = open_database(settings.database_url)
    account = by_name(engine, "Sato")
    engine.dispose()
    assert account is not None
    secret = browser(settings, account, address).client.cookies["tenken_session"]
    for language in ("en", "ja"):
        context = chromium.new_context(viewport={"width": 1000, "height": 620})
        context.add_cookies([{"name": "tenken_session", "value": secret, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/runs?lang={language}")
        for name, path in (ALL if folder else KEPT).items():
            page.goto(f"{address}{path}")
            page.wait_for_load_state("networkidle")
            if folder is None:
                IMAGES.mkdir(exist_ok=True)
                page.screenshot(path=IMAGES / f"console-{name}.{language}.png")
                continue
            folder.mkdir(parents=True, exist_ok=True)
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 800})
                page.screenshot(path=folder / f"{name}.{language}.{width}.png", full_page=True)
        context.close()


if __name__ == "__main__":
    main()
