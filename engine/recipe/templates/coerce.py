"""The last step of a field: from what the template gave to the type the action's schema asks for."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jinja2 import Undefined

from engine.files import is_file, safe_name, takes_files
from engine.recipe.templates.environment import as_text

Coercer = Callable[[Any], Any]

INTEGER = re.compile(r"[+-]?\d{1,40}")
#: What other systems' JSON can be trusted with.
SMALLEST, LARGEST = -(2**63), 2**63 - 1
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
EMAIL = re.compile(r"[^@\s<>\"(),:;\[\]\\]+@[^@\s.]+(\.[^@\s.]+)+")
PHONE = re.compile(r"\+[1-9]\d{6,14}")
YES = frozenset({"true", "yes"})
NO = frozenset({"false", "no"})


class CoerceError(ValueError):
    """A value can't be of the type asked for.

    :param message: one sentence that quotes the value.
    :param code: short stable word for the cause.
    :param within: field path below the coerced field, when the value is nested.
    """

    def __init__(
        self, message: str, *, code: str = "wrong_type", hint: str = "", within: str = ""
    ) -> None:
        self.message = message
        self.code = code
        self.hint = hint
        self.within = within
        super().__init__(message)


def is_blank(value: Any) -> bool:
    """Return whether a value is missing, null or empty text."""
    if type(value) is str:
        return not value or value.isspace()
    return value is None or isinstance(value, Undefined)


def coercer(schema: Mapping[str, Any]) -> Coercer:
    """Compile a JSON Schema into a function from a template's value to a value of its type.

    The function raises :class:`CoerceError`. None passes where the schema allows null. Enums and
    ranges are left to the validator that sees the whole row.
    """
    if "anyOf" in schema:
        # Annotated[str | None, Field(format=…)] puts the format beside the alternatives.
        outer = {"format": schema["format"]} if "format" in schema else {}
        return _any_of([{**outer, **option} for option in schema["anyOf"]])
    kind = schema.get("type")
    if kind is None and ("enum" in schema or "const" in schema):
        kind = "string"
    match kind:
        case "string":
            return _FORMATS.get(schema.get("format", ""), _string)
        case "integer":
            return _integer
        case "number":
            return _number
        case "boolean":
            return _boolean
        case "array":
            return _array(coercer(schema.get("items", {})))
        case "object":
            return _file if takes_files(schema) else _object(schema)
    return lambda value: value


def _any_of(options: list[dict[str, Any]]) -> Coercer:
    nullable = any(option.get("type") == "null" for option in options)
    others = [coercer(option) for option in options if option.get("type") != "null"]
    if len(others) == 1:
        only = others[0]
        return lambda value: None if value is None and nullable else only(value)

    def convert(value: Any) -> Any:
        if value is None and nullable:
            return None
        problem: CoerceError | None = None
        for option in others:
            try:
                return option(value)
            except CoerceError as error:
                problem = problem or error
        if problem is not None:
            raise problem
        return value

    return convert


def _string(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | dict):
        raise CoerceError(
            f"{_short(value)} is a {'record' if isinstance(value, dict) else 'list'}, not text.",
            hint="Name the field of it that is meant, or join a list with `| join(', ')`.",
        )
    try:
        return as_text(value)
    except ValueError as error:
        raise CoerceError(f"A text is needed, and {error}.") from None


def _integer(value: Any) -> int:
    match value:
        case bool():
            whole = False
        case str():
            whole = INTEGER.fullmatch(value.strip()) is not None
        case float() | Decimal():
            whole = _is_finite(value) and value == int(value)
        case _:
            whole = isinstance(value, int)
    if not whole:
        raise CoerceError(f"{_short(value)} is not a whole number.", code="not_a_number")
    number = int(value)
    if not SMALLEST <= number <= LARGEST:
        raise CoerceError(f"{_short(value)} is too large a number.", code="not_a_number")
    return number


def _number(value: Any) -> int | float:
    if isinstance(value, int) and not isinstance(value, bool):
        return _integer(value)
    if isinstance(value, float | Decimal) and _is_finite(value):
        return float(value)
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        return float(value)
    raise CoerceError(
        f"{_short(value)} is not a number.",
        code="not_a_number",
        hint="Write digits with a point, without thousands separators or currency signs.",
    )


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in YES or word in NO:
        return word in YES
    raise CoerceError(f"{_short(value)} is neither true nor false.", code="not_true_or_false")


def _date(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = _string(value).strip()
    try:
        return date.fromisoformat(
            text[:10] if len(text) > 10 and text[10] in "T " else text
        ).isoformat()
    except ValueError:
        raise CoerceError(
            f"{_short(value)} is not a date written as 2026-01-31.",
            code="not_a_date",
            hint="Use the filter `| date`, which reads other ways of writing dates.",
        ) from None


def _date_time(value: Any) -> str:
    text = _string(value).strip()
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        raise CoerceError(
            f"{_short(value)} is not a date and time written as 2026-01-31T20:30:00+00:00.",
            code="not_a_date",
        ) from None


def _email(value: Any) -> str:
    text = _string(value).strip()
    if EMAIL.fullmatch(text) is None:
        raise CoerceError(
            f"{_short(value)} is not an e-mail address.",
            code="not_an_email",
            hint="Correct the address at the source.",
        )
    return text


def _phone(value: Any) -> str:
    text = _string(value).strip()
    if PHONE.fullmatch(text) is None:
        raise CoerceError(
            f"{_short(value)} is not a phone number with its country code, like +12125550100.",
            code="not_a_phone",
            hint="Use the filter `| phone('US')`, or correct the number at the source.",
        )
    return text


_FORMATS: dict[str, Coercer] = {
    "date": _date,
    "date-time": _date_time,
    "email": _email,
    "phone": _phone,
}


def _array(item: Coercer) -> Coercer:
    def convert(value: Any) -> list[Any]:
        # One value where a list is wanted is a list of one: `status: open`.
        values = value if isinstance(value, list | tuple) else [value]
        return [item(one) for one in values if not isinstance(one, Undefined)]

    return convert


def _object(schema: Mapping[str, Any]) -> Coercer:
    fields = {name: coercer(part) for name, part in schema.get("properties", {}).items()}
    extra = schema.get("additionalProperties")
    other = coercer(extra) if isinstance(extra, Mapping) else None

    def convert(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise CoerceError(f"{_short(value)} is not a record with fields.")
        result = {}
        for name, item in value.items():
            convert_one = fields.get(name, other)
            try:
                result[name] = item if convert_one is None else convert_one(item)
            except CoerceError as error:
                raise CoerceError(
                    error.message,
                    code=error.code,
                    hint=error.hint,
                    within=f"{name}.{error.within}".strip("."),
                ) from None
        return result

    return convert


def _file(value: Any) -> dict[str, Any]:
    if is_file(value):
        return {**value, "name": safe_name(value["name"])}
    raise CoerceError(
        f"{_short(value)} is not a file.",
        code="not_a_file",
        hint="Give it a file that the trigger or an earlier step brings, e.g. "
        "`{{ mail.attachments | first }}`.",
    )


def _is_finite(value: float | Decimal) -> bool:
    return value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)


def _short(value: Any) -> str:
    try:
        text = as_text(value) if _is_plain(value) else repr(value)
    except ValueError:
        text = "a number of thousands of digits"
    return repr(text if len(text) <= 60 else text[:57] + "…")


def _is_plain(value: Any) -> bool:
    return not isinstance(value, list | tuple | dict | Undefined)
