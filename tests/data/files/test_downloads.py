import re
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from itertools import chain

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import update

from data import VERSION, clock, demonstration
from data.catalogue import QUESTION, WINDOW_BY_CODE
from data.figures import comparisons, views
from data.figures.disclosure import CLINIC, SHARING
from data.files import downloads
from data.staff import audit, passphrase, sessions
from data.storage import database, schema
from tests.app import PASSPHRASE
from tests.counted import ON_SQLITE, audited, header_of, lines_of, put, table_of

FORMULA = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture
def token(prepared):
    return passphrase.sign_in(PASSPHRASE, "address")


def exported(token, name="Frequencies", *, sharing=False, **fields):
    return downloads.as_csv(token, views.chosen({"view": name} | fields), sharing=sharing)


def exports():
    return [(who, did) for who, did in audited() if did.startswith("exported")]


@ON_SQLITE
def test_the_table_of_a_file_is_what_the_view_shows(token):
    demonstration.fill(2500, 4, lambda _: None)
    windows = {code: window.label for code, window in WINDOW_BY_CODE.items()}

    for name in views.names():
        for sharing in (False, True):
            view = views.chosen({"view": name})
            shown = views.read(token, view, SHARING if sharing else CLINIC).table.replace({"group": windows})
            table = table_of(exported(token, name, sharing=sharing))

            assert list(table) == list(shown)
            for column in shown:
                if pd.api.types.is_numeric_dtype(shown[column]):
                    assert np.allclose(table[column], shown[column], atol=5.1e-5, rtol=0, equal_nan=True), column
                else:
                    assert table[column].astype(object).fillna("").tolist() == shown[column].map(str).tolist()


@ON_SQLITE
def test_counts_are_written_whole_and_what_is_not_known_is_empty(token):
    put(43, "headache")
    put(9, "vision")

    rows = {line[0]: line[1:] for line in lines_of(exported(token, sharing=True)) if line}

    of = "Less than 4 hours"
    assert rows["Headache"] == ["45", "50", "0.9", "0.79", "0.96", of]
    assert rows["Changes in vision, such as blurriness or double vision"] == ["", "50", "", "", "", of]
    assert rows["None of these"] == ["", "50", "", "", "", of]
    assert rows["1 side effect"] == ["50", "50", "1", "0.93", "1", of]


@ON_SQLITE
def test_numbers_are_numbers_also_those_below_zero(token):
    put(20, "headache")
    put(20, "headache", "sleep", weeks_ago=4)

    file = exported(token, "Compare")

    rows = {line[0]: line[1:] for line in lines_of(file) if line}
    assert rows["Insomnia or changes in sleep patterns"][6] == "-1"
    assert pd.read_csv(BytesIO(file), comment="#").dtypes.iloc[1:].map(pd.api.types.is_numeric_dtype).all()


@ON_SQLITE
def test_for_sharing_there_are_no_shares_where_rounding_could_turn_a_difference_round(token):
    put(13, "headache", number_band="1st", origin="invited")
    put(4, number_band="1st", origin="invited")
    put(17, "headache", number_band="2nd-6th", origin="invited")
    put(1, number_band="2nd-6th", origin="invited")

    sides = {"a": "Infusion 1st", "b": "Infusion 2nd-6th"}
    rows = {line[0]: line[1:] for line in lines_of(exported(token, "Compare", sharing=True, **sides)) if line}

    assert rows["Headache"] == ["15", "15", "", "15", "20", "", "", "", ""]


@ON_SQLITE
def test_a_file_is_one_table_below_lines_that_say_what_it_is_of(token):
    put(10, "headache")

    file = exported(token)

    assert file.startswith(b"\xef\xbb\xbf# Side effects after ketamine infusions: ")
    lines = file.decode("utf-8-sig").split("\r\n")
    said = [line for line in lines if line.startswith("# ")]
    assert lines[: len(said)] == said
    assert {len(line) for line in lines_of(file)[len(said) :]} == {7}
    assert len(lines) == len(said) + 1 + 15 + 4 + 1
    assert lines[-1] == ""


@ON_SQLITE
def test_no_name_of_a_clinic_breaks_the_lines_that_say_what_a_file_is_of(token, configure):
    configure(clinic_name='=The "Best", =Ketamine Clinic #1')
    put(10, "headache")

    file = exported(token)

    assert header_of(file)["Side effects after ketamine infusions"] == "=The \u201dBest\u201d, '=Ketamine Clinic #1"
    assert table_of(file).shape == (19, 7)


