"""What filters and tests are called in sentences."""

from collections.abc import Callable, Mapping, Sequence

#: How a filter's result is called; ``{0}`` is what goes in, ``{1}`` its first argument, ``{bare}`` the
#: same without quotes.
FILTER_WORDS: Mapping[str, str] = {
    "abs": "{0} without its sign",
    "add": "{0} plus {bare}",
    "address_line": "{0} on one line",
    "address_parts": "the parts of the address {0}",
    "after": "what stands behind {1} in {0}",
    "ascii": "{0} in plain letters",
    "at_least": "{0}, but at least {1}",
    "at_most": "{0}, but at most {1}",
    "average": "the average of {0}",
    "base64": "{0} in Base64",
    "before": "what stands before {1} in {0}",
    "between": "what stands between two marks in {0}",
    "bool": "{0} as yes or no",
    "capitalize": "{0}, beginning with a capital",
    "cents": "{0} in cents",
    "chunk": "{0} in lists of {1}",
    "compact": "{0} without the empty ones",
    "country_code": "the two letters of the country {0}",
    "country_name": "the name of the country {0}",
    "date": "{0} as a date",
    "datetime": "{0} as a date and time",
    "default": "{0}, or {1} where that is empty",
    "difference": "{0} without those of {1}",
    "digits": "the digits of {0}",
    "domain": "the domain of {0}",
    "duration": "{0} as a length of time",
    "email": "{0} as an e-mail address",
    "end_of": "the last day of the {bare} of {0}",
    "entries": "the fields of {0}",
    "extract": "{0} read as {1}",
    "family_first": "{0} with the family name first",
    "family_name": "the family name in {0}",
    "first": "the first of {0}",
    "flatten": "{0} as one list",
    "float": "{0} as a number",
    "format_number": "{0} as people write numbers",
    "from_json": "the JSON in {0}",
    "from_timestamp": "{0} as a date and time",
    "given_first": "{0} with the given name first",
    "given_name": "the given name in {0}",
    "group_by": "{0} by their {bare}",
    "hash": "a fingerprint of {0}",
    "html_of_text": "{0} as HTML",
    "index_by": "{0} by their {bare}",
    "initials": "the initials of {0}",
    "int": "{0} as a whole number",
    "intersection": "those of {0} that are in {1} too",
    "iso_week": "the week of {0}",
    "json": "{0} as JSON",
    "keys": "the names of the fields of {0}",
    "last": "the last of {0}",
    "left": "the first {1} characters of {0}",
    "length": "the number of {0}",
    "lines": "the lines of {0}",
    "lower": "{0} in small letters",
    "merge": "{0} together with {1}",
    "money": "{0} as an amount of money",
    "name_parts": "the parts of the name {0}",
    "number": "{0} as a number",
    "omit": "{0} without {1}",
    "one_line": "{0} on one line",
    "ordinal": "{0} as a place in a row",
    "pad": "{0}, filled up to {1} characters",
    "percent": "{0} in percent",
    "phone": "{0} as a phone number",
    "phone_country": "the country of the phone number {0}",
    "pick": "some fields of {0}",
    "postal_code": "{0} as a postal code",
    "region_code": "the short name of the state {0}",
    "region_name": "the name of the state {0}",
    "replace": "{0} with {1} replaced",
    "reverse": "{0}, the last first",
    "right": "the last {1} characters of {0}",
    "round": "{0}, rounded",
    "slug": "{0} as a name for files",
    "sort": "{0} in order",
    "split": "{0} as a list",
    "start_of": "the first day of the {bare} of {0}",
    "subtract": "{0} minus {bare}",
    "sum": "the sum of {0}",
    "take": "the first {1} of {0}",
    "text_of_base64": "the text that {0} is in Base64",
    "text_of_html": "the text of {0}",
    "time_zone": "{0} in the time zone {1}",
    "timestamp": "{0} as seconds since 1970",
    "title": "{0} with capitals",
    "translate": "{0} by the table {1}",
    "trim": "{0}",
    "truncate": "{0}, cut to {1} characters",
    "union": "{0} and {1}, each once",
    "unique": "{0}, each once",
    "upper": "{0} in capitals",
    "url_encode": "{0} for a web address",
    "url_parts": "the parts of the address {0}",
    "uuid": "an identifier made of {0}",
    "values": "the values of {0}",
}

