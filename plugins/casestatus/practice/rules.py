"""What the practice server checks before it takes a client or a case.

The rules are Case Status's own, as its support pages state them for imports: an attorney who is
staff, a client with a mobile number, practice area and stage by exact name. How a breach is
answered is assumed.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import phonenumbers

from plugins.casestatus.assumed_contract import Code, Problem
from plugins.casestatus.practice import sample_data

#: Fields of a case that are kept as they come.
PLAIN = ("name", "practice_area", "stage", "description", "opened_on", "closed_on", "case_type")
#: What may be changed of a case without naming all of it.
CHANGEABLE = ("stage", "closed_on", "integration_id")


def mapped(body: Mapping[str, Any], mappings: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Put the firm's own names in place of those that an integration knows."""
    known: dict[str, Any] = {
        name: mappings[name].get(body[name], body[name])
        for name in ("practice_area", "stage")
        if name in mappings and name in body
    }
    return {**body, **known}


def case_problems(body: Mapping[str, Any], *, stages: Sequence[str]) -> list[Problem]:
    """Check a case, but for its attorney's existence.

    :param stages: names of the stages there are.
    """
    fields = ("integration_id", "name", "attorney")
    problems = [required(name) for name in fields if not body.get(name)]
    problems += client_problems(body.get("client") or {}, "client.")
    area = body.get("practice_area")
    if not area:
        problems.append(required("practice_area"))
    elif area not in sample_data.PRACTICE_AREAS:
        message = "Practice area not found."
        problems.append(Problem(Code.UNKNOWN_PRACTICE_AREA, "practice_area", message, str(area)))
    problems += stage_problems(body.get("stage"), stages)
    return problems + date_problems(body)


def date_problems(body: Mapping[str, Any]) -> list[Problem]:
    """Check the dates that a body names."""
    return [
        Problem(Code.INVALID_DATE, name, "Not a date.", str(body[name]))
        for name in ("opened_on", "closed_on")
        if body.get(name) and not is_date(body[name])
    ]


def stage_problems(stage: Any, stages: Sequence[str]) -> list[Problem]:
    """Check a stage's name, capitals and all."""
    if not stage:
        return [required("stage")]
    if stage not in stages:
        return [Problem(Code.UNKNOWN_STAGE, "stage", "Stage not found.", str(stage))]
    return []


def client_problems(body: Mapping[str, Any], prefix: str = "") -> list[Problem]:
    """Check a client: a last name (or a company's name) and a mobile number."""
    problems = [] if body.get("last_name") else [required(f"{prefix}last_name")]
    phone = body.get("phone")
    if not phone:
        problems.append(required(f"{prefix}phone"))
    elif not is_mobile(phone):
        message = "Not a valid mobile number."
        problems.append(Problem(Code.INVALID_PHONE, f"{prefix}phone", message, str(phone)))
    return problems


def is_mobile(phone: Any) -> bool:
    """Return whether ``phone`` is E.164 and may be a mobile; in the US they look like any other."""
    try:
        number = phonenumbers.parse(str(phone))
    except phonenumbers.NumberParseException:
        return False
    kind = phonenumbers.number_type(number)
    mobile = (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    )
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return bool(kind in mobile and e164 == phone)


def is_date(text: Any) -> bool:
    """Return whether ``text`` is written as 2026-01-31."""
    try:
        return date.fromisoformat(str(text)).isoformat() == str(text)
    except ValueError:
        return False


def required(field: str) -> Problem:
    """Say that ``field`` is missing."""
    return Problem(Code.REQUIRED, field, f"{field} is required.")
