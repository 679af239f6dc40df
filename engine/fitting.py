"""Whether a record keeps to its schema; for people who make connectors, and no part of a run."""

from collections.abc import Mapping
from typing import Any

import orjson

from engine.fields import Schema


def misfit(record: Mapping[str, Any], schema: Schema) -> str:
    """Return how a record breaks a schema; empty when it doesn't."""
    import jsonschema  # here, because no run needs it and it takes 0.08 s to import

    try:
        plain = orjson.loads(orjson.dumps(record))
    except TypeError as error:
        return f"it holds something that isn't JSON: {error}"
    errors = jsonschema.Draft202012Validator(schema).iter_errors(plain)
    worst = jsonschema.exceptions.best_match(errors)
    return "" if worst is None else f"{worst.json_path}: {worst.message}"
