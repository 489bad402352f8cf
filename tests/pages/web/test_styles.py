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


LIGHT, DARK = (
    dict(re.findall(r"(--[\w-]+):\s*(#\w+)", part)) for part in text(TEMPLATES / "tokens.css").split("@media")
)
CHART = [f"--chart-{number}" for number in (1, 2, 3, 4)]
OF_PAGES = {"--more", "--column", "--margins", "--gap", "--paragraph", "--leading"}  # lengths


def test_every_colour_by_name_is_given_for_light_and_dark():
    named = {name for sheet in SHEETS for name in re.findall(r"var\((--[\w-]+)\)", text(sheet))}

    assert named - OF_PAGES <= LIGHT.keys() == DARK.keys()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_sheet_has_a_colour_of_its_own(sheet):
    of_streamlit = {"#31333F", "#e6eaf1"} if sheet.name == "hooks.css" else set()
    colours = set(re.findall(r"(?<![&\w])#[0-9a-fA-F]{3,8}\b", text(sheet)))

    assert colours <= {*LIGHT.values(), *DARK.values(), *of_streamlit}


@pytest.mark.parametrize(("scheme", "tokens"), [("light", LIGHT), ("dark", DARK)])
def test_streamlits_theme_has_the_colours_of_the_html_pages(scheme, tokens):
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]

    assert theme[scheme] == {
        "backgroundColor": tokens["--page"].replace("#fff", "#ffffff"),
        "secondaryBackgroundColor": tokens["--inset"],
        "textColor": tokens["--ink"],
        "primaryColor": tokens["--main"],
        "linkColor": tokens["--link"],
        "borderColor": tokens["--hairline"],
        "chartCategoricalColors": [tokens[name] for name in CHART],
    }


def test_a_chart_drawn_in_the_dark_is_printed_in_its_light_colours():
    paper = text(ROOT / "pages" / "clinic" / "style.css").split("@media print")[1]

    for part in ("fill", "stroke"):
        turned = dict(re.findall(rf'\.dark svg \[{part}="(#\w+)"\] {{ {part}: var\((--[\w-]+)\)', paper))
        assert turned == {DARK[name]: name for name in CHART}


@pytest.mark.parametrize("name", ["style.css", "shared.css"])
def test_every_rule_of_the_html_pages_stays_within_them_and_the_patients_page(name):
    rules = re.sub(r"@keyframes.*?\}\}|@(?:media|supports)[^{]*\{", "", text(TEMPLATES / name))
    selectors = [one for rule in re.findall(r"([^{}]+)\{", rules) for one in re.split(r",(?![^(]*\))", rule.strip())]
    strays = [one for one in selectors if not WHOLE_PAGE.fullmatch(one) and "#first" not in one and "#root" not in one]

    assert len(selectors) > 20
    assert strays == []
