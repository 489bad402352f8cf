import csv

import pytest

from data.files import cells


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_text(text):
    assert cells.neutralised(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", ">7 d", "0-4 h", "2nd-6th", "Nausea or vomiting", "a=b", "'"])
def test_other_text_stays_as_it_is(text):
    assert cells.neutralised(text) == text


def test_a_line_is_read_back_as_it_was_but_for_formulas():
    line = cells.line(["a, b", 'so "called"', "two\nlines", "=1", -1, None])

    assert line.endswith("\r\n")
    assert list(csv.reader([line])) == [["a, b", 'so "called"', "two\nlines", "'=1", "-1", ""]]
