import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.reports import codes

CODE, RECEIPT = "K7QM-4TXD-R2AB", "K7QM-4TXD-R2"
ESCAPED = [
    "https://clinic.example/?i={0}&language=es",
    "https://clinic.example/?i={0}&amp;language=es",
    "https://west-side-care.example/?sid=1234-ABCD-5678&i={0}",
    "<https://clinic.example/?i=3D{0}>",
    "?i=3D{0}",
    "3D{0}",
    "clinic.example/%3Fi%3D{0}%26language%3Des",
    "clinic.example/%253Fi%253D{0}",
    "Check-in / Cuestionario: https://clinic.example/?i={0} (text message)",
]
BESIDE = [
    "Code: {0}.",
    "code {0}",
    "CODE {0} FROM CLINIC",
    "this is my code: {0}, thanks",
    "Código {0} de la clínica",
    "Your code \u2013 {0} \u2013 keep this with care",
    "code\u2014{0}\u2014keep",
    "“{0}”",
    "«{0}»",
    "({0})",
    "*{0}*",
    "_{0}_",
    "\u200b{0}\ufeff",
    "\tmy code\n{0}\n",
    "{0} {0}",
]
SPELT = [
    CODE,
    CODE.lower(),
    CODE.replace("-", " "),
    CODE.replace("-", ""),
    CODE.replace("-", " - "),
    CODE.replace("-", "\u2013"),
    CODE.replace("-", "\u2011"),
    CODE.replace("-", "\u2212"),
    CODE.replace("-", "\u2009"),
    CODE.replace("-", "\u200b-\u200b"),
    CODE.replace("-", "."),
    "Ｋ７ＱＭ－４ＴＸＤ－Ｒ２ＡＢ",
]
ALONE = ["K7Q M4T XDR 2AB", "K 7 Q M 4 T X D R 2 A B", "K7QM-4TXD R2AB", "-K7QM-4TXD-R2AB-", "K7QM\n4TXD\nR2AB"]
BROKEN = [
    "i=3DK7QM-4T=\r\nXD-R2AB",
    "Code K7QM-4T=\nXD-R2AB",
    "Code=3A K7QM=E2=80=934TXD=E2=80=93R2AB",
    "&#75;7QM&#45;4TXD&ndash;R2AB",
    "K7QM%2D4TXD%2DR2AB",
    "K7QM%E2%80%914TXD%E2%80%91R2AB",
    "code-K7QM-4TXD-R2AB.pdf",
    "K7QM-4TXD-R2AB.Thanks",
    "card k7qm 4txd r2ab",
    "code K7QM 4TXD R2AB or call 5550 1000 2000",
]
NONE_THERE = [
    "",
    " ",
    "\x00",
    "\ud800",
    "K7QM",
    "K7QM-4TXD",
    "K7QM-4TXD-R2",
    "K7QM-4TXD-R2A",
    "K7QM-4TXD-R2ABC",
    "K7QM-4TXD-R2AU",
    "xxK7QM4TXDR2ABxx",
    "this code does nothing",
    "this is my code: it does not open",
    "I lost the card",
    "Call me at 10 am",
    "Please send it to my registration",
    "https://west-side-care.example/",
    "https://clinic.example/?language=es&door=/plain",
    "Check-in / Cuestionario: https://clinic.example/",
    f"{CODE} and 9ZZZ-4TXD-R2AB",
    "K7QM 4TXD R2AB, 9ZZZ 4TXD R2AB",
    "?i=K7QM-4TXD-R2AB&i=9ZZZ-4TXD-R2AB",
]


@pytest.mark.parametrize("surroundings", ["{0}", *ESCAPED, *BESIDE])
@pytest.mark.parametrize("spelt", SPELT)
def test_a_code_is_found_in_any_spelling_whatever_stands_beside_it(surroundings, spelt):
    assert codes.read_invitation(surroundings.format(spelt)) == CODE


