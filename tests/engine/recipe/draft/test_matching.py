"""Fields of two apps are matched by their names and kinds."""

import pytest

from engine.recipe.draft.matching import match, sources
from engine.recipe.schema.fields import FieldLine

SAMPLE = {
    "id": 7,
    "display_number": "00042-Okafor",
    "stage": "Investigation",
    "open_date": "2026-03-02",
    "client": {
        "id": 3,
        "name": "Ada Okafor",
        "last_name": "Okafor",
        "email": "ada@inbox.example",
        "phones": [{"name": "Mobile", "number": "(212) 555-0123"}],
    },
    "responsible_attorney": {"id": 5, "name": "Dana", "email": "dana@harborlaw.example"},
}
TEXT = {"type": "string"}
PAIRS = [
    ("stage", {}, "{{ matter.stage }}"),
    ("name", {}, "{{ matter.display_number }}"),
    ("client.email", {"format": "email"}, "{{ matter.client.email | email }}"),
    ("email", {}, "{{ matter.client.email }}"),
    ("client.phone", {"format": "phone"},
     "{{ matter.client.phones | first_of('mobile', 'home', 'work') | phone('US') }}"),
    ("opened_on", {"format": "date"}, "{{ matter.open_date | date }}"),
    ("attorney", {}, "{{ matter.responsible_attorney.email }}"),
    ("client.last_name", {}, "{{ matter.client.last_name or matter.client.name }}"),
    ("favourite_colour", {}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("field", "more", "template"), PAIRS)
def test_a_field_gets_what_is_most_like_it(field: str, more: dict[str, str], template: str) -> None:
    from engine.fields import schema_of_sample

    found = list(sources(schema_of_sample(SAMPLE), SAMPLE))
    assert match(FieldLine(field, {**TEXT, **more}, True), found, "matter", "US") == template
