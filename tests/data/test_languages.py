import re

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from data import languages
from data.catalogue import LABELS, QUESTION
from tests.app import ROOT
from tests.data.test_catalogue import ARTICLE

PLACEHOLDER = re.compile(r"%\(\w+\)s")


def messages():
    """Return every message that the code and the templates name for translation."""
    with (ROOT / ".babel.cfg").open(encoding="utf-8") as file:
        method_map, options_map = parse_mapping_cfg(file)
    found = extract_from_dir(
        ROOT, method_map, options_map, keywords={"_": None, "mark": None}, directory_filter=lambda _: True
    )
    return {message for _, _, message, _, _ in found}


def catalogue(language):
    with languages.CATALOGUES[language].open("rb") as file:
        return {message.id: message for message in read_po(file) if message.id}


def test_english_and_spanish_are_there_under_their_own_names():
    assert languages.NAMES.items() >= {"en": "English", "es": "Español"}.items()
    assert languages.name("es", "en") == "Spanish"


def test_the_messages_are_found_in_code_and_templates():
    assert {QUESTION, *ARTICLE, "Send to my clinic", "Remind me tomorrow", "Demonstration data."} <= messages()


@pytest.mark.parametrize("language", languages.CATALOGUES)
def test_a_catalogue_has_every_message_and_no_other_none_empty_or_fuzzy(language):
    translated = catalogue(language)

    assert translated.keys() ^ messages() == set()
    assert [id_ for id_, message in translated.items() if not message.string or message.fuzzy] == []


@pytest.mark.parametrize("language", languages.CATALOGUES)
def test_a_translation_keeps_the_placeholders_and_brings_no_markup(language):
    differing = [
        id_
        for id_, message in catalogue(language).items()
        if sorted(PLACEHOLDER.findall(id_)) != sorted(PLACEHOLDER.findall(message.string))
        or message.string.count("%") != id_.count("%")
        or "<" in message.string
    ]

    assert differing == []


@pytest.mark.parametrize("language", languages.CATALOGUES)
def test_no_two_side_effects_have_the_same_name(language):
    translate = languages.translator(language)

    assert len({translate(label) for label in LABELS.values()}) == 14


def test_english_is_the_source():
    assert [languages.translator("en")(label) for label in LABELS.values()] == ARTICLE


def test_a_translation_is_given_and_what_is_not_translated_stays_english():
    translate = languages.translator("es")

    assert translate("Headache") == "Dolor de cabeza"
    assert translate("No such message") == "No such message"


def test_a_fuzzy_translation_is_not_shown(tmp_path, monkeypatch):
    file = tmp_path / "eo.po"
    file.write_text(
        'msgid ""\nmsgstr "Language: eo\\n"\n\n#, fuzzy\nmsgid "Headache"\nmsgstr "Kapo"\n', encoding="utf-8"
    )
    monkeypatch.setitem(languages.CATALOGUES, "eo", file)

    assert languages.translator("eo")("Headache") == "Headache"


@pytest.mark.parametrize(
    ("asked", "header", "language"),
    [
        ("es", "en", "es"),
        ("en", "es", "en"),
        ("xx", "es", "es"),
        ("ES", None, "es"),
        ("es_MX", "en", "es"),
        (None, "EN", "en"),
        (None, "ES-MX, en", "es"),
        (None, "es_MX.UTF-8", "en"),
        (None, "en_US", "en"),
        (None, "de_DE, es_ES;q=0.5", "es"),
        ("e", "es", "es"),
        ("es" + "-x" * 9999, None, "es"),
        (None, "es-MX", "es"),
        (None, "de-DE, de;q=0.9, es;q=0.8, en;q=0.7", "es"),
        (None, "en;q=0.1, es;q=0.9", "es"),
        (None, "es;q=0, en", "en"),
        (None, "en-GB, es", "en"),
        (None, "eo", "en"),
        (None, "", "en"),
        (None, "*", "en"),
        (None, ";;q=x,\x00,\ud800;q=9" * 1000, "en"),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_browsers_else_english(asked, header, language):
    assert languages.choose(asked, header) == language


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("pt-br", "pt-BR"),
        ("PT_BR", "pt-BR"),
        ("pt", "pt"),
        ("pt-PT", "pt"),
        ("zh-hant-tw", "zh-Hant"),
        ("zh", "zh-Hant"),
        ("EN-gb", "en"),
        ("p", None),
        ("ptx", None),
        ("", None),
        ("-", None),
    ],
)
def test_a_tag_is_matched_whatever_its_case_and_separator(monkeypatch, tag, language):
    monkeypatch.setattr(languages, "NAMES", dict.fromkeys(["en", "pt-BR", "pt", "zh-Hant"], ""))

    assert languages.known(tag) == language


def test_of_a_language_the_variant_that_is_there_is_better_than_english(monkeypatch):
    monkeypatch.setattr(languages, "NAMES", dict.fromkeys(["en", "pt-BR"], ""))

    assert languages.choose(None, "pt-PT, pt;q=0.9, en;q=0.5") == "pt-BR"


@given(st.none() | st.text(), st.none() | st.text() | st.lists(st.from_regex(languages._RANGE)).map(",".join))
def test_whatever_is_asked_for_one_of_our_languages_is_chosen(asked, header):
    assert languages.choose(asked, header) in languages.NAMES
