"""Which field of a record belongs into which field of an action: guessed by their names and kinds."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.recipe.checking.scopes import kinds, options
from engine.recipe.schema.fields import FieldLine

#: Words that mean the same in two apps' fields.
SAME = (
    {"email", "mail", "email_address", "e_mail"},
    {"phone", "phones", "mobile", "telephone", "phone_number", "tel", "cell"}
    | {"mobile_phone", "cell_phone", "mobile_number"},
    {"first_name", "given_name", "firstname", "forename"},
    {"last_name", "family_name", "surname", "lastname"},
    {"name", "full_name", "display_number", "title", "label", "subject"},
    {"description", "notes", "note", "summary", "details", "text", "body", "message"},
    {"stage", "status", "state", "phase"},
    {"attorney", "responsible_attorney", "owner", "assignee", "lawyer"},
    {"opened_on", "open_date", "opened_at", "start_date"},
    {"closed_on", "close_date", "closed_at", "end_date"},
    {"company", "organization", "organisation", "company_name"},
    {"city", "town"},
    {"zip", "postal_code", "postcode", "zip_code"},
    {"reference", "external_id", "integration_id", "id"},
)
#: Fields that name who a record is about; their fields are looked at before those of others.
ABOUT = frozenset({"client", "contact", "customer", "member", "person", "primary_contact"})
#: Fields with names that say nothing by themselves.
VAGUE = frozenset({"id", "name", "status", "type", "title", "text", "description", "state"})
#: Fields that tell who somebody is, the surest first.
TELLING = {"email": 0.3, "id": 0.2, "name": 0.1}
#: Levels of a record that are looked through.
DEEP = 3


@dataclass(frozen=True)
class Source:
    """A field of the trigger's records.

    :param path: e.g. ``("client", "email")``; lists end it.
    """

    path: tuple[str, ...]
    schema: Mapping[str, Any]
    sample: Any

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def kind(self) -> str:
        return next(iter(kinds(self.schema)), "")


def sources(
    schema: Mapping[str, Any], sample: Any, above: tuple[str, ...] = ()
) -> Iterator[Source]:
    """Yield the fields of a record, nested ones after those above them."""
    records = [option for option in options(schema) if option.get("type") == "object"]
    within: list[Source] = []
    for option in records:
        for name, part in option.get("properties", {}).items():
            value = sample.get(name) if isinstance(sample, Mapping) else None
            found = Source((*above, name), part, value)
            if found.kind == "object" and len(above) < DEEP:
                within.append(found)
            elif found.kind != "object":
                yield found
    for one in within:
        yield from sources(one.schema, one.sample, one.path)


def match(target: FieldLine, found: Iterable[Source], record: str, country: str) -> str:
    """Return the template that most likely fills a field; empty where nothing is like it.

    :param record: what templates call the record.
    :param country: where phone numbers without a country code are from, e.g. ``US``.
    """
    known = list(found)
    best = max(known, key=lambda source: _likeness(target.name, source), default=None)
    if best is None or not _likeness(target.name, best):
        return ""
    written = template(best, target, record, country)
    whole = (*best.path[:-1], "name")
    if best.name == "last_name" and target.required and any(s.path == whole for s in known):
        # Companies have a name alone.
        written = written.replace(" }}", f" or {'.'.join((record, *whole))} }}}}")
    return written


def template(source: Source, target: FieldLine, record: str, country: str) -> str:
    """Return the template that puts a source's value into a field, with the filters it needs."""
    path = ".".join((record, *source.path))
    wanted = {part for option in options(target.schema) for part in (option.get("format"),)}
    filters = ""
    if source.kind == "array" and "array" not in kinds(target.schema):
        filters += " | first_of('mobile', 'home', 'work')" if _named(source.sample) else " | first"
    if "phone" in wanted:
        filters += f" | phone('{country}')"
    elif "email" in wanted:
        filters += " | email"
    elif "date" in wanted:
        filters += " | date"
    return "{{ " + path + filters + " }}"


def likely_country() -> str:
    """Return the country people here are most likely in, by their time zone; else the US."""
    from babel.core import get_global

    from engine.local_time import local_place

    found = str(get_global("zone_territories").get(local_place().key, "US"))
    return "US" if found in ("ZZ", "001") else found  # UTC and the like are no place


def _likeness(target: str, source: Source) -> float:
    """Return how alike a dotted field and a source are: 0 where they have nothing in common."""
    wanted, have = _word(target.rpartition(".")[2]), _word(source.name)
    if len(source.path) == 2 and have in TELLING and _alike(wanted, _word(source.path[0])):
        return 1.5 + TELLING[have]  # an attorney is known by the e-mail address of one
    around = {_word(part) for part in target.split(".")[:-1]}
    above = {_word(part) for part in source.path[:-1]}
    if wanted == have:
        score = 3.0
    elif _alike(wanted, have):
        score = 2.0
    elif wanted.rpartition("_")[2] == have and have not in VAGUE:
        score = 1.0
    else:
        return 0.0
    if around & above:
        score += 2.0  # client.phone and matter.client.phones
    elif above & ABOUT and not around and wanted not in VAGUE:
        score += 0.5  # who the record is about, before others it names
    elif above:
        score -= 1.0 if wanted not in VAGUE else 2.5
    return score - 0.1 * len(source.path)


def _alike(one: str, other: str) -> bool:
    return any(one in group and other in group for group in SAME)


def _word(name: str) -> str:
    return re.sub(r"\W+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).strip("_").lower()


def _named(sample: Any) -> bool:
    """Return whether a list has entries with a name and a value, as phones and e-mails have."""
    return bool(
        isinstance(sample, list)
        and sample
        and isinstance(sample[0], Mapping)
        and "name" in sample[0]
        and {"number", "address", "value"} & sample[0].keys()
    )
