"""The fields of its operations, as people see them."""

from typing import Annotated, Any

from engine.sdk import Field
from plugins.http.moments import Format
from plugins.http.reading import Paging
from plugins.http.requests import Method

Path = Annotated[
    str,
    Field(
        "Path",
        "What follows the connection's address, e.g. /v1/orders or /v1/orders/{id} with `id` under "
        "`in_path`.",
    ),
]
InPath = Annotated[
    dict[str, str] | None,
    Field("Values in the path", "By name: `in_path.id` takes the place of {id} in the path."),
]
Query = Annotated[
    dict[str, str] | None, Field("Query", "What follows a ? in the address, by name.")
]
Headers = Annotated[dict[str, str] | None, Field("Headers", "Further headers, by name.")]
Body = Annotated[
    dict[str, Any] | None,
    Field(
        "Body",
        "What is sent as JSON, field by field. Text stays text: a number or true is written "
        "`{{ 5 }}` or `{{ true }}`.",
    ),
]
Form = Annotated[
    dict[str, str] | None,
    Field("Form", "What is sent as a form instead of JSON, field by field."),
]
ListMethod = Annotated[Method, Field("Method", "POST where the list is searched for.")]
SendMethod = Annotated[Method, Field("Method")]
ListAt = Annotated[
    str,
    Field(
        "Where the list is",
        "In its answer, e.g. `orders` or `data.items`; left out, the answer is the list.",
    ),
]
KeyField = Annotated[
    str, Field("Key", "The field of an entry that tells entries apart, e.g. `id` or `meta.uuid`.")
]
TitleField = Annotated[
    str | None,
    Field("Title", "The field people know an entry by, e.g. `number`; left out, its key."),
]
ChangedField = Annotated[
    str | None,
    Field(
        "Changed",
        "The field that says when an entry changed, e.g. `updated_at`. With it only what changed is "
        "read after the first run; without, everything each time.",
    ),
]
SinceParameter = Annotated[
    str | None,
    Field(
        "Parameter for changes",
        "By which it gives only what changed since a time, e.g. `updated_since`. Left out, "
        "everything is asked for, and what did not change is dropped here.",
    ),
]
SinceFormat = Annotated[
    Format,
    Field(
        "The time is written as",
        "`iso`: 2026-01-31T20:30:00Z · `date`: 2026-01-31 · `seconds` or `milliseconds` since 1970.",
    ),
]
SinceText = Annotated[
    str, Field("Around the time", "Where it wants more than the time, e.g. `updated>{since}`.")
]
PagingField = Annotated[
    Paging,
    Field(
        "Pages",
        "How a long list goes on: `next_link` in its answer · `link_header` · `page` numbers · "
        "`offset`: how many to skip · `token` in its answer · `last_key`: after the last one's key.",
    ),
]
NextAt = Annotated[
    str,
    Field(
        "Where the next page is", "The place of the link or token in its answer, e.g. `links.next`."
    ),
]
PageParameter = Annotated[
    str | None,
    Field(
        "Parameter of the page",
        "What carries page, offset, token or key; left out: `page`, `offset`, `cursor`, `after`.",
    ),
]
TotalAt = Annotated[
    str | None,
    Field(
        "Where the total is", "How many entries there are in all, e.g. `meta.total`, if it says."
    ),
]
SizeParameter = Annotated[
    str | None,
    Field("Parameter of the size", "By which larger pages are asked for, e.g. `per_page`."),
]
PageSize = Annotated[int, Field("Entries on a page", "Asked for with the parameter of the size.")]
FirstPage = Annotated[int, Field("First page", "Its number: 1, or 0.")]
One = Annotated[
    str | None,
    Field(
        "Path of one entry",
        "Where one is read by its key, e.g. /v1/orders/{key}; with it a retry reads it afresh.",
    ),
]
OneAt = Annotated[
    str, Field("Where the one is", "In that answer, e.g. `order`; left out, the answer is it.")
]
Sample = Annotated[
    str | None,
    Field("Sample", "One entry as it is sent, as JSON: the recipe is checked against its fields."),
]
IdAt = Annotated[
    str,
    Field("Where the id is", "Of what was made, in the answer, e.g. `data.id`."),
]
OkAt = Annotated[
    str | None,
    Field(
        "Where success is said",
        "For APIs that answer 200 to everything, e.g. `ok` or `status`: it must be there, and "
        "neither false nor empty, or as below.",
    ),
]
OkValue = Annotated[str | None, Field("Success is", "What stands there then, e.g. `success`.")]
ErrorAt = Annotated[
    str | None,
    Field(
        "Where an error is said", "In an answer that looks like success, e.g. `errors.0.message`."
    ),
]
