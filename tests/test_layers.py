import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PRODUCT = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for folder in ("data", "pages")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if "local" not in file.parts
}
GROUND = "data data.catalogue data.clock data.languages data.settings"
BELOW_FILES = f"data.staff data.storage {GROUND}"
BELOW_COMMANDS = f"data.backups data.restores data.demonstration data.doctor data.files data.reports {BELOW_FILES}"
BELOW_PATIENT = f"pages.streamlit_inside pages.web data.files data.figures data.reports {BELOW_FILES}"
ARROWS = {  # what a room may import; a module that is in none is a room of its own
    "data": GROUND,
    **dict.fromkeys(GROUND.split(), GROUND),
    "data.storage": GROUND,
    "data.staff": f"data.storage {GROUND}",
    "data.reports": BELOW_FILES,
    "data.figures": BELOW_FILES,
    "data.files": f"data.figures {BELOW_FILES}",
    "data.demonstration": f"data.reports {BELOW_FILES}",
    "data.backups": f"data.reports {BELOW_FILES}",
    "data.restores": f"data.backups data.reports {BELOW_FILES}",
    "data.doctor": f"data.reports {BELOW_FILES}",
    "data.commands": BELOW_COMMANDS,
    "data.__main__": f"data.commands {BELOW_COMMANDS}",
    "pages.web": f"data.files data.figures data.reports {BELOW_FILES}",
    "pages.streamlit_inside": f"pages.web data.reports {BELOW_FILES}",
    "pages.patient": BELOW_PATIENT,
    "pages.clinic": BELOW_PATIENT,
    "pages.navigation": f"pages.patient {BELOW_PATIENT}",
    "pages.front_door": f"pages.clinic pages.patient {BELOW_PATIENT}",
}


def room(module):
    parts = module.split(".")
    return next((".".join(parts[:n]) for n in (3, 2, 1) if ".".join(parts[:n]) in ARROWS), None)


def imported(file):
    """Return the modules of ours that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in ("data", "pages"):
            names = {f"{node.module}.{name.name}" for name in node.names}
            found |= {name if name in PRODUCT else node.module for name in names}
    return found


def test_each_room_imports_only_those_below_it():
    arrows = {(room(module), room(name), module) for module, file in PRODUCT.items() for name in imported(file)}

    assert [
        (module, there) for here, there, module in arrows if here != there and there not in ARROWS[here].split()
    ] == []


def test_no_two_modules_share_a_name():
    names = [module.rpartition(".")[2] for module, file in PRODUCT.items() if file.name != "__init__.py"]

    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_the_data_layer_imports_neither_streamlit_nor_a_page():
    modules = ", ".join(module for module in PRODUCT if module.startswith("data.") and "__main__" not in module)
    code = f"import sys, {modules}; print([m for m in sys.modules if m.split('.')[0] in ('streamlit', 'pages')])"

    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)

    assert out.stdout.strip() == "[]"


def test_the_patients_page_imports_no_pandas_and_no_chart():
    code = (
        "import sys; from pages.patient import sent, visit; from data.reports import check_ins; from pages "
        "import front_door; print([m for m in ('pandas', 'numpy', 'altair') if m in sys.modules])"
    )

    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)

    assert out.stdout.strip() == "[]"


def test_nothing_but_the_clock_asks_for_the_present():
    asks = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time|func\.now)\(")
    files = [file for folder in ("data", "pages", "tests") for file in (ROOT / folder).rglob("*.py")]

    assert [file.relative_to(ROOT).as_posix() for file in files if asks.search(file.read_text(encoding="utf-8"))] == [
        "data/clock.py"
    ]


def test_the_top_level_is_the_owners():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    ).stdout.split("\n")
    visible = {path.split("/")[0] for path in tracked if path and not path.startswith(".")}

    assert visible == {"streamlit_app.py", "pages", "data", "tests", "requirements.txt", "README.md"}


def test_every_module_says_what_it_is_for():
    product = [ROOT / "streamlit_app.py", *PRODUCT.values()]
    silent = [
        file.name for file in product if file.stat().st_size and not ast.get_docstring(ast.parse(file.read_bytes()))
    ]

    assert silent == []


def leaves_the_encoding_open(call):
    """Return whether a call reads or writes text in whatever encoding the machine's locale says."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    words = {word.arg for word in call.keywords}
    literals = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    modes = [text for text in literals if isinstance(text, str) and re.fullmatch("[rwaxbt+]+", text)]
    is_text = {
        "read_text": True,
        "write_text": True,
        "open": modes and "b" not in modes[0],
        "fdopen": not modes or "b" not in modes[0],
        "run": "text" in words,
        "Popen": "text" in words,
    }
    return bool(is_text.get(name)) and "encoding" not in words


def test_every_text_file_is_read_and_written_in_a_named_encoding():
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for folder in ("data", "pages", "tests")
        for file in (ROOT / folder).rglob("*.py")
        if "local" not in file.parts
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Call) and leaves_the_encoding_open(node)
    ]

    assert found == []
