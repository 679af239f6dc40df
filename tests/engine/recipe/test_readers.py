"""Fast ways of reading dates and HTML: the same that the thorough ways read."""

import re
from datetime import date, datetime, timedelta, timezone
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recipe.filters import FILTERS, dates
from engine.recipe.filters.errors import FilterError
from engine.recipe.filters.markup import BREAKS, SILENT

# -- dates -----------------------------------------------------------------------------------------

zones = st.none() | st.integers(-14 * 4, 14 * 4).map(
    lambda quarters: timezone(timedelta(minutes=15 * quarters))
)


@given(
    st.datetimes(datetime(1000, 1, 1), timezones=zones), st.sampled_from(["auto", "milliseconds"])
)
def test_a_moment_as_computers_write_it_is_read_as_any_other(moment, precision) -> None:
    text = moment.isoformat(timespec=precision)
    for written in {text, text.replace("+00:00", "Z")}:
        if dates.MOMENT.fullmatch(written) is None:
            continue
        numeric = dates.NUMERIC.fullmatch(written)
        assert numeric is not None
        thorough = dates._read_numeric(written, numeric, None)
        fast = dates._read.__wrapped__(written, None)
        assert (fast, fast.utcoffset()) == (thorough, thorough.utcoffset())
        assert fast.isoformat() == thorough.isoformat()
        assert fast.strftime("%Z") == thorough.strftime("%Z")


@pytest.mark.parametrize(
    "text",
    ["2024-13-01T00:00:00", "2024-02-30T10:00:00Z", "2024-03-04T25:00:00", "2024-03-04T10:61:00"],
)
def test_a_moment_that_is_none_is_refused(text) -> None:
    with pytest.raises(FilterError, match="is not a date"):
        FILTERS["datetime"](text)


@given(st.dates(date(1000, 1, 1)), st.sampled_from(["", "T10:20:30Z", " 10:20", "T1020"]))
def test_the_day_of_a_moment_is_its_first_ten_letters(day, rest) -> None:
    written = FILTERS["date"](f"{day.isoformat()}{rest}", "dd/MM/yyyy")
    assert written == f"{day:%d/%m}/{day.year:04}"


@pytest.mark.parametrize(
    ("text", "read"),
    [("", None), ("   ", None), ("\t" * 10, None), ("3/13/2024", "2024-03-13"), ("4May2024", None)],
)
def test_short_texts_are_read_the_same_the_second_time(text, read) -> None:
    for _ in range(2):
        if text == "4May2024":
            with pytest.raises(FilterError, match="is not a date"):
                FILTERS["date"](text)
        else:
            assert FILTERS["date"](text) == read


# -- HTML ------------------------------------------------------------------------------------------

attributes = st.sampled_from(
    ["", ' class="a>b"', " title='x > y'", " href=it", ' a = "1"', " checked", ' alt=""']
)
leaves = st.sampled_from([
    "text", "a &amp; b", "a < b", "&lt;p&gt;", "\n", "<br>", "<br/>", "<hr />", "<!-- c > d -->", "1 > 2", "<3", "&copy",
    "<script>if (a<b) '</p>'</script>", "<style>p > b {}</style>", "<!DOCTYPE html>", "&#233;", "<img alt='>'>",
    "<SCRIPT src='x'></SCRIPT>", "<script/>", "<head><title>t</title></head>", "</p>", "<?xml version='1'?>",
])  # fmt: skip


def wrapped(inner):
    tags = st.sampled_from(["p", "b", "div", "LI", "h1", "span", "td"])
    return st.builds("<{0}{1}>{2}</{0}>".format, tags, attributes, inner)


pages = st.recursive(
    leaves, lambda inner: wrapped(inner) | st.builds("{}{}".format, inner, inner), max_leaves=12
)


class Thorough(HTMLParser):
    """The text as the standard library reads it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs) -> None:
        if tag in SILENT:
            self.silent += 1
        elif tag in BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag) -> None:
        if tag in SILENT:
            self.silent = max(self.silent - 1, 0)
        elif tag in BREAKS:
            self.parts.append("\n")

    def handle_data(self, data) -> None:
        if not self.silent:
            self.parts.append(data.replace("\n", " "))

    def lines(self) -> str:
        lines = "".join(self.parts).split("\n")
        spaced = (re.sub(r"\s+", " ", line).strip() for line in lines)
        return "\n".join(line for line in spaced if line)


@given(pages)
def test_the_text_of_html_is_what_the_standard_library_reads(page) -> None:
    reader = Thorough()
    reader.feed(page)
    reader.close()
    assert FILTERS["text_of_html"](page) == reader.lines()


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("a <b", "a <b"),
        ("a <!-- b", "a <!-- b"),
        ("a <script>b", "a"),
        ("<a title='>b", "b"),
        ("<a title='>b</a> <i>c</i>", "b c"),
        ("<p>a<p>b", "a\nb"),
        ("x</", "x</"),
        ("1 < 2 <b>", "1 < 2"),
    ],
)
def test_html_that_is_broken_is_read_as_far_as_it_goes(page, text) -> None:
    assert FILTERS["text_of_html"](page) == text