@pytest.mark.parametrize("typed", [*ALONE, *BROKEN])
def test_a_code_is_found_however_it_was_broken(typed):
    assert codes.read_invitation(typed) == CODE


@pytest.mark.parametrize("surroundings", ["{0}", "Receipt: {0}.", "Receipt {0}", "Recibo {0}, gracias", "“{0}”"])
@pytest.mark.parametrize("spelt", [spelt.strip("ＡＢ").removesuffix("AB").removesuffix("ab") for spelt in SPELT])
def test_a_receipt_is_found_alike(surroundings, spelt):
    assert codes.read_receipt(surroundings.format(spelt)) == RECEIPT


@pytest.mark.parametrize("typed", NONE_THERE)
def test_words_and_pieces_are_no_code(typed):
    assert codes.read_invitation(typed) is None


@pytest.mark.parametrize(
    "typed", ["", "K7QM-4TXD-R", CODE, "my medication card", "22-11-2026", "I sent it at 9:30", "this card is mine"]
)
def test_words_and_codes_are_no_receipt(typed):
    assert codes.read_receipt(typed) is None


@pytest.mark.parametrize("typed", ["OOIL-k7qm-4txd", "ooil k7qm 4txd", "Code: 00LI K7QM 4TXD", "0O1lk7qm4txd"])
def test_look_alikes_are_read_as_digits(typed):
    assert codes.read_invitation(typed) == "0011-K7QM-4TXD"


WORDS = """the my code from clinic Code: código: receipt recibo this that card with care here it is a an after infusion
your de la mi clínica para usted tarjeta aquí está gracias, thanks! please call 112 or +34 912 345 678 at 14:30 on
22/11/2026 (see below) – — … “quoted” https://west-side-care.example/ https://clinic.example/?language=es
www.clinic.example/code Room 12 ?"""
words = st.sampled_from(WORDS.split())
sides = st.lists(words, max_size=8).map(" ".join)
written = st.text(codes.ALPHABET, min_size=12, max_size=12).map(lambda run: "-".join(re.findall("....", run)))


@settings(deadline=None)
@given(code=written, before=sides, after=sides, case=st.sampled_from([str.upper, str.lower]))
def test_any_code_as_it_is_written_is_found_between_any_words(code, before, after, case):
    assert codes.read_invitation(f"{before} {case(code)} {after}") == code
    assert codes.read_receipt(f"{before} {case(code)[:-2]} {after}") == code[:-2]


@settings(deadline=None)
@given(code=written, before=sides, after=sides)
def test_any_code_is_found_as_the_value_of_its_link(code, before, after):
    for value in (code, code.lower(), code.replace("-", "")):
        assert codes.read_invitation(f"{before} https://a-b.example/plain?language=en&i={value} {after}") == code


@given(code=written)
def test_any_code_is_read_that_stands_alone_however_it_is_spelt(code):
    for spelt in (code, code.replace("-", " "), code.replace("-", ""), code.replace("-", ". "), f"code: {code}"):
        for case in (str.upper, str.lower, str.title):
            assert codes.read_invitation(f" {case(spelt)} ") == code


@settings(deadline=None)
@given(code=written.filter(re.compile("(?=[0-9]*[A-Z])(?=[A-Z]*[0-9])").match))
def test_a_code_in_groups_is_found_after_words_of_four_letters(code):
    for before in ("Code", "this code", "my card", "text from care", "with that code here"):
        for case in (str.upper, str.lower):
            assert codes.read_invitation(case(f"{before} {code} ").replace("-", " ")) == code


@settings(deadline=None)
@given(before=sides, after=sides)
def test_words_alone_are_never_a_code(before, after):
    lengths = "".join(f"{len(word)} " for word in re.findall(r"\w+", f"{before} {after}"))

    assert codes.read_invitation(f"{before} {after}") is None or "4 4 4 " in lengths
    assert codes.read_receipt(f"{before} {after}") is None or "4 4 2 " in lengths


