"""The jobs as someone writes them by hand for one occasion: no ledger, no second run, no report."""

import csv
from collections.abc import Callable
from typing import Any

from bench.place import BATCH, Done, Place

CaseOf = Callable[[dict[str, str]], dict[str, Any]]


def api_to_api(place: Place) -> Done:
    """Read pages of matters, leave out the closed ones, post cases in batches."""
    import httpx2

    read = posted = 0
    batch: list[dict[str, Any]] = []
    with httpx2.Client() as client:
        url: str | None = f"{place.source}/matters"
        while url:
            page = client.get(url).raise_for_status().json()
            for matter in page["data"]:
                read += 1
                if matter["status"] == "Closed":
                    continue
                batch.append(_case(matter))
                if len(batch) == BATCH:
                    posted += _post(client, place, batch)
                    batch = []
            following = page["meta"]["paging"].get("next")
            url = following and place.source + following
        if batch:
            posted += _post(client, place, batch)
    return Done(read, posted)


def api_to_api_singly(place: Place) -> Done:
    """Read pages of matters, leave out the closed ones, post each case."""
    import httpx2

    read = posted = 0
    with httpx2.Client() as client:
        url: str | None = f"{place.source}/matters"
        while url:
            page = client.get(url).raise_for_status().json()
            for matter in page["data"]:
                read += 1
                if matter["status"] == "Closed":
                    continue
                answer = client.post(f"{place.sink}/cases", json=_case(matter)).raise_for_status()
                posted += bool(answer.json()["id"])
            following = page["meta"]["paging"].get("next")
            url = following and place.source + following
    return Done(read, posted)


def file_to_api(place: Place) -> Done:
    """Read the file's rows, leave out those without an e-mail, post cases in batches."""
    import httpx2

    read = posted = 0
    batch: list[dict[str, Any]] = []
    with httpx2.Client() as client, place.csv.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            read += 1
            if not row["email"]:
                continue
            batch.append(by_hand(row))
            if len(batch) == BATCH:
                posted += _post(client, place, batch)
                batch = []
        if batch:
            posted += _post(client, place, batch)
    return Done(read, posted)


def file_mapped(place: Place) -> Done:
    """Read and map the file's rows; the cases go nowhere."""
    return _mapped(place, by_hand)


def file_mapped_by_jinja(place: Place) -> Done:
    """As :func:`file_mapped`, with one sandboxed Jinja template a field, rendered one by one."""
    return _mapped(place, by_templates())


def file_mapped_by_native_jinja(place: Place) -> Done:
    """As :func:`file_mapped_by_jinja`, with templates that keep their values' types."""
    return _mapped(place, by_native_templates())


def by_templates() -> CaseOf:
    """Return a mapping by bare sandboxed Jinja, one template a field."""
    from jinja2.sandbox import SandboxedEnvironment

    return _by_templates(SandboxedEnvironment())


def by_native_templates() -> CaseOf:
    """Return a mapping by templates that keep their values' types."""
    from jinja2.nativetypes import NativeEnvironment
    from jinja2.sandbox import SandboxedEnvironment

    class SandboxedNativeEnvironment(SandboxedEnvironment, NativeEnvironment):
        pass

    return _by_templates(SandboxedNativeEnvironment())


def _mapped(place: Place, case_of: CaseOf) -> Done:
    read = mapped = 0
    first = None
    with place.csv.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            read += 1
            if not row["email"]:
                continue
            case = case_of(row)
            first = first or case
            mapped += 1
    return Done(read, mapped, first)


def _by_templates(environment: Any) -> CaseOf:
    environment.filters["day_first"] = _day_first
    sources = {
        "case_number": "{{ row.number }}",
        "title": "{{ row.description }} / {{ row.client }}",
        "email": "{{ row.email | lower }}",
        "location": "{{ row.location | default('Unknown', true) }}",
        "opened": "{{ row.opened | day_first }}",
        "billing": "{{ 'Hourly' if row.billing == 'hourly' else 'Fixed fee' }}",
    }
    templates = {name: environment.from_string(source) for name, source in sources.items()}
    return lambda row: {name: template.render(row=row) for name, template in templates.items()}


def by_hand(row: dict[str, str]) -> dict[str, str]:
    """Map a row as someone writes it for one occasion."""
    return {
        "case_number": row["number"],
        "title": f"{row['description']} / {row['client']}",
        "email": row["email"].lower(),
        "location": row["location"] or "Unknown",
        "opened": _day_first(row["opened"]),
        "billing": _billing(row["billing"]),
    }


def _case(matter: dict[str, Any]) -> dict[str, str]:
    return {
        "case_number": matter["display_number"],
        "title": f"{matter['description']} / {matter['client']['name']}",
        "email": matter["client"]["primary_email_address"].lower(),
        "location": matter["location"] or "Unknown",
        "opened": _day_first(matter["open_date"]),
        "billing": _billing(matter["billing_method"]),
    }


def _post(client: Any, place: Place, cases: list[Any]) -> int:
    answer = client.post(f"{place.sink}/batches", json={"cases": cases}).raise_for_status()
    return len(answer.json()["results"])


def _day_first(day: str) -> str:
    return f"{day[8:10]}/{day[5:7]}/{day[:4]}"


def _billing(method: str) -> str:
    return "Hourly" if method == "hourly" else "Fixed fee"
