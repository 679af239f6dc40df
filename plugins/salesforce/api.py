"""What all operations share: reading lists by SOQL, what objects are like, and the day's limit."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2

from engine.sdk import Context, Record, RemoteError, SetupError

VERSION = "v67.0"
BASE_PATH = f"/services/data/{VERSION}"

#: Of a day's requests, the share from which on people are told.
TELL_FROM = 0.8

USAGE = re.compile(r"api-usage=(\d+)/(\d+)")
NAME = re.compile(r"[A-Za-z]\w*")
PATH = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*){0,5}")

#: How Salesforce writes moments; no other app does, so records have them as ISO 8601 does.
MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\+0000")

#: Characters an address may have (documented: 16,384 with headers), less what the rest takes.
LONGEST_QUERY = 14_000


def heard(ctx: Context, response: httpx2.Response) -> httpx2.Response:
    """Tell once a run when most of a day's requests are used."""
    found = USAGE.search(response.headers.get("Sforce-Limit-Info", ""))
    if found is None or int(found[1]) < TELL_FROM * int(found[2]):
        return response

    def tell() -> bool:
        ctx.log.warning(
            "Salesforce: %s of the %s requests of 24 hours are used, by all apps together.",
            f"{int(found[1]):,}",
            f"{int(found[2]):,}",
        )
        return True

    ctx.kept.once("salesforce: usage", tell)
    return response


def answer_of(response: httpx2.Response, *names: str) -> Record:
    """Return an answer that is an object with these fields.

    :raises RemoteError: it is something else.
    """
    answer = response.json()
    if not isinstance(answer, dict) or any(name not in answer for name in names):
        raise RemoteError(
            f"Salesforce answered without {names[0] if names else 'an object'!r}.",
            hint="Its API may have changed.",
        )
    return answer


def query(ctx: Context, soql: str, *, deleted: bool = False) -> Iterator[Record]:
    """Yield what a SOQL query finds, page by page; a page may be shorter than it could be.

    :param deleted: with what lies in the recycle bin.
    :raises SetupError: the query is too long for an address.
    """
    if len(soql) > LONGEST_QUERY:
        raise SetupError(
            f"The question to Salesforce is too long: {len(soql):,} characters.",
            hint="Name the fields that the recipe needs under `fields`.",
        )
    path = "/queryAll" if deleted else "/query"
    params: dict[str, str] | None = {"q": soql}
    seen = set()
    while True:
        page = answer_of(heard(ctx, ctx.http.get(path, params=params)), "records", "done")
        for record in page["records"]:
            yield tidy(record)
        if page["done"]:
            return
        following = str(page.get("nextRecordsUrl") or "")
        path, params = following.removeprefix(BASE_PATH), None
        if not path.startswith("/query") or path in seen:
            raise RemoteError(
                "Salesforce did not say where its list goes on.", hint="Its API may have changed."
            )
        seen.add(path)


def tidy(value: Any) -> Any:
    """Return a record without ``attributes``, its moments in ISO 8601."""
    if isinstance(value, dict):
        if "records" in value and "totalSize" in value:  # the rows of a subquery
            return [tidy(one) for one in value["records"]]
        return {name: tidy(part) for name, part in value.items() if name != "attributes"}
    if isinstance(value, str) and (found := MOMENT.fullmatch(value)):
        return f"{found[1]}Z"
    return value


def name_of(kind: str, name: str) -> str:
    """Return the API name of an object or field, sure that it is nothing but a name.

    :raises SetupError: it isn't one.
    """
    if not NAME.fullmatch(name):
        raise SetupError(
            f"'{name}' is no name of {kind} in Salesforce.",
            hint="Write its API name, such as `Contact` or `Clio_Id__c`; Setup, Object Manager "
            "shows it.",
        )
    return name


def path_of(name: str) -> str:
    """Return a field's name, which may lead through related records as in ``Account.Name``.

    :raises SetupError: it isn't one.
    """
    if not PATH.fullmatch(name):
        raise SetupError(
            f"'{name}' is no name of a field in Salesforce.",
            hint="Write API names, such as `Email`, `Clio_Id__c` or `Account.Name`.",
        )
    return name


def describe(ctx: Context, object: str) -> Record:
    """Return what an object is like: its fields above all; asked once a run."""
    name = name_of("an object", object)

    def ask() -> Record:
        response = heard(ctx, ctx.http.get(f"/sobjects/{name}/describe"))
        return answer_of(response, "fields")

    return ctx.kept.once(f"salesforce: {name}", ask)


def field_named(ctx: Context, object: str, field: str) -> Mapping[str, Any]:
    """Return what one field is like.

    :raises SetupError: the object has no such field, or the user may not see it.
    """
    wanted = name_of("a field", field).lower()
    for one in describe(ctx, object)["fields"]:
        if str(one["name"]).lower() == wanted:
            found: Mapping[str, Any] = one
            return found
    raise SetupError(
        f"{object} has no field '{field}' in Salesforce, or its user may not see it.",
        hint="Setup, Object Manager shows the fields' API names; custom ones end with `__c`.",
    )