@ON_SQLITE
def test_the_header_says_what_the_figures_are_of(token, configure):
    configure(clinic_name="Riverside", timezone="Pacific/Auckland")
    recorded = clock.now() - timedelta(weeks=3)
    columns = {"origin": "invited", "number_band": "1st", "language": "es", "door": "kiosk", "recorded": recorded}
    put(12, "headache", **columns)
    put(3, **columns)

    asked = {
        "view": "Frequencies",
        "number": "1st",
        "origin": "Invited",
        "language": "Spanish",
        "device": "Clinic tablet",
        "weeks": "Last 4 weeks",
    }
    told = header_of(downloads.as_csv(token, views.chosen(asked), sharing=False))

    view = views.chosen(asked)
    first, last = view.selection.first, view.selection.first + timedelta(days=6)
    read_at = datetime.fromisoformat(told.pop("Read at"))
    assert abs(clock.now() - read_at) < timedelta(minutes=1)
    assert read_at.utcoffset() in (timedelta(hours=12), timedelta(hours=13))
    weeks = f"weeks of {first} to {view.selection.last}"
    assert told == {
        "Side effects after ketamine infusions": "Riverside",
        "Data": "as sent by patients",
        "View": "Frequencies, within 4 hours of the infusion, infusion number 1st, Invited, Spanish, Clinic tablet, "
        f"{weeks}",
        "Use": "internal: for the clinic's own use",
        "Asked": f"solicited tick list, list version 1: {QUESTION}",
        "Exported by": f"Infusion check-in {VERSION}",
        "Group 1": "within 4 hours of the infusion, infusion number 1st, origin invited, clinic tablet, in Spanish, "
        f"sent in weeks of {first} to {last}: 15 check-ins; response rate unknown",
        "Empty": "fewer than 10 check-ins, or blanked",
        "Note": "Reports are not proof of a cause and say nothing about people who did not answer.",
    }


@ON_SQLITE
@pytest.mark.parametrize("label", ["Headache", "None of these"])
def test_the_header_names_the_side_effect_as_patients_read_it(token, label):
    put(12, "headache")

    told = header_of(exported(token, "Over the weeks", side_effect=label))["View"].split(", ")

    assert (told[:3], told[-1]) == (["Over the weeks", "within 4 hours of the infusion", "Invited"], label)


@ON_SQLITE
@pytest.mark.parametrize("sharing", [False, True])
def test_only_of_both_origins_together_the_header_says_how_many_came_by_the_open_link(token, sharing):
    put(30, "headache")
    put(20, origin="open")

    groups = {
        origin: header_of(exported(token, origin=origin, sharing=sharing))["Group 1"].partition(": ")[2]
        for origin in ("Invited", "Open link", "Both")
    }

    assert groups["Invited"].startswith("30 check-ins; ")
    assert groups["Open link"] == "20 check-ins; response rate unknown"
    assert groups["Both"].startswith("50 check-ins, 20 of them by the open link; ")


@ON_SQLITE
def test_every_group_of_a_view_has_its_denominator_in_the_header(token):
    put(12, "headache")
    put(9, "headache", window="1-7 d")

    told = header_of(exported(token, "Since the infusion"))

    groups = [said for name, said in told.items() if name.startswith("Group ")]
    assert groups[0].endswith(": 12 check-ins; response rate unknown")
    assert groups[1:] == [
        f"{window} after the infusion, any infusion number, origin invited: too few check-ins for figures"
        for window in ("4 to 24 hours", "1 to 7 days", "more than 7 days")
    ]


@ON_SQLITE
def test_the_header_of_a_file_for_sharing_has_published_counts_only(token):
    put(18, "headache")
    put(4, origin="open")
    with database.writing() as connection:
        week = {"week": (clock.now() - timedelta(weeks=9)).date().isoformat(), "number_band": "1st"}
        answered = dict.fromkeys(("answered", "answered_from_0_h"), 4) | {"invited": 13}
        none = dict.fromkeys(set(schema.infusion_tallies.c.keys()) - {*week, *answered}, 0)
        connection.execute(schema.infusion_tallies.insert(), week | none | answered)

    told = header_of(exported(token, sharing=True, origin="Both", weeks="All weeks"))

    said = told["Group 1"].partition(": ")[2]
    monday = (clock.now() - timedelta(weeks=9)).date()
    assert said == (
        "20 check-ins, few of them by the open link; of 15 infusions that ended "
        f"{monday} to {monday + timedelta(days=6)} few have a check-in of this window"
    )
    assert told["Use"].startswith("for sharing: counts of 0 to 12 are blank, all others rounded to the nearest 5")


