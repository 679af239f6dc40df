"""Names, addresses, phones and e-mail addresses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recipe.filters import FILTERS, TESTS, ArgumentError, FilterError

address_parts = FILTERS["address_parts"]


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Dr. Mary Ann van der Berg, Jr.", ("Dr.", "Mary", "Ann", "van der Berg", "Jr.")),
        ("Whitfield, Dana", (None, "Dana", None, "Whitfield", None)),
        ("John Q. Public III", (None, "John", "Q.", "Public", "III")),
        ("Cher", (None, "Cher", None, None, None)),
        ("Dr", (None, "Dr", None, None, None)),
        ("", (None, None, None, None, None)),
    ],
)
def test_name_parts(full: str, parts: tuple[str | None, ...]) -> None:
    assert tuple(FILTERS["name_parts"](full).values()) == parts


def test_names_in_the_other_order() -> None:
    assert FILTERS["family_first"]("Mary Ann Smith") == "Smith, Mary Ann"
    assert FILTERS["family_first"]("Cher") == "Cher"
    assert FILTERS["given_first"]("Smith, Mary Ann") == "Mary Ann Smith"
    assert FILTERS["given_first"](" , ") is None
    assert FILTERS["initials"]("Dr. Ludwig van Beethoven") == "LB"


@pytest.mark.parametrize(
    ("line", "country", "parts"),
    [
        (
            "12 Main St, Apt 4, Boston, MA 02110",
            "US",
            ("12 Main St, Apt 4", None, "Boston", "MA", "02110", "US"),
        ),
        (
            "12 Main St\nBoston, Massachusetts 02110-1301\nUSA",
            "CA",
            ("12 Main St", None, "Boston", "MA", "02110-1301", "US"),
        ),
        ("PO Box 7, New York, New York 10001", "US", ("PO Box 7", None, "New York", "NY", "10001", "US")),
        ("100 Queen St W, Toronto, ON M5H 2N2", "CA", ("100 Queen St W", None, "Toronto", "ON", "M5H 2N2", "CA")),
        ("221B Baker Street, London NW1 6XE, United Kingdom", "US", ("221B Baker Street", None, "London", None, "NW1 6XE", "GB")),
        ("Hauptstr. 5, 10115 Berlin, Germany", "US", ("Hauptstr. 5", None, "Berlin", None, "10115", "DE")),
        ("Bahnhofstr. 1, CH-8001 Zürich", "CH", ("Bahnhofstr. 1", None, "Zürich", None, "8001", "CH")),
        ("1 George St, Sydney NSW 2000", "AU", ("1 George St", None, "Sydney", "NSW", "2000", "AU")),
    ],
)  # fmt: skip
def test_addresses(line: str, country: str, parts: tuple[str | None, ...]) -> None:
    assert tuple(address_parts(line, country).values()) == parts


@pytest.mark.parametrize(
    "line", ["Boston", "12 Main St Boston MA 02110", "a, " * 200, "12 Main St, XX"]
)
def test_what_is_no_address(line: str) -> None:
    with pytest.raises(FilterError) as caught:
        address_parts(line)
    assert caught.value.code == "not_an_address"
    assert "12 Main St, Springfield, " in caught.value.hint
    assert address_parts(line, default="none") == "none"


def test_an_address_on_one_line_is_what_it_is_taken_apart_into() -> None:
    for line, country in (("12 Main St, Boston, MA 02110", "US"), ("5 rue X, 75001 Paris", "FR")):
        parts = address_parts(line, country)
        assert FILTERS["address_line"]({**parts, "country": None}, country) == line
    written = {"line1": "5 rue X", "line2": "", "ZIP": 75001, "City": "Paris", "country": "France"}
    assert FILTERS["address_line"](written) == "5 rue X, 75001 Paris, France"
    assert FILTERS["address_line"]({"country": None}) is None


@pytest.mark.parametrize(
    ("code", "country", "written"),
    [
        ("2110", "US", "02110"),
        (2110, "US", "02110"),
        ("02110 1301", "US", "02110-1301"),
        ("021101301", "US", "02110-1301"),
        ("h3z2y7", "CA", "H3Z 2Y7"),
        ("nw16xe", "GB", "NW1 6XE"),
        ("00950", "PL", "00-950"),
        ("1234", "DE", "01234"),
        (" ", "US", None),
        ("12", "AE", "12"),  # the Emirates have none, so nothing is known of them
    ],
)
def test_postal_codes(code: Any, country: str, written: str | None) -> None:
    assert FILTERS["postal_code"](code, country) == written


@pytest.mark.parametrize(("code", "country"), [("123", "US"), ("ABC", "US"), ("75001", "NL")])
def test_what_is_no_postal_code(code: str, country: str) -> None:
    with pytest.raises(FilterError, match=f"is not a postal code of {country}"):
        FILTERS["postal_code"](code, country)


def test_regions_and_countries() -> None:
    assert FILTERS["region_code"](" new  york ") == "NY"
    assert FILTERS["region_name"]("qc", "CA") == "Quebec"
    assert FILTERS["country_code"]("the Netherlands") == "NL"
    assert FILTERS["country_code"]("U.S.A.") == "US"
    assert FILTERS["country_code"]("gbr") == "GB"
    assert FILTERS["country_code"]("Bosnia and Herzegovina") == "BA"
    assert FILTERS["country_name"]("DEU", "fr") == "Allemagne"
    for name, wrong in (("region_code", "Bayern"), ("country_code", "Narnia")):
        with pytest.raises(FilterError, match=f"'{wrong}' is not a"):
            FILTERS[name](wrong)
        assert FILTERS[name](wrong, default=None) is None
    for arguments in ({"country": "USA"}, {"country": "ZZ"}, {"country": "../us"}):
        with pytest.raises(ArgumentError, match="not a country for addresses"):
            FILTERS["region_code"]("NY", **arguments, default="x")


def test_phones_are_written_in_several_ways() -> None:
    phone = FILTERS["phone"]
    assert phone("212 555 0142", format="international") == "+1 212-555-0142"
    assert phone("212 555 0142", format="link") == "tel:+1-212-555-0142"
    assert FILTERS["phone_country"]("(416) 555-0142") == "CA"
    assert phone("n/a", default="") == ""
    with pytest.raises(ArgumentError, match="not a way to write a phone number"):
        phone("212 555 0142", format="pretty", default="")
    assert [TESTS["phone"](n) for n in ("212 555 0142", "12", "", None)] == [
        True,
        False,
        False,
        False,
    ]


def test_e_mail_addresses_and_domains() -> None:
    assert FILTERS["email"]("Dana <Dana@HarborLaw.example>") == "dana@harborlaw.example"
    assert FILTERS["domain"]("HarborLaw.example:8080/x?y#z") == "harborlaw.example"
    assert [TESTS["email"](e) for e in ("a@b.example", "a@b", "", None)] == [
        True,
        False,
        False,
        False,
    ]
    for wrong in ("Dana <dana>", "a@b", "<>"):
        with pytest.raises(FilterError, match="is not an e-mail address"):
            FILTERS["email"](wrong)
    with pytest.raises(FilterError, match="neither an e-mail address nor a web address"):
        FILTERS["domain"]("localhost")


@given(
    st.text(st.sampled_from("aB1 ,\n-.éMA02110"), max_size=60),
    st.sampled_from(["US", "GB", "JP", "BR"]),
)
def test_any_line_is_an_address_or_refused(line: str, country: str) -> None:
    parts = address_parts(line, country, default=None)
    assert parts is None or parts["country"]
