"""The page: nothing gets in unescaped, nothing points outside, nothing missing breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.reports.page import MOST_MISTAKES, MOST_REJECTS, outcome, render, safe_thumbnail, write
from headstart.results import Interval, Score
from headstart.strategies.findings import Entry, Findings

NAN = float("nan")
VOID = {"meta", "img", "br", "link", "input", "hr"}
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "]]></title></svg><b>",
    "{{ 7 * 7 }}{% raw %}",
    "نمل وحشرات أخرى",
    "蜜蜂與其他昆蟲",
    "a\x00b\x1b[31m\u202egnp.exe\udcff\ufffe",
    "x" * 300,
    "&amp; &lt; &#x27;",
    "",
)


class Page(HTMLParser):
    """Tags in order, every attribute, the visible text; raises where elements do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.stack: list[str] = []
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.stack[-1:] != ["style"]:
            self.text += data

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


def named(findings: Findings, names: Iterable[str]) -> Findings:
    """The same findings with every name that comes from outside replaced, in turn, by one of `names`."""
    names = list(names)
    given_names = iter(names * 1000)

    def other(_: object = None) -> str:
        return next(given_names)

    return replace(
        findings,
        title=other(), verdict=other(), created=other(), source="from " + other(),
        classes=tuple(map(other, findings.classes)),
        entries=tuple(
            replace(entry, name=other(), layer=other(), head=other(), note="n " + other()) for entry in findings.entries
        ),
        curves={f"{k} {other()}": points for k, points in enumerate(findings.curves.values())},
        mistakes=tuple(
            replace(mistake, id=other(), truth=other(), predicted=other(), excerpt="e " + other())
            for mistake in findings.mistakes
        ),
        rejects=tuple((other(), f"{k} {other()}") for k, _ in enumerate(findings.rejects)),
        duplicates=tuple(tuple(map(other, group)) for group in findings.duplicates),
        notes=tuple(map(other, findings.notes)),
        costs={f"{k} {other()}": 1.0 for k in findings.costs},
        repeat={"command": other(), "seed": 0, other(): {other(): other()}},
    )  # fmt: skip


@pytest.fixture(scope="session", params=["photos", "reviews", "null_wins"])
def any_findings(request: pytest.FixtureRequest) -> Findings:
    return request.getfixturevalue(request.param)


def test_the_page_nests_and_starts_with_the_answer(any_findings: Findings) -> None:
    page = Page(render(any_findings))
    before_comparison = page.words.partition("Every model learned")[0]
    chosen = any_findings.chosen
    assert any_findings.verdict in before_comparison
    assert chosen.name in before_comparison
    assert f"{100 * chosen.held_out.value:.1f} %" in before_comparison
    assert f"{100 * chosen.held_out.interval.low:.1f}, {100 * chosen.held_out.interval.high:.1f}]" in before_comparison


def test_the_gain_stands_on_top_with_its_sign(photos: Findings) -> None:
    gain = photos.chosen.gain
    top = Page(render(photos)).words.partition("Every model learned")[0]
    assert gain is not None
    assert f"+{100 * gain.value:.1f} points [+{100 * gain.low:.1f}, +{100 * gain.high:.1f}]" in top
    assert "clearly better than from scratch" in top


def test_where_a_null_wins_the_page_says_so_and_shows_what_transfer_would_have_cost(null_wins: Findings) -> None:
    top = Page(render(null_wins)).words.partition("Every model learned")[0]
    assert "Gain of the best transfer over scratch −2.2 points" in top
    assert "transfer does not help here" in top


def test_every_row_prints_accuracy_and_gain_with_interval_and_sign(any_findings: Findings) -> None:
    words = Page(render(any_findings)).words.partition("Every model learned")[2]
    for entry in any_findings.entries:
        accuracy = entry.held_out.interval
        row = f"{100 * accuracy.value:.1f} [{100 * accuracy.low:.1f}, {100 * accuracy.high:.1f}]"
        if entry.gain:
            row += " {:+.1f} [{:+.1f}, {:+.1f}]".format(
                *(100 * value for value in (entry.gain.value, entry.gain.low, entry.gain.high))
            )
        assert row.replace(" -", " −").replace("[-", "[−") in words


@pytest.mark.parametrize(
    ("gain", "style"),
    [
        (Interval(0.1, 0.02, 0.2), "good"),
        (Interval(-0.1, -0.2, -0.02), "bad"),
        (Interval(0.1, -0.02, 0.2), "caution"),
        (Interval(0.1, NAN, NAN), "plain"),
        (None, "plain"),
    ],
)
def test_the_gain_is_judged_by_its_interval(gain: Interval | None, style: str) -> None:
    assert outcome(gain)[0] == style