@pytest.mark.parametrize(("sharing", "purpose"), [(False, "for the clinic"), (True, "for sharing")])
def test_the_audit_says_who_took_what_and_of_which_bytes(token, sharing, purpose):
    put(14, "headache")

    file = exported(token, "Together", window="0-4 h", weeks="All weeks", sharing=sharing)

    what = f"exported Together, 0-4 h, invited; CSV {purpose}, SHA-256 {sha256(file).hexdigest()}"
    assert audited() == [("passphrase", "signed in as clinician by passphrase"), ("passphrase", what)]


def test_an_export_renews_the_session(token):
    put(10)
    with database.writing() as connection:
        ago = clock.now() - timedelta(minutes=19)
        connection.execute(update(schema.staff_sessions).values(seen=ago))

    exported(token)

    with database.reading() as connection:
        assert connection.scalar(schema.staff_sessions.select().with_only_columns(schema.staff_sessions.c.seen)) > (
            clock.now() - timedelta(minutes=1)
        )


def test_without_its_line_in_the_audit_nothing_leaves(token, monkeypatch):
    put(10)

    def failing(*_):
        raise database.Unavailable

    monkeypatch.setattr(audit, "note", failing)

    with pytest.raises(database.Unavailable):
        exported(token)

    assert exports() == []


@ON_SQLITE
def test_a_session_that_ends_while_figures_are_read_gets_no_file(token, monkeypatch):
    put(10)

    def read_slowly(*asked, read=views.read, **how):
        shown = read(*asked, **how)
        sessions.sign_out(token)
        return shown

    monkeypatch.setattr(views, "read", read_slowly)

    with pytest.raises(sessions.SignedOut):
        exported(token)

    assert exports() == []


@ON_SQLITE
@pytest.mark.parametrize("name", views.names())
def test_without_a_live_session_nothing_is_exported_or_written_down(token, name):
    put(10)
    sessions.sign_out(token)
    before = audited()

    for stranger in (token, "", "\x00"):
        with pytest.raises(sessions.SignedOut):
            exported(stranger, name)

    assert audited() == before


@ON_SQLITE
@pytest.mark.parametrize("name", views.names())
def test_of_too_few_there_is_no_file(token, name):
    put(9, "headache", "sleep")

    for sharing in (False, True):
        with pytest.raises(downloads.NothingToExport, match="too few check-ins"):
            exported(token, name, sharing=sharing)

    assert exports() == []


@ON_SQLITE
def test_of_sides_that_overlap_there_is_no_file(token):
    put(10)

    with pytest.raises(comparisons.Overlapping):
        exported(token, "Compare", a="Last 4 weeks", b="Last 12 weeks")

    assert exports() == []


@ON_SQLITE
def test_the_dictionary_explains_exactly_the_columns_of_all_views(token):
    put(10, "headache", "sleep", number_band="1st")
    put(10, "headache", "sleep", weeks_ago=4)

    put(10, "headache", "sleep", weeks_ago=1)

    columns = [views.read(token, views.chosen({"view": name})).table.columns for name in views.names()]

    (head, *meanings) = lines_of(downloads.dictionary())
    assert head == ["column", "meaning"]
    assert {column for column, _ in meanings} == set(chain(*columns))
    assert [list(view.columns) for view in views.VIEWS] == [list(of) for of in columns]


def test_a_column_means_the_same_in_every_file():
    meanings = {(column, meaning) for view in views.VIEWS for column, meaning in view.columns.items()}

    assert len(meanings) == len(dict(meanings))


@ON_SQLITE
def test_no_cell_of_any_file_begins_like_a_formula(token, configure):
    configure(clinic_name="=cmd, =cmd,-1")
    put(20, "headache", "sleep", number_band="1st")
    put(20, "vision", "nausea", weeks_ago=4)

    files = [exported(token, name, sharing=sharing) for name in views.names() for sharing in (False, True)]

    cells = list(chain.from_iterable(chain.from_iterable(map(lines_of, [*files, downloads.dictionary()]))))
    assert [cell for cell in cells if cell.startswith(FORMULA) and not re.fullmatch(r"-?[0-9.]+", cell)] == []
    assert cells.count("# Side effects after ketamine infusions: =cmd") == cells.count(" '=cmd") == len(files)


@ON_SQLITE
def test_a_difference_too_small_to_be_written_has_no_sign(token):
    for band, headaches, check_ins in (("1st", 75, 151), ("25th+", 76, 153)):
        put(headaches, "headache", number_band=band)
        put(check_ins - headaches, number_band=band)

    file = exported(token, "Compare", a="Infusion 1st", b="Infusion 25th+")

    rows = {line[0]: line for line in lines_of(file) if line}
    assert abs(75 / 151 - 76 / 153) < 0.00005
    assert rows["Headache"][7] == "0"
    assert not re.search(r",-0(,|\r)", file.decode())
