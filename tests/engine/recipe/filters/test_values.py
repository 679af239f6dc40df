"""Text, patterns, codes and numbers."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recipe.filters import FILTERS, TESTS, ArgumentError, FilterError

extract = FILTERS["extract"]


# -- default= --------------------------------------------------------------------------------------


def test_a_default_stands_in_for_nothing_and_for_what_fails() -> None:
    for empty in (None, "", "  ", "n/a"):
        assert FILTERS["date"](empty, default="2000-01-01") == "2000-01-01"
    assert FILTERS["date"]("4 March 2024", default="2000-01-01") == "2024-03-04"
    assert FILTERS["int"]("x", 0) == 0  # also as the last one without a name, as in Jinja


def test_a_default_does_not_hide_a_wrong_argument() -> None:
    for name, arguments in (
        ("time_zone", {"zone": "Mars/Olympus"}),
        ("date", {"order": "dmy"}),
        ("cents", {"currency": "XXQ"}),
        ("phone", {"country": "USA"}),
        ("number", {"locale": "xx_XX"}),
        ("extract", {"pattern": "{a}{b}"}),
    ):
        with pytest.raises(ArgumentError):
            FILTERS[name]("2024-03-04T20:30Z", **arguments, default="x")


# -- text ------------------------------------------------------------------------------------------


def test_text() -> None:
    assert FILTERS["between"]("a [b] c", "[", "]") == "b"
    assert FILTERS["between"]("a (b] c", "[", "]") is None
    assert FILTERS["pad"]("123456", 5) == "123456"
    assert FILTERS["lines"]("a\r\n\r\n b \n") == ["a", "b"]
    assert FILTERS["ascii"]("Łódź, Größe, Ørsted") == "Lodz, Grosse, Orsted"
    assert FILTERS["html_of_text"]('<a href="x">\r\n') == "&lt;a href=&quot;x&quot;&gt;"
    for wrong in ({"length": 10**9}, {"length": 5, "fill": "ab"}):
        with pytest.raises(ArgumentError):
            FILTERS["pad"]("x", **wrong)


@pytest.mark.parametrize(
    ("word", "value"),
    [("Yes", True), (" no ", False), (True, True), (0, False), ("", None), ("off", False)],
)
def test_yes_and_no(word: Any, value: bool | None) -> None:
    assert FILTERS["bool"](word) is value


def test_what_is_neither_yes_nor_no() -> None:
    with pytest.raises(FilterError, match="'maybe' is neither yes nor no"):
        FILTERS["bool"]("maybe")


@pytest.mark.parametrize(
    ("text", "pattern", "fields"),
    [
        ("PI-2024-117", "{area}-{year}-{n}", {"area": "PI", "year": "2024", "n": "117"}),
        ("PI-2024-117-b", "{area}-{rest}", {"area": "PI", "rest": "2024-117-b"}),
        ("  Re:  Whitfield   v. Harbor ", "re: {a} v. {b}", {"a": "Whitfield", "b": "Harbor"}),
        ("a.b", "a.b", {}),
        ("x", "{all}", {"all": "x"}),
        ("--", "{a}-", {"a": "-"}),
    ],
)
def test_patterns(text: str, pattern: str, fields: dict[str, str]) -> None:
    assert extract(text, pattern) == fields
    assert TESTS["written_like"](text, pattern)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("PI 2024", "{a}-{b}"),
        ("axb", "a.b"),
        ("-b", "{a}-{b}"),
        ("a-", "{a}-{b}"),
        ("", "a"),
        ("(b", "(a"),
    ],
)
def test_what_is_written_otherwise(text: str, pattern: str) -> None:
    assert not TESTS["written_like"](text, pattern)
    if text:
        with pytest.raises(FilterError, match="is not written like"):
            extract(text, pattern)


@pytest.mark.parametrize("pattern", ["{a}{b}", "{a} {a}", "{}", "{1}", "{é}"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(ArgumentError, match="can't be read"):
        extract("x", pattern)


def test_patterns_are_read_in_time_whatever_the_text() -> None:
    pattern = "-".join(f"{{n{place}}}" for place in range(50)) + "!"
    started = time.perf_counter()
    assert not TESTS["written_like"]("-" * 500_000, pattern)
    assert time.perf_counter() - started < 1


# -- codes -----------------------------------------------------------------------------------------


def test_codes() -> None:
    assert FILTERS["hash"]("x", "md5") == "9dd4e461268c8034f5c8564e155c67a6"
    assert FILTERS["hash"]({"b": 1, "a": 2}) == FILTERS["hash"]({"b": 1, "a": 2})
    assert FILTERS["from_json"](' {"a": [1, null]} ') == {"a": [1, None]}
    assert FILTERS["from_json"]({"a": 1}) == {"a": 1}
    for wrong in ("{", "NaN", "1e999", "9" * 50, "[" * 100_000):
        with pytest.raises(FilterError, match="is not JSON"):
            FILTERS["from_json"](wrong)
    with pytest.raises(FilterError, match="not text in Base64"):
        FILTERS["text_of_base64"]("/w==")
    for wrong in ("harborlaw", "http://", "http://[x", "https://a.example:99999/"):
        with pytest.raises(FilterError, match="is not a web address"):
            FILTERS["url_parts"](wrong)


@given(st.text(max_size=40))
def test_base64_and_json_are_read_back(text: str) -> None:
    assert FILTERS["text_of_base64"](FILTERS["base64"](text)) == text
    assert FILTERS["from_json"](FILTERS["json"]([text])) == [text]


# -- numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "locale", "number"),
    [
        ("1.234,56", "de_DE", 1234.56),
        ("1 234,56", "fr_FR", 1234.56),
        ("1,234", "en_US", 1234),
        ("-0.5", "en_US", -0.5),
        (7, "de_DE", 7),
    ],
)
def test_numbers_in_other_languages(text: Any, locale: str, number: float) -> None:
    assert FILTERS["number"](text, locale) == number


@pytest.mark.parametrize(
    ("text", "locale"), [("1.234,56", "en_US"), ("1,23,4", "en_US"), ("x", "de")]
)
def test_what_is_no_number_there(text: str, locale: str) -> None:
    with pytest.raises(FilterError, match="is not a number as"):
        FILTERS["number"](text, locale)


def test_numbers_for_people() -> None:
    assert FILTERS["format_number"](1234567) == "1,234,567"
    assert FILTERS["format_number"]("2.5", 0) == "3"
    assert FILTERS["format_number"](-0.125, 2, "de_DE") == "-0,13"
    assert FILTERS["percent"](1) == "100%"
    assert [FILTERS["ordinal"](n) for n in (1, 2, 11, 112, 23)] == [
        "1st",
        "2nd",
        "11th",
        "112th",
        "23rd",
    ]
    assert FILTERS["round"](2.1, 0, "up") == 3
    assert FILTERS["round"]("-2.15", 1, "down") == -2.2
    assert FILTERS["at_least"]("-3.5", 0) == 0
    assert FILTERS["at_most"](3.5, 10) == 3.5
    with pytest.raises(ArgumentError):
        FILTERS["at_least"](1, "x")
    with pytest.raises(FilterError, match="not a whole number"):
        FILTERS["ordinal"](1.5)
