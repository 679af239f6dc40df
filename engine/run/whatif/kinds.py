"""What fields of each kind may hold: e-mail addresses, phone numbers, days, moments, lists and so on."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.recipe.checking.scopes import items_of
from engine.run.whatif.used import Used
from engine.run.whatif.values import second, singular
from engine.run.whatif.variant import Variant

LETTERS = "Łukasz Çelik-Nuñez 李小龍"
LONG = 300


def text(used: Used, value: Any, zone: ZoneInfo) -> Iterator[Variant]:
    if used.tables or used.labels or used.literals:
        return  # what isn't in the table is one thing, however it is written
    base = value if isinstance(value, str) and value else "words"
    long = (f"{base} " * (LONG // (len(base) + 1) + 1))[:LONG].strip()
    yield Variant(
        id="long", column="long", says=f"has a {{thing}} of {LONG} characters", value=long
    )
    yield Variant(
        id="letters",
        column="foreign",
        says=f"has a {{thing}} with foreign letters, e.g. '{LETTERS}'",
        value=LETTERS,
    )
    yield Variant(
        id="lines",
        column="badly",
        says="has a {thing} of two lines",
        value=f"{base}\nsecond line",
        likely=False,
    )
    yield Variant(
        id="number",
        column="badly",
        says="has a number as {thing}",
        value=12345,
        likely=False,
    )


def _email(used: Used, value: Any, zone: ZoneInfo) -> Iterator[Variant]:
    base = str(value or "ada.okafor@inbox.example")
    yield Variant(
        id="no-email",
        column="badly",
        says="has something else as {thing}, e.g. 'none given'",
        value="none given",
    )
    yield Variant(
        id="two",
        column="several",
        says="has two addresses in one {thing}",
        value=f"{base}, sam.reyes@inbox.example",
    )
    yield Variant(
        id="capitals",
        column="badly",
        says="has an {thing} with capitals and spaces",
        value=f" {base.title()} ",
        means=base,
    )
    yield Variant(
        id="letters",
        column="foreign",
        says="has an {thing} with foreign letters",
        value="zoë@müller.example",
        likely=False,
    )
    yield Variant(
        id="long",
        column="long",
        says=f"has an {{thing}} of {LONG} characters",
        value=f"{'a' * (LONG - 14)}@inbox.example",
        likely=False,
    )


def _phone(used: Used, value: Any, zone: ZoneInfo) -> Iterator[Variant]:
    yield Variant(
        id="foreign-phone",
        column="foreign",
        says="has a foreign {thing} with its country code, e.g. '+44 20 7946 0018'",
        value="+44 20 7946 0018",
        means="+442079460018",
    )
    yield Variant(
        id="foreign-phone-bare",
        column="foreign",
        says="has a foreign {thing} without its country code, e.g. French '01 42 68 53 00'",
        value="01 42 68 53 00",
        means="+33142685300",
    )
    yield Variant(
        id="extension",
        column="badly",
        says="has a {thing} with an extension, e.g. '(212) 555-0123 ext. 4'",
        value="(212) 555-0123 ext. 4",
        means="+12125550123",
    )
    yield Variant(
        id="short-phone",
        column="badly",
        says="has a {thing} without its area code, e.g. '555-0123'",
        value="555-0123",
    )
    yield Variant(
        id="no-phone",
        column="badly",
        says="has words as {thing}, e.g. 'call his office'",
        value="call his office",
    )
    yield Variant(
        id="two",
        column="several",
        says="has two numbers in one {thing}",
        value="(212) 555-0123 / (212) 555-0142",
        likely=False,
    )


def _day(used: Used, value: Any, zone: ZoneInfo) -> Iterator[Variant]:
    for id, day, what in (
        ("far-past", "1900-01-01", "long ago"),
        ("far-future", "2199-12-31", "far in the future"),
        ("leap-day", "2028-02-29", "on 29 February"),
    ):
        yield Variant(
            id=id, column="far", says=f"has a {{thing}} {what}, {day}", value=day, means=day
        )
    yield from _badly_dated()


def _moment(used: Used, value: Any, zone: ZoneInfo) -> Iterator[Variant]:
    for id, text, what in (
        ("far-past", "1900-01-01T12:00:00Z", "long ago"),
        ("far-future", "2199-12-31T12:00:00Z", "far in the future"),
    ):
        yield Variant(
            id=id, column="far", says=f"has a {{thing}} {what}", value=text, means=text[:10]
        )
    midnight = datetime(2026, 3, 3, tzinfo=zone)
    for id, local, what in (
        ("late", midnight - timedelta(minutes=30), "at half past eleven in the evening"),
        ("early", midnight + timedelta(minutes=30), "half an hour after midnight"),
    ):
        written = local.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield Variant(
            id=id,
            column="zone",
            says=f"has a {{thing}} {what} in {zone.key}, written as {written}",
            value=written,
            means=local.date().isoformat(),
        )
    yield Variant(
        id="no-zone",
        column="zone",
        says="has a {thing} that doesn't say its time zone",
        value="2026-03-02T23:30:00",
        means="2026-03-02",
        likely=False,
    )
    yield from _badly_dated()


def _badly_dated() -> Iterator[Variant]:
    yield Variant(
        id="two-readings",
        column="badly",
        says="has a {thing} that could be two days, e.g. '03/04/2026'",
        value="03/04/2026",
        likely=False,
    )
    yield Variant(
        id="no-date",
        column="badly",
        says="has a {thing} that is no date, e.g. '2026-02-30'",
        value="2026-02-30",
        likely=False,
    )


def _number(used: Used, value: Any, zone: ZoneInfo) -> Iterator[Variant]:
    for id, number, what in (
        ("zero", 0, "zero"),
        ("negative", -1, "less than zero"),
        ("huge", 10**12, "a million millions"),
    ):
        yield Variant(
            id=id, column="far", says=f"has a {{thing}} of {what}", value=number, likely=False
        )
    yield Variant(
        id="words",
        column="badly",
        says="has a {thing} that is no plain number, e.g. '1.234,56'",
        value="1.234,56",
        likely=False,
    )


def _boolean(used: Used, value: Any, zone: ZoneInfo) -> Iterator[Variant]:
    yield Variant(
        id="opposite",
        column="other",
        says=f"has '{{thing}}' set to {'no' if value else 'yes'}",
        value=not value,
    )


def _record(used: Used, value: Any, zone: ZoneInfo) -> Iterator[Variant]:
    yield Variant(
        id="text",
        column="badly",
        says="has text as {thing}",
        value="Ada Okafor",
        likely=False,
    )


def _list(used: Used, value: Any, zone: ZoneInfo) -> Iterator[Variant]:
    """Lists of two and three; what becomes of the further entries is looked at apart."""
    base = list(value) if isinstance(value, list) else []
    if not base:
        return
    for count, word in ((2, "two"), (3, "three")):
        entries = base[:1]
        while len(entries) < count:
            name = singular(used.place[-1])
            entries.append(second(name, items_of(used.schema), entries[-1]))
        yield Variant(id=word, column="several", says=f"has {word} {{things}}", value=entries)
    yield Variant(
        id="single",
        column="badly",
        says="has one {thing} that is no list",
        value=base[0],
        likely=False,
    )


BY_KIND = {
    "text": text,
    "name": text,
    "id": text,
    "email": _email,
    "phone": _phone,
    "date": _day,
    "moment": _moment,
    "number": _number,
    "boolean": _boolean,
    "record": _record,
    "list": _list,
}
