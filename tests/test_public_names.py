"""The public list is small, sorted and true, and asking for it costs nothing."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import headstart

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "src" / "headstart"
HEAVY = ("torch", "numpy", "sklearn", "scipy", "PIL", "pandas", "timm", "transformers")


def loaded_after(program: str) -> set[str]:
    """Top-level modules in a fresh interpreter after the program ran."""
    code = f"{program}\nimport sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ended.stdout.split("\n")[-2].split())


def test_the_list_is_sorted() -> None:
    first, *names = headstart.__all__
    assert first == "__version__"
    assert names == sorted(names)
    assert len(set(headstart.__all__)) == len(headstart.__all__)


@pytest.mark.parametrize("name", headstart.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(headstart, name) is not None


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'transfre'; public names: .*transfer"):
        _ = headstart.transfre


def test_importing_headstart_imports_nothing_heavy() -> None:
    loaded = loaded_after("import headstart; dir(headstart)")
    assert "headstart" in loaded
    assert not loaded & set(HEAVY)


def test_the_heavy_ones_are_seen_when_they_are_loaded() -> None:
    assert "numpy" in loaded_after("import headstart.arrays")


def rooms_with_a_list() -> list[str]:
    """Modules below the front door that say what is public in them."""
    found = []
    for path in sorted(HOUSE.rglob("*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        names = {target.id for node in body if isinstance(node, ast.Assign) for target in node.targets
                 if isinstance(target, ast.Name)}  # fmt: skip
        if "__all__" in names and path.parent != HOUSE:
            parts = path.relative_to(HOUSE.parent).with_suffix("").parts
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def test_the_lists_of_the_rooms_are_sorted_and_true() -> None:
    for name in rooms_with_a_list():
        module = importlib.import_module(name)
        assert list(module.__all__) == sorted(module.__all__), name
        assert not [entry for entry in module.__all__ if not hasattr(module, entry)], name


def test_the_version_is_said_once() -> None:
    import tomllib

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert headstart.__version__ == declared
    assert f"[{declared}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
