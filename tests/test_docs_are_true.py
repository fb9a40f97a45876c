"""README and docs are run: examples in order, commands through the real parser, links followed, no name left out.

A page is one session: its ```python blocks run from top to bottom in one namespace, in a folder that holds the small
data sets written by `world` below. ```console blocks are parsed, not run (`$ headstart …`, `$ make …`).
"""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from headstart.adaptation import ADAPTERS
from headstart.backbones.opening import BACKBONES
from headstart.cli.main import COMMANDS, cli
from headstart.heads import HEADS
from headstart.selection import METRICS
from headstart.strategies import recipes

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")


class Block(NamedTuple):
    """A fenced block: its language, its text and the line it starts in."""

    language: str
    text: str
    line: int


def blocks(page: Path, language: str) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(match[1], match[2], text[: match.start()].count("\n") + 1)
        for match in FENCE.finditer(text)
        if match[1] == language
    ]


def pages_with(language: str) -> list[Path]:
    return [page for page in PAGES if blocks(page, language)]


def name_of(value: Any) -> str:
    return value.name if isinstance(value, Path) else str(value)


# ---- examples ------------------------------------------------------------------------------------------------------


def picture(path: Path, colour: tuple[int, int, int], rng: np.random.Generator) -> None:
    """A small noisy picture in which one colour prevails."""
    pixels = rng.normal(colour, 40, size=(8, 8, 3)).clip(0, 255).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What examples speak of: photos/, new/, new.jpg, handwritten/, rendered/, reviews.csv, measurements.npz."""
    root, rng = tmp_path_factory.mktemp("world"), np.random.default_rng(0)
    colours = {"ants": (150, 90, 60), "bees": (190, 170, 60)}
    for name, colour in colours.items():
        for row in range(24):
            picture(root / "photos" / name / f"{row}.jpg", colour, rng)
        picture(root / "new" / f"{name}.jpg", colour, rng)
    for row in range(4):
        picture(root / "photos" / "unlabelled" / f"{row}.jpg", colours["bees"], rng)
    picture(root / "new.jpg", colours["ants"], rng)
    for digit, colour in {"0": (40, 40, 90), "1": (40, 90, 40)}.items():
        for row in range(20):
            picture(root / "rendered" / digit / f"{row}.png", colour, rng)
            picture(root / "handwritten" / ("train" if row < 12 else "test") / digit / f"{row}.png", colour, rng)
    words = {"positive": "lovely warm brilliant moving", "negative": "dull clumsy tedious empty"}
    lines = [f"{words[label].split()[row % 4]} film number {row},{label}" for row in range(40) for label in words]
    (root / "reviews.csv").write_text("\n".join(["text,label", *lines]) + "\n")
    y = np.arange(90) % 3
    np.savez(root / "measurements.npz", X=rng.normal(size=(90, 5)) + 3 * np.eye(5)[y], y=y)
    return root


@pytest.fixture
def desk(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the world to work in."""
    shutil.copytree(world, tmp_path / "desk")
    # What is tested is that examples run, not what comes out: networks are trained for a moment only.
    monkeypatch.setattr(recipes, "training_steps", lambda *_, **__: 10)
    monkeypatch.chdir(tmp_path / "desk")
    return tmp_path / "desk"


@pytest.mark.parametrize("page", pages_with("python"), ids=name_of)
def test_examples_run(page: Path, desk: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "example"}
    for block in blocks(page, "python"):
        if block.text.lstrip().startswith(">>>"):
            run_session(block, page, namespace)
        else:
            code = compile("\n" * block.line + block.text, str(page), "exec")  # so that line numbers are the page's
            exec(code, namespace)


def run_session(block: Block, page: Path, namespace: dict[str, Any]) -> None:
    """A block of >>> lines; what is printed must be what the page shows."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    session = doctest.DocTestParser().get_doctest(block.text, namespace, page.name, str(page), block.line)
    complaints: list[str] = []
    runner = doctest.DocTestRunner(optionflags=flags)
    runner.run(session, out=complaints.append, clear_globs=False)
    namespace.update(session.globs)
    assert not complaints, "".join(complaints)


# ---- commands ------------------------------------------------------------------------------------------------------


def typed(page: Path) -> Iterator[tuple[str, int]]:
    """What stands behind each `$ ` of the page's console blocks, with its line."""
    for block in blocks(page, "console"):
        for offset, line in enumerate(block.text.replace("\\\n", "").splitlines(), start=1):
            if line.startswith("$ "):
                yield line[2:], block.line + offset


def words_of(line: str) -> list[str]:
    """The words of a command, without comment, redirection and pipe."""
    words = shlex.split(line, comments=True)
    ends = [place for place, word in enumerate(words) if word in (">", ">>", "<", "|", "2>", "&&")]
    return words[: min(ends, default=len(words))]


def leaves(command: click.Command) -> Iterator[click.Command]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from leaves(inner)
    else:
        yield command


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The real command line, in which every command parses its words and then does nothing."""
    for leaf in leaves(cli):
        monkeypatch.setattr(leaf, "callback", lambda **_: None)
    return CliRunner()


@pytest.mark.parametrize("page", pages_with("console"), ids=name_of)
def test_commands_parse(page: Path, parser: CliRunner) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line, number in typed(page):
        words = words_of(line)
        if words[0] == "headstart":
            ended = parser.invoke(cli, words[1:])
            assert ended.exit_code == 0, f"{page.name}:{number}: {line}\n{ended.output}"
        elif words[0] == "make":
            goals = [word for word in words[1:] if "=" not in word]
            assert goals and set(goals) <= targets, f"{page.name}:{number}: {line}"


def test_a_wrong_command_would_be_noticed(parser: CliRunner) -> None:
    assert parser.invoke(cli, ["transfer", "photos/", "--form", "rendered/"]).exit_code == 2
    assert parser.invoke(cli, ["transfer", "photos/", "--from", "rendered/"]).exit_code == 0


# ---- names and links -----------------------------------------------------------------------------------------------


def all_docs() -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("head", sorted(HEADS)),
        ("adapter", sorted(ADAPTERS)),
        ("backbone", sorted(BACKBONES)),
        ("metric", sorted(METRICS)),
    ],
)
def test_every_registered_name_is_in_the_docs(kind: str, names: list[str]) -> None:
    text = all_docs()
    missing = [name for name in names if not re.search(rf"`[^`\n]*\b{re.escape(name)}\b[^`\n]*`", text)]
    assert not missing, f"{kind}: no page speaks of {', '.join(missing)}"


def test_every_command_and_option_is_in_the_docs() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert not [name for name in COMMANDS if f"## headstart {name}" not in text]
    options = {option for leaf in leaves(cli) for option in leaf.params if isinstance(option, click.Option)}
    names = {name for option in options for name in option.opts if name.startswith("--")}
    assert not sorted(name for name in names if f"`{name}" not in text)


def anchors(page: Path) -> set[str]:
    """Headings as links name them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert not sorted(name for name in pages if f"]({name})" not in index)
