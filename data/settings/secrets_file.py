"""The file `.streamlit/secrets.toml`, where an operator can keep settings."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Unreadable(ValueError):
    """The file cannot be read; the message says where and what to do, and quotes nothing from it."""


def read(file: Path) -> dict[str, Any]:
    """Return what the file holds, or nothing if there is no file. A byte order mark is ignored.

    Raises `Unreadable`.
    """
    content = b""
    try:
        content = file.read_bytes()
        return tomllib.loads(content.decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise Unreadable(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"{file}, line {line}: not valid UTF-8; save the file as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"\(at line (\d+)", str(error))  # the rest of the message may quote a secret
        line = int(found[1]) if found else content.count(b"\n") + 1
        raise Unreadable(f'{file}, line {line}: write NAME = "value", with a quote on each side') from None


def names(held: dict[str, Any], section: str = "") -> Iterator[str]:
    """Yield the name of every value; inside a section, preceded by the section and a dot."""
    for name, value in held.items():
        if isinstance(value, dict):
            yield from names(value, f"{section}{name}.")
        else:
            yield section + name
