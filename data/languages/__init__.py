"""The patients' languages: English is the source, and each other language is one gettext catalogue beside this file.

A catalogue is named after its language tag, such as `es.po`, `pt-BR.po` or `pt_BR.po`. Adding or deleting the file adds
or removes the language. Messages that a catalogue does not translate, or marks fuzzy, are shown in English.
"""

import re
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

SOURCE = "en"
CATALOGUES = {file.stem.replace("_", "-"): file for file in sorted(Path(__file__).parent.glob("*.po"))}

_RANGE = re.compile(r"([a-z]{1,8}(?:[-_][a-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*(?:,|$)", re.IGNORECASE)


def mark(message: str) -> str:
    """Return the message unchanged; the call marks it for the catalogues, and it is translated when shown."""
    return message


def name(language: str, within: str | None = None) -> str:
    """Return the name of a language in another language, by default in its own: `Español`."""
    shown = Locale.parse(language, sep="-").get_display_name(Locale.parse(within or language, sep="-")) or language
    return shown[0].upper() + shown[1:]


NAMES = {language: name(language) for language in (SOURCE, *CATALOGUES)}


def known(tag: str) -> str | None:
    """Return our language for a tag, in any case and with either separator, or None.

    As in RFC 4647, parts are dropped from the end of the tag until one of ours matches (`es-MX` gives `es`); ours may
    be more specific (`pt` gives `pt-BR`).
    """
    wanted = tag[:35].replace("_", "-").lower()
    while wanted:
        if found := [language for language in NAMES if f"{language.lower()}-".startswith(f"{wanted}-")]:
            return min(found, key=len)
        wanted = wanted.rpartition("-")[0]
    return None


def choose(asked: str | None, accept_language: str | None) -> str:
    """Return the language asked for, or the best match of an Accept-Language header, or English."""
    if asked and (language := known(asked)):
        return language
    ranges = [(tag, float(quality or 1)) for tag, quality in _RANGE.findall((accept_language or "")[:500])]
    wanted = (known(tag) for tag, quality in sorted(ranges, key=lambda one: -one[1]) if quality)
    return next(filter(None, wanted), SOURCE)


@cache
def translations(language: str) -> NullTranslations:
    """Return the messages of a language; each process reads them once."""
    if language == SOURCE:
        return NullTranslations()
    compiled = BytesIO()
    with CATALOGUES[language].open("rb") as file:
        write_mo(compiled, read_po(file, locale=language.replace("-", "_")))
    compiled.seek(0)
    return Translations(compiled)


def translator(language: str) -> Callable[[str], str]:
    """Return a function that translates an English message into a language."""
    translate: Callable[[str], str] = translations(language).gettext
    return translate
