"""The HTML form and Streamlit's look the same: every element is at the same place and of the same size in both."""

import pytest

from data import languages
from pages.web import words
from tests.app import AT_ONCE, NEVER, ROOT, wait_for_form
from tests.browser.conftest import PHONE
from tests.browser.test_large_text import enlarge_text

INSIDE = ROOT / "pages" / "streamlit_inside"
SAME = "".join((INSIDE / name).read_text(encoding="utf-8") for name in ("hooks.js", "same.js"))
# What the elements of each pair measure in one form, once a change of the screen's size is drawn.
MEASURES = f"""async (side) => {{ {SAME};
    await new Promise((done) => setTimeout(done, 50));
    const pages = [document.documentElement, ...document.querySelectorAll("[data-testid=stMain]")];
    const height = Math.max(...pages.map((page) => page.scrollHeight));
    return [["page", [[0, 0, 0, height]]], ...SAME_PAIRS.map((pair) =>
        [pair[0], [...document.querySelectorAll(pair[side])].map((element) => sameMeasures(element, pair[3]))])] }}"""
APART = f"""([ours, theirs]) => {{ {SAME}; return ours.filter(([, all], i) => all.length !== theirs[i][1].length
    || all.some((one, k) => !sameWithin(one, theirs[i][1][k]))).map(([name]) => name) }}"""
SHEETS = "() => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).join('')"
SIZES = [*((width, 740) for width in (320, 360, 390, 414)), (1280, 800), (1280, 2400)]
HTML, APP = 1, 2


class Forms:
    """Both forms of one app in one language, each in a page of its own."""

    def __init__(self, context, app, language, more=""):
        self.html, self.app = self.pages = context.new_page(), context.new_page()
        for page, form, script in ((self.html, "html", NEVER), (self.app, "app", AT_ONCE)):
            page.add_init_script(script)
            page.goto(f"{app.url}/?language={language}{more}")
            wait_for_form(page, languages.translator(language)(words.SEND), form)

    def resize(self, width, height):
        for page in self.pages:
            page.set_viewport_size({"width": width, "height": height})

    def differences(self, how, sizes=SIZES):
        """Return a line for each size of the screen at which pairs differ, with their names."""
        found = []
        for width, height in sizes:
            self.resize(width, height)
            names = apart(self.html.evaluate(MEASURES, HTML), self.app.evaluate(MEASURES, APP), self.html)
            found += [f"{how}, {width} x {height}: {', '.join(names)}"] if names else []
        return found


def apart(ours, theirs, page):
    assert len(dict(ours)["rows"]) == 15
    return page.evaluate(APART, [ours, theirs])


@pytest.fixture(params=languages.NAMES)
def language(request):
    return request.param


@pytest.fixture(params=["open", "invitation", "banner"])
def forms(request, browser, language):
    app = request.getfixturevalue("demonstration" if request.param == "banner" else "app")
    invited = f"&i={app.invite(hours=1)}" if request.param == "invitation" else ""
    context = browser.new_context(**PHONE)
    yield Forms(context, app, language, invited)
    context.close()


def test_both_forms_have_everything_at_the_same_place(forms):
    found = forms.differences("light")
    for page in forms.pages:
        page.emulate_media(color_scheme="dark")
    found += forms.differences("dark", [(360, 740)])
    for page in forms.pages:
        enlarge_text(page, 2)
    found += forms.differences("text twice as large")

    assert not found, "\n".join(found)


@pytest.fixture(params=["light", "dark"])
def english(request, browser, app):
    context = browser.new_context(**PHONE, color_scheme=request.param)
    yield Forms(context, app, "en")
    context.close()


def test_the_style_of_one_form_changes_nothing_in_the_other(english):
    english.resize(360, 2000)
    sheets = [page.evaluate(SHEETS) for page in english.pages]
    for page, side, foreign in zip(english.pages, (HTML, APP), reversed(sheets), strict=True):
        before, seen = page.evaluate(MEASURES, side), page.screenshot(animations="disabled")

        page.add_style_tag(content=foreign)

        assert apart(before, page.evaluate(MEASURES, side), page) == []
        assert page.screenshot(animations="disabled") == seen


def test_they_are_the_same_only_once_everything_is_there(english):
    page, first = english.app, english.html.locator("#first").evaluate("e => e.outerHTML")
    page.add_style_tag(content=english.html.evaluate(SHEETS))
    page.add_style_tag(content="#root { position: fixed; inset: 0; visibility: hidden }")
    page.evaluate(
        "first => { root.insertAdjacentHTML('beforebegin', first); document.documentElement.dataset.form = 'html' }",
        first,
    )

    def without(selector):
        return page.evaluate(
            f"""(selector) => {{ {SAME};
            const gone = document.querySelector(selector), place = document.createComment("");
            gone.replaceWith(place);
            const names = sameDifferences();
            place.replaceWith(gone);
            return names }}""",
            selector,
        )

    assert page.evaluate(f"() => {{ {SAME}; return sameDifferences() }}") == []
    assert without("#root .st-key-check_in_none") == ["rows", "squares", "labels"]
    assert without("#root .st-key-check_in_send") == ["Send", "words of Send"]
    assert "links" in without("#root .links p")
    assert without("#first") == ["rows"]
    page.add_style_tag(content=".st-key-check_in_none { margin-top: 2px }")
    assert page.evaluate(f"() => {{ {SAME}; return sameDifferences() }}")[:2] == ["rows", "links"]
