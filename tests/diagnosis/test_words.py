"""Unknown words between texts."""

from __future__ import annotations

from headstart.diagnosis.words import telling_words, unknown_words


def test_another_language_is_noticed() -> None:
    english = [
        "the film was good",
        "the film was bad",
        "the plot was good",
        "a bad plot and a bad film",
        "a good plot",
    ] * 5
    german = ["der film war gut", "die handlung war schlecht"] * 5
    assert "another language" in unknown_words(english, german).note
    assert unknown_words(english, english[::-1]).note == ""


def test_the_words_that_tell_sides_apart_come_first() -> None:
    books = ["a good book", "a bad book", "long book"] * 5
    knives = ["a good knife", "a bad knife", "sharp knife"] * 5
    found = dict(telling_words(books, knives, most=2))
    assert set(found) == {"book", "knife"}
    assert found["book"] < 0 < found["knife"]
