"""The house tests itself: imports point down, words are the field's, no file can run what it loads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "src" / "headstart"
MODULES = sorted(HOUSE.rglob("*.py"))

FLOORS = {
    "errors": 0,
    "registry": 1, "arrays": 1, "allocation": 1,
    "problem": 2, "results": 2, "stats": 2,
    "data": 3, "backbones": 3, "training": 3,
    "features": 4, "heads": 4,
    "diagnosis": 5, "selection": 5,
    "strategies": 6, "models": 6, "adaptation": 6,
    "planning": 7,
    "reports": 8,
    "installation": 9, "jobs": 9,
    "cli": 10, "__main__": 10,
}  # fmt: skip
# Rooms of one floor that may still look into another: (from, to), and why.
SAME_FLOOR = {
    ("backbones", "data"),     # a backbone prepares the samples that data defines
    ("training", "backbones"),  # what is trained is a backbone
    ("stats", "results"),      # a statistic returns a Score or an Interval
    ("strategies", "models"),  # a strategy ends in a model
    ("__main__", "cli"),
}  # fmt: skip
# `headstart` itself is the public door: it names places by text and imports none of them.
# A saved model opens as a backbone again, and so reaches up through the registry, by name.
VAGUE = {"utils", "util", "common", "core", "misc", "base", "base2", "helpers", "helper", "stuff", "tools"}


def room(path: Path) -> str:
    """The folder or file directly under the house."""
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every `headstart.…` name the file imports, at the top or inside a function, with its line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name.startswith("headstart."))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import; write the whole name"
            if node.module == "headstart":
                yield from ((f"headstart.{alias.name}", node.lineno) for alias in node.names)
            elif (node.module or "").startswith("headstart."):
                yield node.module or "", node.lineno


def test_every_room_stands_on_a_floor() -> None:
    assert not {room(path) for path in MODULES} - FLOORS.keys() - {"__init__"}


def test_imports_point_down() -> None:
    wrong, used = [], set()
    for path in MODULES:
        here = room(path)
        if here == "__init__":
            continue
        for name, line in imported(path):
            there = name.split(".")[1]
            if there == "__version__" or there == here:
                continue
            assert there in FLOORS, f"{path}:{line}: {name} stands on no floor"
            if FLOORS[there] < FLOORS[here]:
                continue
            if (here, there) in SAME_FLOOR:
                used.add((here, there))
                continue
            wrong.append(f"{path.relative_to(ROOT)}:{line}: {here} (floor {FLOORS[here]}) imports {name}")
    assert not wrong, "\n".join(wrong)
    assert used == SAME_FLOOR, f"exceptions that nobody needs any more: {SAME_FLOOR - used}"


def test_the_front_door_imports_no_room() -> None:
    assert not list(imported(HOUSE / "__init__.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(HOUSE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def top_level_imports(path: Path) -> set[str]:
    """Modules of the house that importing this file imports (not those inside functions or `if TYPE_CHECKING`)."""
    known = {module_name(other) for other in MODULES}
    found = set()
    for node in tree(path).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in known else node.module for name in inner.values()}
    return (found & known) - {module_name(path), "headstart"}


def test_no_import_goes_in_a_circle() -> None:
    graph = {module_name(path): top_level_imports(path) for path in MODULES}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join([*way[way.index(name) :], name])
        if name not in done:
            for other in graph[name]:
                visit(other, (*way, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_names_say_what_is_inside() -> None:
    words = {path: set(path.relative_to(HOUSE).with_suffix("").parts) for path in MODULES}
    assert not [path for path, parts in words.items() if parts & VAGUE]


def test_every_module_says_what_it_is() -> None:
    assert not [str(path) for path in MODULES if not ast.get_docstring(tree(path))]


def has_logic(path: Path) -> bool:
    """Something a test could find wrong: a function with more in it than a docstring and one statement."""
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)]
    return any(len(function.body) > 2 for function in functions)


def test_every_module_with_logic_has_tests_of_its_name() -> None:
    inner = [path for path in MODULES if path.name not in ("__init__.py", "__main__.py") and has_logic(path)]
    mirrors = [ROOT / "tests" / path.relative_to(HOUSE).parent / f"test_{path.name}" for path in inner]
    missing = [str(mirror.relative_to(ROOT)) for mirror in mirrors if not mirror.is_file()]
    assert not missing, "missing:\n" + "\n".join(missing)


FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "joblib.load"}
SOURCES = sorted([*MODULES, *(ROOT / "examples").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def dangers(source: ast.Module) -> Iterator[str]:
    """What could run code from a file or a name, each as "line: what"."""
    for node in ast.walk(source):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from (f"{node.lineno}: import {name}" for name in named if name.split(".")[0] in FORBIDDEN_MODULES)
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        options = {word.arg: word.value for word in node.keywords}
        if name in FORBIDDEN_CALLS:
            yield f"{node.lineno}: {name}()"
        if name == "torch.load" and not truth(options.get("weights_only"), True):
            yield f"{node.lineno}: torch.load() without weights_only=True"
        for option in ("allow_pickle", "shell", "trust_remote_code"):
            if option in options and not truth(options[option], False):
                yield f"{node.lineno}: {name}({option}=…) is not False"


def truth(node: ast.expr | None, expected: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is expected


def test_nothing_runs_what_it_loads() -> None:
    found = [f"{path.relative_to(ROOT)}:{danger}" for path in SOURCES for danger in dangers(tree(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "torch.load(path, weights_only=choice)",
        "np.load(path, allow_pickle=True)",
        "subprocess.run(line, shell=True)",
        "AutoModel.from_pretrained(name, trust_remote_code=True)",
        "eval(text)",
        "exec(text)",
    ],
)
def test_the_lint_sees_what_it_is_for(code: str) -> None:
    assert list(dangers(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    ["torch.load(path, weights_only=True)", "np.load(path, allow_pickle=False)", "network.eval()", "re.compile(x)"],
)
def test_the_lint_lets_the_safe_way_through(code: str) -> None:
    assert not list(dangers(ast.parse(code)))
