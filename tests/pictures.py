"""Takes the README's two pictures from the running app: `python -m tests.pictures`."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.app import ROOT, App, chromium, open_check_in, sign_in

FOLDER = ROOT / ".readme"
CLINIC = {
    "clinic_name": "Riverside Ketamine Clinic",
    "clinic_phone": "020 7946 0123",
    "clinic_hours": "Monday to Friday, 8 am to 6 pm",
    "emergency_number": "999",
}


def take(folder: Path) -> None:
    """Fill a database with made-up check-ins, start the app on it and take both pictures."""
    app = App(folder, **CLINIC)
    app.make_up_check_ins()
    app.start()
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        phone = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2, is_mobile=True)
        page = phone.new_page()
        open_check_in(page, app)
        page.get_by_role("radio", name="4 to 24 hours").click()
        page.get_by_text("Nausea or vomiting", exact=True).click()
        page.mouse.move(0, 0)
        page.wait_for_timeout(500)
        page.screenshot(path=FOLDER / "check-in.png")
        desk = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
        sign_in(desk, app)
        desk.get_by_role("link", name="Nausea or vomiting").wait_for()
        desk.wait_for_timeout(500)
        desk.screenshot(path=FOLDER / "dashboard.png")
        browser.close()
    app.stop()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        take(Path(temporary))
