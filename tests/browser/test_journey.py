"""The main job, as its users do it."""

from playwright.sync_api import expect

from tests.app import open_check_in, sign_in, wait_until_complete


def test_a_check_in_sent_on_a_phone_is_found_in_the_clinicians_table(app, phone, desk):
    open_check_in(phone, app)
    phone.get_by_role("radio", name="4 to 24 hours").click()
    phone.get_by_text("Dizziness or lightheadedness", exact=True).click()
    phone.get_by_text("Headache", exact=True).click()
    phone.get_by_role("button", name="Send to my clinic").click()
    phone.get_by_role("heading", name="Sent").wait_for()
    sign_in(desk, app, "/clinic?dashboard_view=Frequencies&dashboard_origin=Open+link")
    desk.get_by_role("radio", name="4-24 h").click()
    desk.get_by_role("heading", name="4 to 24 hours after").wait_for()
    rows = desk.locator(".st-key-dashboard_table tbody tr")
    expect(rows).to_have_count(15)
    wait_until_complete(desk)

    cells = [row.locator("td").all_inner_texts() for row in rows.all()]
    assert ["Headache", "1", "100", "21–100"] in cells
    assert ["Bladder problems", "0", "0", "0–79"] in cells
