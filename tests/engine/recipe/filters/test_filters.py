"""What filters make of values, and what they refuse."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recipe.filters import FILTERS, TESTS, FilterError, filters_for
from engine.recipe.templates.environment import as_text, build_environment
from engine.recipe.templates.template import compile_template

ENVIRONMENT = build_environment(filters_for({"areas": {"Family": "Family Law"}}), TESTS)
EXAMPLE = re.compile(r"^\s*>>> (.*)\n\s*(.*)$", re.MULTILINE)
ALL: dict[str, Callable[..., Any]] = {**FILTERS, **{f"is {n}": test for n, test in TESTS.items()}}


def value(template: str, **scope: Any) -> Any:
    return compile_template(ENVIRONMENT, template, "field").value(scope)


@pytest.mark.parametrize("name", ALL)
def test_the_examples_in_the_docstrings_are_true(name: str) -> None:
    examples = EXAMPLE.findall(ALL[name].__doc__ or "")
    assert examples, f"{name} has no example"
    for template, expected in examples:
        assert name.removeprefix("is ") in template
        result = value(template)
        assert (result if isinstance(result, str) else json.dumps(result)) == expected


# -- nothing stays nothing -------------------------------------------------------------------------

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "default": ("x",),
    "replace": ("a", "b"),
    "truncate": (5,),
    "left": (5,),
    "right": (5,),
    "before": ("a",),
    "after": ("a",),
    "translate": ("areas",),
    "time_zone": ("UTC",),
    "money": ("USD",),
    "map": ("name",),
    "where": ("name", "x"),
    "between": ("a", "b"),
    "extract": ("{a}-{b}",),
    "pad": (5,),
    "take": (2,),
    "each": ("trim",),
    "group_by": ("name",),
    "index_by": ("name",),
    "chunk": (2,),
    "difference": (["a"],),
    "intersection": (["a"],),
    "union": ([],),
    "merge": ({},),
    "add": ("1 month",),
    "subtract": ("2 business days",),
    "until": ("2024-03-04",),
    "since": ("2024-03-04", "business days"),
    "start_of": ("quarter",),
    "end_of": ("week",),
    "at_least": (0,),
    "at_most": (0,),
}
OF_NOTHING: dict[str, Any] = {
    "default": "x",
    "json": "null",
    "length": 0,
    "join": "",
    "sum": 0,
    "sort": [],
    "unique": [],
    "map": [],
    "where": [],
    **{name: [] for name in ("reverse", "take", "compact", "each", "chunk", "flatten", "union")},
    **{name: [] for name in ("difference", "intersection", "group_by")},
    **{name: [] for name in ("keys", "values", "entries")},
    **{name: {} for name in ("index_by", "merge")},
}


@pytest.mark.parametrize("name", FILTERS)
def test_nothing_stays_nothing(name: str) -> None:
    written = f"{name}({', '.join(map(repr, ARGUMENTS.get(name, ())))})"
    expected = OF_NOTHING.get(name)
    for nothing in ("none", "record.gone", "record.gone.further"):
        assert value(f"{{{{ {nothing} | {written} }}}}", record={}) == expected


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_default_is_for_whatever_is_empty(empty: str | None) -> None:
    assert value("{{ x | default('Unknown') }}", x=empty) == "Unknown"
    assert value("{{ x.y | default('Unknown') }}", x={}) == "Unknown"


@pytest.mark.parametrize("there", [0, False, "a", [], 0.0])
def test_default_leaves_what_is_there(there: Any) -> None:
    assert value("{{ x | default('Unknown') }}", x=there) == there


# -- values ----------------------------------------------------------------------------------------


def test_text() -> None:
    assert FILTERS["title"]("it's MARY-ANN") == "It's Mary-Ann"
    assert FILTERS["lower"](7) == "7"
    assert FILTERS["truncate"]("abc", 3) == "abc"
    assert FILTERS["after"]("abc", "x") is None
    assert FILTERS["before"]("abc", "x") == "abc"
    assert FILTERS["split"](" a  b ") == ["a", "b"]
    assert FILTERS["slug"]("Łódź & Größe") == "lodz-grosse"
    assert FILTERS["email"]("  ") is None
    assert FILTERS["json"]({"a": None, "ü": [1]}) == '{"a": null, "ü": [1]}'
    html = "<style>x</style>a&nbsp;<b>b</b><script>1<2</script><br>c<li>d"
    assert FILTERS["text_of_html"](html) == "a b\nc\nd"


@pytest.mark.parametrize(
    ("full", "given_name", "family_name"),
    [
        ("Cher", "Cher", None),
        ("Mary Ann Smith", "Mary Ann", "Smith"),
        ("Smith, John", "John", "Smith"),
        ("John Smith Jr.", "John", "Smith"),
        ("John Smith, Esq.", "John", "Smith"),
        ("Dr Jane Doe", "Jane", "Doe"),
        ("Maria de la Cruz", "Maria", "de la Cruz"),
        ("Vincent van Gogh", "Vincent", "van Gogh"),
        (" , ", None, None),
        ("", None, None),
    ],
)
def test_names(full: str, given_name: str | None, family_name: str | None) -> None:
    assert FILTERS["given_name"](full) == given_name
    assert FILTERS["family_name"](full) == family_name


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2024-03-04", "2024-03-04"),
        (" 2024-03-04 ", "2024-03-04"),
        ("2024-03-04T20:30:00Z", "2024-03-04"),
        ("2024-03-04 20:30:00.123+02:00", "2024-03-04"),
        ("20240304", "2024-03-04"),
        ("2024/3/4", "2024-03-04"),
        ("March 4, 2024", "2024-03-04"),
        ("4th of March, 2024", "2024-03-04"),
        ("Mon, 04 Mar 2024 10:00:00 GMT", "2024-03-04"),
        ("13/04/2024", "2024-04-13"),
        ("4/13/2024 10:30 pm", "2024-04-13"),
        ("3.3.2024", "2024-03-03"),
    ],
)
def test_dates(written: str, iso: str) -> None:
    assert FILTERS["date"](written) == iso


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("03/04/2024", "ambiguous_date"),
        ("3/4/24", "ambiguous_date"),
        ("03.04.2024 10:30", "ambiguous_date"),
        ("10 11 2024", "ambiguous_date"),
        ("13/4/24", "not_a_date"),
        ("4 March 24", "not_a_date"),
        ("March 2024", "not_a_date"),
        ("31/02/2024", "not_a_date"),
        ("2024-02-30", "not_a_date"),
        ("2024-03-04x", "not_a_date"),
        ("4 Mar 2024 8pm EST", "not_a_date"),
        ("soon", "not_a_date"),
        ("9" * 40, "not_a_date"),
        (1709510400, "not_a_date"),
    ],
)
def test_what_is_no_date(written: Any, code: str) -> None:
    with pytest.raises(FilterError) as caught:
        FILTERS["date"](written)
    assert caught.value.code == code
    assert str(written)[:30] in caught.value.message


def test_dates_in_an_order() -> None:
    assert FILTERS["date"]("03/04/2024", order="day first") == "2024-04-03"
    assert FILTERS["date"]("03/04/2024", order="month first") == "2024-03-04"
    with pytest.raises(FilterError, match="'13/04/2024' is not a date"):
        FILTERS["date"]("13/04/2024", order="month first")


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ("dd/MM/yyyy", "04/03/2024"),
        ("DD/MM/YYYY", "04/03/2024"),  # Babel's own DD and YYYY are other things
        ("long", "March 4, 2024"),
        ("EEEE", "Monday"),
        ("%d.%m.%y", "04.03.24"),
    ],
)
def test_formats(format: str, expected: str) -> None:
    assert FILTERS["date"]("2024-03-04", format) == expected


@pytest.mark.parametrize("format", ["%999999999d", "d" * 60, "HH:mm", "%q", "x" * 500])
def test_bad_formats(format: str) -> None:
    with pytest.raises(FilterError) as caught:
        FILTERS["date"]("2024-03-04", format)
    assert caught.value.code == "bad_format"


def test_times() -> None:
    assert FILTERS["datetime"]("2024-03-04 20:30") == "2024-03-04T20:30:00"
    assert FILTERS["datetime"]("2024-03-04 20:30", "d MMM yyyy, HH:mm") == "4 Mar 2024, 20:30"
    assert FILTERS["datetime"]("2024-07-04 20:30", zone="America/New_York").endswith("-04:00")
    assert FILTERS["time_zone"]("2024-03-04T20:30-05:00", "UTC") == "2024-03-05T01:30:00+00:00"
    with pytest.raises(FilterError, match="which time zone it is in"):
        FILTERS["time_zone"]("2024-03-04 20:30", "UTC")
    for zone in ("Mars/Olympus", "../../etc/passwd", "America", ""):
        with pytest.raises(FilterError, match="There is no time zone"):
            FILTERS["time_zone"]("2024-03-04T20:30Z", zone)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("(212) 555-0142", "+12125550142"),
        ("212.555.0142 x9", "+12125550142"),
        ("+44 20 7946 0958", "+442079460958"),
        (2125550142, "+12125550142"),
        (" ", None),
    ],
)
def test_phones(written: Any, number: str | None) -> None:
    assert FILTERS["phone"](written, "US") == number


@pytest.mark.parametrize("written", ["555-0142", "12345", "n/a", "1" * 30])
def test_what_is_no_phone(written: str) -> None:
    with pytest.raises(FilterError) as caught:
        FILTERS["phone"](written, "US")
    assert (caught.value.code, written in caught.value.message) == ("not_a_phone", True)


def test_numbers() -> None:
    assert FILTERS["int"]("12.0") == 12
    assert FILTERS["int"]("x", 0) == 0
    assert FILTERS["round"]("2.5") == 3  # halves go up, as people round
    assert FILTERS["round"](2.675, 2) == 2.68
    assert FILTERS["abs"]("-3") == 3
    for name, wrong in (("int", "12.7"), ("int", "1,200"), ("int", True), ("float", "nan")):
        with pytest.raises(FilterError) as caught:
            FILTERS[name](wrong)
        assert caught.value.code == "not_a_number"


@pytest.mark.parametrize(
    ("amount", "units"),
    [("19.99", 1999), (19.99, 1999), ("$1,234.50", 123450), ("-5", -500), ("USD 12", 1200)],
)
def test_cents(amount: Any, units: int) -> None:
    assert FILTERS["cents"](amount) == units


@pytest.mark.parametrize("amount", ["1.234,50", "12,34", "19.999", "ten", "1e500", True])
def test_what_is_no_amount(amount: Any) -> None:
    with pytest.raises(FilterError) as caught:
        FILTERS["cents"](amount)
    assert caught.value.code == "not_an_amount"


def test_money() -> None:
    assert FILTERS["money"](1500, "JPY") == "¥1,500"
    assert FILTERS["money"](1999, "EUR", "de_DE") == "19,99\xa0€"
    for wrong in (19.99, "19.99", "x"):  # an amount, which would be off a hundredfold
        with pytest.raises(FilterError, match="smallest units"):
            FILTERS["money"](wrong, "USD")
    with pytest.raises(FilterError, match="'XXQ' is not a currency"):
        FILTERS["money"](1, "XXQ")


@given(st.integers(-(10**15), 10**15))
def test_money_and_cents_are_each_other_s_way_back(units: int) -> None:
    assert FILTERS["cents"](FILTERS["money"](units, "USD")) == units


PHONES = [
    {"name": "Home", "number": "1"},
    {"name": "Mobile ", "number": ""},
    {"name": "mobile", "number": "2"},
    {"name": None, "number": "3"},
]


def test_first_of() -> None:
    first_of = FILTERS["first_of"]
    assert first_of(PHONES, "Mobile", "home") == "2"
    assert first_of(PHONES, "fax", "HOME") == "1"
    assert first_of(PHONES, "fax") is None
    assert first_of(PHONES) == "1"
    assert first_of([{"name": "work", "address": "a@b.example"}], "work") == "a@b.example"
    assert first_of(["1", "2"]) == "1"
    assert first_of([]) is None


def test_lists() -> None:
    records = [{"n": 2, "who": {"name": "b"}}, {"n": 1, "who": None}, {}]
    assert FILTERS["sort"](records, "n") == [records[1], records[0], records[2]]
    assert FILTERS["sort"]([2, 3, 1], reverse=True) == [3, 2, 1]
    assert FILTERS["map"](records, "who.name") == ["b", None, None]
    assert FILTERS["where"](records, "n", 1) == [records[1]]
    assert FILTERS["sum"](records, "n") == 3
    assert FILTERS["sum"]([0.1, 0.2]) == 0.3
    assert FILTERS["unique"]([{"a": 1}, {"a": 1}]) == [{"a": 1}]
    assert FILTERS["first"]({"a": 1}) == {"a": 1}  # one record is a list of one
    for name, wrong in (("first", "abc"), ("sort", [1, "a"]), ("sum", ["1"]), ("join", [{}])):
        with pytest.raises(FilterError):
            FILTERS[name](wrong)


def test_translate() -> None:
    translate = filters_for({"t": {"Open": "1", "open ": "2", "x": "3"}})["translate"]
    assert translate("Open", "t") == "1"
    assert translate(" X", "t") == "3"
    assert translate("gone", "t", "0") == "0"
    assert translate("gone", "t", None) is None
    with pytest.raises(FilterError) as caught:
        translate("Awaiting Medicaid", "t")
    assert caught.value.message == "'Awaiting Medicaid' is not in the table 't'."
    assert "Add 'Awaiting Medicaid' to the table" in caught.value.hint
    with pytest.raises(FilterError, match="no table 'u'"):
        translate("x", "u")


def test_no_filter_makes_huge_text() -> None:
    with pytest.raises(FilterError, match="too much text"):
        FILTERS["replace"]("a" * 1000, "a", "b" * 10_000)
    assert not {"center", "indent", "format", "wordwrap", "xmlattr", "pprint"} & set(FILTERS)


def test_errors_quote_only_the_start_of_a_value() -> None:
    with pytest.raises(FilterError) as caught:
        FILTERS["email"]("x" * 10_000)
    assert len(caught.value.message) < 120


# -- properties ------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(value=JSON)
def test_filters_answer_or_refuse_whatever_they_are_given(value: Any) -> None:
    for name, function in FILTERS.items():
        message = f"{name} answers."
        try:
            function(value, *ARGUMENTS.get(name, ()))
        except FilterError as error:
            message = error.message
        assert message.endswith(".")
        assert len(message) < 400


@given(st.text(max_size=30))
def test_dates_are_read_or_refused(text: str) -> None:
    try:
        result = FILTERS["date"](text)
    except FilterError:
        return
    assert result is None or re.fullmatch(r"\d{4}-\d\d-\d\d", result)


@given(st.dates())
def test_every_date_is_read_from_what_it_is_written_as(day: Any) -> None:
    if day.year < 1000:
        return
    for format in ("yyyy-MM-dd", "d MMMM yyyy", "long", "MMM d, yyyy"):
        written = FILTERS["date"](day, format)
        assert FILTERS["date"](written) == day.isoformat()


def test_as_text_is_no_filter_of_recipes() -> None:
    assert "as_text" not in FILTERS
    assert as_text(None) == ""