def test_no_name_changes_the_structure_of_the_page(any_findings: Findings) -> None:
    plain = Page(render(named(any_findings, ["plain"])))
    hostile = Page(render(named(any_findings, HOSTILE)))
    assert hostile.tags == plain.tags
    assert {name for _, name, _ in hostile.attributes} <= {name for _, name, _ in plain.attributes} | {"transform"}
    assert "script" not in hostile.tags
    assert not [name for _, name, _ in hostile.attributes if name.startswith("on")]


def test_hostile_names_are_shown_as_what_they_are(photos: Findings) -> None:
    page = Page(render(named(photos, ["<script>alert(1)</script>"])))
    assert page.text.count("<script>alert(1)</script>") > 40
    raw = render(named(photos, HOSTILE))
    assert "<script" not in raw and "<b>" not in raw and "\u202e" not in raw and "\x1b" not in raw
    assert "{{ 7 * 7 }}" in raw  # a name is never a template


@settings(max_examples=25, deadline=None)
@given(
    names=st.lists(
        st.text(st.one_of(st.characters(), st.sampled_from("<>&\"'\x00\udcff\u202e{}")), max_size=40),
        min_size=3,
        max_size=7,
    )
)
def test_any_text_in_names_gives_a_page_that_parses(photos: Findings, names: list[str]) -> None:
    text = render(named(photos, names))
    assert Page(text).tags == Page(render(named(photos, ["plain"]))).tags
    text.encode("utf-8")
    for drawing in re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL):
        ElementTree.fromstring(drawing)


def test_every_drawing_says_in_words_what_it_shows(any_findings: Findings) -> None:
    drawings = [
        ElementTree.fromstring(text) for text in re.findall(r"<svg.*?</svg>", render(any_findings), flags=re.DOTALL)
    ]
    assert len(drawings) > len(any_findings.entries)
    for drawing in drawings:
        if drawing.get("aria-hidden") != "true":
            assert drawing.get("role") == "img"
            assert [child.tag for child in drawing[:2]] == ["title", "desc"]
            assert all(child.text for child in drawing[:2])


def test_nothing_points_outside_the_file(any_findings: Findings) -> None:
    text = render(any_findings)
    page = Page(text)
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert ("meta", "content", policy) in page.attributes
    assert {value[:1] for _, name, value in page.attributes if name == "href"} == {"#"}
    assert all(value.startswith("data:image/") for _, name, value in page.attributes if name == "src")
    assert not re.search(r"url\(|@import|https?:|<link|<script|<iframe|<object|<base", text)
    assert not {name for _, name, _ in page.attributes} & {
        "srcset",
        "action",
        "formaction",
        "poster",
        "background",
        "ping",
    }


def test_anchors_lead_somewhere(any_findings: Findings) -> None:
    page = Page(render(any_findings))
    targets = [value for _, name, value in page.attributes if name == "id"]
    assert len(targets) == len(set(targets))
    assert {value[1:] for _, name, value in page.attributes if name == "href"} <= set(targets)


@pytest.mark.parametrize(
    "uri",
    ["https://example.com/a.png", "javascript:alert(1)", "data:text/html;base64,PGI+",
     "data:image/svg+xml;base64,PHN2Zz4=", "data:image/png;base64,AAAA\" onerror=\"x", "file:///etc/passwd", ""],
)  # fmt: skip
def test_only_encoded_pixels_are_pictures(uri: str, photos: Findings) -> None:
    assert safe_thumbnail(uri) == ""
    page = Page(render(replace(photos, mistakes=(replace(photos.mistakes[0], thumbnail=uri), photos.mistakes[1]))))
    assert page.tags.count("img") == 1


def test_a_typical_page_is_small_and_written_as_utf8(photos: Findings, tmp_path: Path) -> None:
    path = write(photos, tmp_path / "report.html")
    assert path.stat().st_size < 1_000_000
    assert path.read_text(encoding="utf-8") == render(photos)


def test_a_hundred_classes_stay_below_a_megabyte(photos: Findings) -> None:
    counts = np.random.default_rng(0).integers(0, 4, (100, 100))
    text = render(
        replace(
            photos, classes=tuple(f"class {k}" for k in range(100)), class_counts=(7,) * 100, confusion=as_rows(counts)
        )
    )
    assert len(text.encode()) < 1_500_000
    Page(text)


