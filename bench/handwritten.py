"""The jobs as someone writes them by hand for one occasion: no ledger, no second run, no report."""

import csv
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from bench.place import BATCH, Done, Place


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
                batch.append(
                    {
                        "case_number": matter["display_number"],
                        "title": f"{matter['description']} / {matter['client']['name']}",
                        "email": matter["client"]["primary_email_address"].lower(),
                        "location": matter["location"] or "Unknown",
                        "opened": _day_first(matter["open_date"]),
                        "billing": _billing(matter["billing_method"]),
                    }
                )
                if len(batch) == BATCH:
                    posted += _post(client, place, batch)
                    batch = []
            following = page["meta"]["paging"].get("next")
            url = following and place.source + following
        if batch:
            posted += _post(client, place, batch)
    return Done(read, posted)


def file_to_api(place: Place) -> Done:
    """Read the file's rows, leave out those without an e-mail, post cases in batches."""
    import httpx2

    counted: list[int] = []
    posted = 0
    cases = _mapped(place, counted)
    with httpx2.Client() as client:
        while batch := list(islice(cases, BATCH)):
            posted += _post(client, place, batch)
    return Done(len(counted), posted)


def file_mapped(place: Place) -> Done:
    """Read and map the file's rows; the cases go nowhere."""
    counted: list[int] = []
    return _drain(_mapped(place, counted), counted)


def file_mapped_by_jinja(place: Place) -> Done:
    """As :func:`file_mapped`, with one sandboxed Jinja template a field, rendered one by one."""
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment()
    environment.filters["day_first"] = _day_first
    templates = {
        name: environment.from_string(source).render
        for name, source in {
            "case_number": "{{ row.number }}",
            "title": "{{ row.description }} / {{ row.client }}",
            "email": "{{ row.email | lower }}",
            "location": "{{ row.location | default('Unknown', true) }}",
            "opened": "{{ row.opened | day_first }}",
            "billing": "{{ 'Hourly' if row.billing == 'hourly' else 'Fixed fee' }}",
        }.items()
    }
    counted: list[int] = []
    return _drain(
        _mapped(
            place,
            counted,
            lambda row: {name: render(row=row) for name, render in templates.items()},
        ),
        counted,
    )


def _by_hand(row: dict[str, str]) -> dict[str, str]:
    return {
        "case_number": row["number"],
        "title": f"{row['description']} / {row['client']}",
        "email": row["email"].lower(),
        "location": row["location"] or "Unknown",
        "opened": _day_first(row["opened"]),
        "billing": _billing(row["billing"]),
    }


def _mapped(
    place: Place,
    counted: list[int],
    case_of: Callable[[dict[str, str]], dict[str, str]] = _by_hand,
) -> Iterator[dict[str, str]]:
    with place.csv.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            counted.append(1)
            if row["email"]:
                yield case_of(row)


def _drain(cases: Iterator[dict[str, str]], counted: list[int]) -> Done:
    first, mapped = next(cases), 1
    for _ in cases:
        mapped += 1
    return Done(len(counted), mapped, first)


def _post(client: Any, place: Place, cases: list[Any]) -> int:
    answer = client.post(f"{place.sink}/cases", json={"cases": cases}).raise_for_status()
    return len(answer.json()["results"])


def _day_first(day: str) -> str:
    return f"{day[8:10]}/{day[5:7]}/{day[:4]}"


def _billing(method: str) -> str:
    return "Hourly" if method == "hourly" else "Fixed fee"