#: What stands after the value in a condition: where the test holds, and where it doesn't.
TEST_WORDS: Mapping[str, tuple[str, str]] = {
    "blank": ("is empty", "is not empty"),
    "none": ("is missing", "is there"),
    "defined": ("is there", "is missing"),
    "undefined": ("is missing", "is there"),
    "true": ("is true", "is not true"),
    "false": ("is false", "is not false"),
    "one_of": ("is one of", "is none of"),
    "containing": ("has", "does not have"),
    "containing_any": ("has one of", "has none of"),
    "starting_with": ("begins with", "does not begin with"),
    "ending_with": ("ends with", "does not end with"),
    "written_like": ("is written like", "is not written like"),
    "text": ("is text", "is not text"),
    "number": ("is a number", "is not a number"),
    "list": ("is a list", "is not a list"),
    "record": ("is a record", "is not a record"),
    "email": ("is an e-mail address", "is not an e-mail address"),
    "phone": ("is a phone number", "is not a phone number"),
    "date": ("is a date", "is not a date"),
    "earlier_than": ("is earlier than", "is not earlier than"),
    "later_than": ("is later than", "is not later than"),
    "business_day": ("is a business day", "is not a business day"),
}

Say = Callable[[str, Sequence[str], Mapping[str, str]], str]


def bare(words: str) -> str:
    """Return a constant without its quotes."""
    return words.strip("“”")


def spaced(name: str) -> str:
    """Return a field's or filter's name as words."""
    return name.replace("_", " ")


def _first_of(inner: str, given: Sequence[str], named: Mapping[str, str]) -> str:
    return (
        f"the {' or '.join(map(bare, given))} one of {inner}" if given else f"the first of {inner}"
    )


def _map(inner: str, given: Sequence[str], named: Mapping[str, str]) -> str:
    field = given[0] if given else named.get("field", "")
    return f"{bare(field)} of each of {inner}"


def _until(inner: str, given: Sequence[str], named: Mapping[str, str]) -> str:
    unit = bare(given[1] if len(given) > 1 else named.get("unit", "days"))
    return f"the {unit} from {inner} until {given[0] if given else named.get('end', '')}"


def _since(inner: str, given: Sequence[str], named: Mapping[str, str]) -> str:
    unit = bare(given[1] if len(given) > 1 else named.get("unit", "days"))
    return f"the {unit} from {given[0] if given else named.get('start', '')} until {inner}"


def _extreme(most: str) -> Say:
    def say(inner: str, given: Sequence[str], named: Mapping[str, str]) -> str:
        field = bare(given[0] if given else named.get("field", ""))
        return f"the {most} {spaced(field)} of {inner}" if field else f"the {most} of {inner}"

    return say


def _each(inner: str, given: Sequence[str], named: Mapping[str, str]) -> str:
    words = FILTER_WORDS.get(bare(given[0]), "") if given else ""
    if not words or words.count("{1}") + words.count("{bare}") >= len(given):
        return f"each of {inner}"
    first = given[1] if len(given) > 1 else ""
    return words.format(f"each of {inner}", *given[1:], bare=bare(first))


def _where(inner: str, given: Sequence[str], named: Mapping[str, str]) -> str:
    field = spaced(bare(given[0] if given else named.get("field", "")))
    value = given[1] if len(given) > 1 else named.get("equals")
    conditions = [f"is {value}"] if value is not None else []
    conditions += [f"{COMPARED[name]} {words}" for name, words in named.items() if name in COMPARED]
    return f"those of {inner} whose {field} {' and '.join(conditions) or 'is true'}"


COMPARED: Mapping[str, str] = {
    "is_not": "is not",
    "one_of": "is one of",
    "containing": "has",
    "blank": "is empty:",
    "over": "is more than",
    "under": "is less than",
    "at_least": "is at least",
    "at_most": "is at most",
}

#: Filters whose arguments make the sentence.
SAID: Mapping[str, Say] = {
    "first_of": _first_of,
    "map": _map,
    "join": lambda inner, given, named: inner,
    "until": _until,
    "since": _since,
    "min": _extreme("smallest"),
    "max": _extreme("largest"),
    "each": _each,
    "where": _where,
}
