"""What this product leans on in Streamlit: it stands in one room, and is there in the installed release."""

import ast
import importlib
import re

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from pages.streamlit_inside import addresses, bundle, guard, messages
from tests.app import ROOT

ROOM = ROOT / "pages" / "streamlit_inside"
FILES = [file for kind in ("py", "css", "js", "html") for file in (ROOT / "pages").rglob(f"*.{kind}")]
HOOK = re.compile(
    r"""data-(?:test|focus|placeholder)\S*|\bst[A-Z]\w+|vega-\w+|span \+ div|from streamlit\.(?!delta_gen)\S+"""
)


def hooks():
    """Return the names in our style and scripts: of test ids, classes, attributes, roles and states."""
    style, script = (
        re.sub(
            r"/\*.*?\*/|//.*",
            "",
            (ROOM / name).read_text(encoding="utf-8"),
            flags=re.DOTALL if name == "hooks.css" else 0,
        )
        for name in ("hooks.css", "hooks.js")
    )
    selectors = " ".join([*re.findall(r"[^{}]+(?={)", style), script])
    words = re.findall(r'"([\w-]+)"', script)
    inside = [part for one in re.findall(r"\[([\w-]+(?:=[^\]]+)?)\]", selectors) for part in re.split(r"=", one)]
    classes = re.findall(r"\.(?!st-key-)([a-zA-Z][\w-]+)", selectors)
    return {name.strip("'\"#") for name in [*words, *inside, *classes]} - {"dark", "31333F"}


def imports():
    for file in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("streamlit"):
                yield from ((node.module, name.name) for name in node.names)


def is_imported(module, name):
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False


def broken():
    """Return what this product names and the installed Streamlit does not have."""
    scripts = "".join(file.read_text(encoding="utf-8") for file in (bundle.STATIC / "static" / "js").glob("*.js"))
    endpoints = {path.strip("/") for path in (guard.PATH, *addresses.OF_STREAMLIT) if "_stcore" in path}
    of_message = {field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields}
    of_widget = {field.name for field in WidgetState.DESCRIPTOR.oneofs_by_name["value"].fields}
    return [
        *sorted(name for name in hooks() | endpoints if not re.search(rf"{re.escape(name)}(?![\w-])", scripts)),
        *sorted(messages.TYPES - of_message | messages.VALUES - of_widget - {None}),
        *[f"{module}.{name}" for module, name in imports() if not is_imported(module, name)],
    ]


def test_every_hook_is_there_in_the_installed_release():
    assert broken() == []


def test_no_other_room_leans_on_streamlits_inside():
    found = {
        f"{file.relative_to(ROOT)}: {hook}"
        for file in FILES
        if ROOM not in file.parents
        for hook in HOOK.findall(file.read_text(encoding="utf-8"))
    }

    assert found == set()
