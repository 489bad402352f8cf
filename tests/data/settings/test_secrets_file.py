import codecs

import pytest

from data.settings import secrets_file


def test_a_byte_order_mark_does_no_harm_and_a_missing_file_holds_nothing(tmp_path):
    file = tmp_path / "secrets.toml"
    assert secrets_file.read(file) == {}

    file.write_bytes(codecs.BOM_UTF8 + 'NAME = "Clínica"\r\n'.encode())

    assert secrets_file.read(file) == {"NAME": "Clínica"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'A = 1\nB = "se-cret\nC = 2\n', 'line 2: write NAME = "value", with a quote on each side'),
        (b'A = """se-cret\nC = 2\n', 'line 3: write NAME = "value", with a quote on each side'),
        (b"A = se-cret\n", "line 1: write"),
        (b'A = 1\nA = "se-cret"\n', "line 2: write"),
        (b"se-cret\n", "line 1: write"),
        ('A = 1\nB = "se-crét"\n'.encode("latin-1"), "line 2: not valid UTF-8; save the file as UTF-8"),
        ('A = "se-cret"\n'.encode("utf-16"), "line 1: not valid UTF-8"),
        ('A = "se-cret"\n'.encode("utf-16-le"), "line 1: write"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_its_line_and_quoted_nowhere(tmp_path, content, says):
    file = tmp_path / "secrets.toml"
    file.write_bytes(content)

    with pytest.raises(secrets_file.Unreadable) as told:
        secrets_file.read(file)

    assert str(told.value).startswith(f"{file}, {says}")
    assert "cr" not in str(told.value).removeprefix(str(file))


def test_a_folder_in_its_place_is_told(tmp_path):
    with pytest.raises(secrets_file.Unreadable, match="cannot be read: Is a directory"):
        secrets_file.read(tmp_path)


def test_names_below_a_section_have_its_name_before_them():
    assert [*secrets_file.names({"A": 1, "b": {"C": 2, "d": {"E": 3}}})] == ["A", "b.C", "b.d.E"]