@pytest.mark.parametrize("n_classes", [1, 2, 13, 26, 200])
def test_any_number_of_classes_is_drawn(photos: Findings, n_classes: int) -> None:
    counts = np.eye(n_classes, dtype=int) * 5
    counts[0, -1] += 3
    names = tuple(f"class {k}" for k in range(n_classes))
    page = Page(render(replace(photos, classes=names, class_counts=(9,) * n_classes, confusion=as_rows(counts))))
    assert names[0] in page.words and names[-1] in page.words


def test_five_thousand_rejects_are_counted_and_cut(photos: Findings) -> None:
    rejects = tuple((f"bad/{k}.jpg", "truncated" if k % 4 else "empty file") for k in range(5000))
    page = Page(render(replace(photos, rejects=rejects)))
    assert "5,000 samples left out as unusable" in page.words
    assert "3,750 × truncated" in page.words and "1,250 × empty file" in page.words
    assert f"bad/{MOST_REJECTS - 1}.jpg" in page.words and f"bad/{MOST_REJECTS}.jpg" not in page.words
    assert f"… and {5000 - MOST_REJECTS:,} more." in page.words


def test_many_mistakes_and_large_groups_of_duplicates_are_cut(photos: Findings) -> None:
    many = replace(photos, mistakes=photos.mistakes * 20, duplicates=(tuple(f"{k}.jpg" for k in range(500)),))
    page = Page(render(many))
    assert page.tags.count("img") == MOST_MISTAKES
    assert f"… and {12 * 20 - MOST_MISTAKES} more." in page.words
    assert "… and 490 more" in page.words and "10.jpg" not in page.words


def test_without_mistakes_the_page_says_there_are_none(photos: Findings) -> None:
    perfect = replace(photos, mistakes=(), confusion=as_rows(np.diag([50] * 5)))
    page = Page(render(perfect))
    assert "every one of the 250 held-out samples was named correctly" in page.words
    assert "None: every held-out sample was named correctly." in page.words


def unknown(entry: Entry) -> Entry:
    nothing = Score(NAN, NAN, 0, Interval(NAN, NAN, NAN))
    return replace(entry, validation=nothing, test=nothing, gain=Interval(NAN, NAN, NAN), seconds=NAN)


def test_unknown_numbers_become_dashes(photos: Findings) -> None:
    text = render(replace(photos, entries=tuple(map(unknown, photos.entries)), costs={"reading": NAN}))
    words = Page(text).words
    assert not re.search(r"\bnan\b", text, flags=re.IGNORECASE)
    assert "interval not known" in words


def test_a_bare_result_still_renders(photos: Findings) -> None:
    bare = replace(
        photos, entries=(replace(photos.entries[-1], chosen=False),), confusion=(), reliability=None, abstain=(),
        curves={}, mistakes=(), rejects=(), duplicates=(), notes=(), costs={}, repeat={}, class_counts=(), n_test=0,
    )  # fmt: skip
    page = Page(render(bare))
    assert "Chosen model none" in page.words
    assert not {"labels", "confidence", "notes", "repeat"} & {
        value for _, name, value in page.attributes if name == "id"
    }


def test_one_entry_is_enough(photos: Findings) -> None:
    page = Page(render(replace(photos, entries=photos.entries[:1])))
    assert "Baselines" not in page.words and photos.chosen.name in page.words


def test_how_to_repeat_it_is_one_block_to_copy(photos: Findings) -> None:
    words = Page(render(photos)).text
    block = words[words.index("headstart transfer flowers/") :]
    assert block.startswith("headstart transfer flowers/ -o model/ --seed 0\n# seed: 0\n# split: 9f2c51e0a7d4b86e\n")


def as_rows(counts: np.ndarray) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(count) for count in row) for row in counts)


def test_a_fine_tuning_run_shows_what_moved_and_its_proof(photos: Findings) -> None:
    page = render(photos)
    training = photos.trainings[0]
    told = ("1,143,202 of 2,226,434", training.frozen[:16], "14,000 passes", "blocks.5", "round 3 (21 steps)")
    for words in (*told, "75.0 % from the start"):
        assert words in page
    hostile = replace(training, name="<script>x</script>", move="<b>", boundary="<i>", notes=("<u>",))
    page = render(replace(photos, trainings=(hostile,)))
    assert "<script>x" not in page and "<u>" not in page and "<i>" not in page
    assert "Fine-tuning" not in render(replace(photos, trainings=()))


def test_where_everything_moved_nothing_is_called_frozen(photos: Findings) -> None:
    training = replace(photos.trainings[0], boundary="", moved=9, numbers=9, losses=())
    page = render(replace(photos, trainings=(training,)))
    assert "no layer: all of them run" in page and "nothing was to stand still" in page
    assert training.frozen[:16] not in page and "samples learned from" not in page