@settings(deadline=None)
@given(typed=st.text())
def test_whatever_is_typed_is_read_as_a_code_that_could_be_written_or_as_none(typed):
    written = re.compile("[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")

    assert written.fullmatch(codes.read_invitation(typed) or CODE)
    assert written.fullmatch(codes.in_address(typed) or CODE)


@pytest.mark.parametrize(
    "address",
    [
        "/?i={0}",
        "/?I={0}",
        "/plain?x=1&amp;i={0}",
        "/?x=1&amp;amp;i={0}",
        "/?x=1%26amp%3Bi={0}",
        "/?i[]={0}",
        "/?i[0]={0}",
        "/?i%5B%5D={0}",
        "/?x%26i={0}",
        "/?x=1;i={0}",
        "/?%69={0}",
        "/?%20i={0}",
        "/%3Fi%3D{0}",
        "/%253Fi%253D{0}",
        "/?i%253D{0}",
        "/?i=3D{0}",
        "/?i=%3D{0}",
        "/?i=&i={0}",
        "/?i={0}&i={0}",
        "/?i={0}%0D%0A",
        "/?i={0}%22%3E",
        "/?i={0}.&language=es",
        "/?i=Code:+{0}",
        "/?i=https://clinic.example/?i={0}",
        "/?language=es&code={0}",
        "/?{0}",
        "/{0}",
        "/i={0}",
        "/?utm_source=mail&utm_campaign=may-2026-week&i={0}",
    ],
)
@pytest.mark.parametrize("spelt", [CODE, CODE.lower(), CODE.replace("-", "%2D"), CODE.replace("-", "%E2%80%93")])
def test_an_address_carries_its_code_whatever_became_of_it(address, spelt):
    assert codes.in_address(address.format(spelt)) == CODE


@pytest.mark.parametrize("spelt", ["K7QM4TXDR2AB", "K7QM+4TXD+R2AB", "k7qm%204txd%20r2ab", "%EF%BC%AB7QM-4TXD-R2AB"])
def test_the_value_of_i_may_be_spelt_in_any_way(spelt):
    assert codes.in_address(f"/plain?i={spelt}&language=en") == CODE


@pytest.mark.parametrize(
    "address",
    [
        "/?i",
        "/?i=",
        "/?I=",
        "/?i&language=es",
        "/?x=1&amp;i=",
        "/?i[]=",
        "/?i=K7QM",
        "/?i=K7QM-4TXD-R2",
        "/?i=K7QM-4TXD-R2AU",
        "/?i=K7QM-4TXD-R2ABCD",
        "/?i=%00",
        "/?i=%FF",
        "/?x=K7QM-4TXD-R2",
        "/?code=K7QM",
        "/?invite=",
        "/K7QM-4TXD-R",
        "/?i=1",
        f"/?i={CODE}&i=9ZZZ-4TXD-R2AB",
    ],
)
def test_a_damaged_invitation_is_told_from_none(address):
    assert codes.in_address(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "",
        "/?",
        "/plain?language=es",
        "/?door=/plain&language=en",
        "/?utm_source=mail&utm_medium=e-mail&utm_campaign=fall-2026-ads1&utm_id=26i",
        "/?fbclid=IwAR0k7QM-4tXd_R2ab-i-9ZZZ4TXDR2ABxyz",
        "/?gclid=Cj0KCQiA7qm4txdr2ab&gad_source=1",
        "/?ref=week-2026-news",
        "/?ref=WEEK-2026-NEWS",
        "/?sid=550e8400-e29b-41d4-a716-446655440000",
        "/?id=1",
        "/?hi=1&ii=2&_i=3&i_=4",
        "/?x=a/i",
        "/west-side-care",
        "/?q=west-side-care",
        "/?%D1%96=1",
        "/?date=2026-11-22",
    ],
)
def test_what_mailers_and_searches_add_is_no_invitation(address):
    assert codes.in_address(address) is None
