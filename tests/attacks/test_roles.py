"""Reception asks for figures at every address and over every socket, and is given none (ASVS 5.0, 8.2.1 and 8.3.1)."""

from urllib.parse import urlencode

import pytest

from data.figures import views
from tests.attacks.pages import OF_FIGURES, asked, opened
from tests.browser.conftest import demonstration as app

__all__ = ["app"]

BEGIN = (
    "from data.staff import roles, sessions, ways; from data.storage import database\n"
    "with database.writing() as connection:\n"
    "    print(sessions.begin(connection, 'Eva', roles.{role}, ways.PASSKEY))"
)
REFUSED = "Figures are for clinicians"


@pytest.fixture(scope="module")
def cookie(app):
    """Give what the browser of a role sends."""
    return {role: f"clinic_session={app.run(BEGIN.format(role=role)).strip()}" for role in ("RECEPTION", "CLINICIAN")}


@pytest.mark.parametrize("view", views.names())
def test_no_view_shows_reception_a_figure_at_its_address_as_a_file_or_over_a_socket(app, cookie, view):
    query, reception = urlencode({"dashboard_view": view}), cookie["RECEPTION"]
    for address, form in ((f"/clinic?{query}", None), ("/export", {"view": view, "use": "clinic"})):
        status, _, told = asked(app, address, reception, form)
        assert (status, REFUSED in told) == (403, True)

    with opened(app, reception) as page:
        page.run("clinic", query)
        assert REFUSED in page.text
        assert page.kinds & OF_FIGURES == set()
        assert "new antiemetic" not in page.text  # not even what can be chosen

    with opened(app, cookie["CLINICIAN"]) as page:
        page.run("clinic", query)
        assert REFUSED not in page.text


def test_reception_sees_infusions_and_no_way_to_the_figures(app, cookie):
    assert asked(app, "/infusions", cookie["RECEPTION"])[0] == 200

    for role, leads_there in (("RECEPTION", False), ("CLINICIAN", True)):
        with opened(app, cookie[role]) as page:
            page.run("infusions")
            assert "Registered infusions" in page.text
            assert ("page_link" in page.kinds) is leads_there
