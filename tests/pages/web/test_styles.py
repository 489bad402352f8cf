"""What holds of every style sheet: colours that old engines know, and no rule that leaves its part of the page."""

import re
import tomllib

import pytest

from tests.app import ROOT

TEMPLATES = ROOT / "pages" / "web" / "templates"
SHEETS = [*ROOT.glob("pages/**/*.css"), *ROOT.glob("pages/**/*.html")]
WHOLE_PAGE = re.compile(r"(html|body)(::[\w-]+)?|:root")


def text(sheet):
    return re.sub(r"/\*.*?\*/|\{#.*?#\}", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_colour_is_given_in_a_way_that_old_engines_do_not_know(sheet):
    assert "light-dark(" not in text(sheet)


def test_every_colour_by_name_is_given_for_light_and_dark():
    light, dark = text(TEMPLATES / "tokens.css").split("@media")
    named = {name for sheet in SHEETS for name in re.findall(r"var\((--[\w-]+)\)", text(sheet))}

    assert named - {"--more"} <= set(re.findall(r"(--[\w-]+):", light)) == set(re.findall(r"(--[\w-]+):", dark))


def test_a_chart_drawn_in_the_dark_is_printed_in_its_light_colours():
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    dark, light = (theme[scheme]["chartCategoricalColors"] for scheme in ("dark", "light"))
    paper = text(ROOT / "pages" / "clinic" / "style.css").split("@media print")[1]

    for part in ("fill", "stroke"):
        turned = dict(re.findall(rf'\.dark svg \[{part}="(#\w+)"\] {{ {part}: (#\w+)', paper))
        assert turned | dict(zip(dark, light, strict=True)) == turned


@pytest.mark.parametrize("name", ["style.css", "shared.css"])
def test_every_rule_of_the_html_pages_stays_within_them_and_the_patients_page(name):
    rules = re.sub(r"@keyframes.*?\}\}|@(?:media|supports)[^{]*\{", "", text(TEMPLATES / name))
    selectors = [one for rule in re.findall(r"([^{}]+)\{", rules) for one in re.split(r",(?![^(]*\))", rule.strip())]
    strays = [one for one in selectors if not WHOLE_PAGE.fullmatch(one) and "#first" not in one and "#root" not in one]

    assert len(selectors) > 20
    assert strays == []
