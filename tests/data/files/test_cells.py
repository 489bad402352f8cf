import csv
import re

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


@pytest.mark.parametrize("before", [",", ";", ", ", ";  "])
def test_no_part_of_a_comment_is_a_formula_where_a_spreadsheet_divides_it(before):
    written = cells.comment(f"Clinic: Riverside{before}=1+1{before}-1{before}@SUM(A1)")

    assert [part.strip()[0] for part in re.split("[,;]", written)] == ["#", "'", "'", "'"]
    assert cells.comment("Clinic: a-b = c, d") == "# Clinic: a-b = c, d\r\n"


def test_a_comment_is_one_line_without_quotation_marks():
    written = cells.comment('Clinic: the\n"Best"\u2028one\r\t=1')

    assert written == "# Clinic: the \u201dBest\u201d one =1\r\n"
