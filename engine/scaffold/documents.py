"""Reads an API's description: JSON or YAML, OpenAPI 3; whatever else it is, one sentence says."""

import re
from collections.abc import Mapping
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from engine.errors import SetupError

#: Bytes of a file that are read.
LARGEST = 30_000_000
#: YAML is read by Python itself, about a megabyte in ten seconds.
LARGEST_YAML = 4_000_000
#: Maps and lists within one another; descriptions have some thirty.
DEEPEST = 100
#: Values a file may hold; more come of YAML's anchors, repeated in one another.
MOST_VALUES = 1_500_000


def read_description(path: Path) -> dict[str, Any]:
    """Return an OpenAPI document.

    :raises SetupError: it can't be read, or is something else; the hint says what to do.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        raise SetupError(f"'{path}' can't be read: {error.strerror or error}.") from error
    if size > LARGEST:
        raise SetupError(
            f"'{path}' has {size // 1_000_000} MB, which is more than is read.",
            hint="Cut it down to the paths you need, with what they refer to.",
        )
    document = _parsed(path, data)
    if not isinstance(document, dict):
        raise SetupError(f"'{path}' is no API description: it holds no map of fields.", hint=HINT)
    if _is_deep(document):
        raise _broken(path, "it is nested too deeply")
    _check_version(path, document)
    paths = document.get("paths")
    if not isinstance(paths, Mapping) or not paths:
        raise SetupError(
            f"'{path}' describes no path of an API, so there is nothing to make a connector of.",
            hint="Give a file with `paths:`, or use `--from-curl` with a request that works.",
        )
    return document


HINT = "Give an OpenAPI 3 file, in JSON or YAML; many vendors publish theirs as openapi.json."


def _parsed(path: Path, data: bytes) -> Any:
    if data.lstrip()[:1] in (b"{", b"["):
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError as error:
            if not data.lstrip().startswith(b"{"):
                raise _broken(path, str(error)) from error
            problem = str(error)
        if len(data) > LARGEST_YAML:
            raise _broken(path, problem)
    if len(data) > LARGEST_YAML:
        raise SetupError(
            f"'{path}' has {len(data) // 1_000_000} MB of YAML, which would take minutes to read.",
            hint="Turn it into JSON first: most editors and `yq -o json` do.",
        )
    try:
        text = data.decode("utf-8-sig")
        loaded = YAML(typ="safe", pure=True).load(StringIO(text))
        return _plain(loaded, [MOST_VALUES])
    except UnicodeDecodeError as error:
        raise _broken(path, "it isn't text in UTF-8") from error
    except (YAMLError, ValueError) as error:
        raise _broken(path, " ".join(str(error).split())) from error
    except RecursionError:
        raise _broken(path, "it is nested too deeply") from None


def _is_deep(document: Any) -> bool:
    """Say whether there is more within one another than anything that reads it can follow."""
    level = [document]
    for _ in range(DEEPEST):
        inner = [one.values() if isinstance(one, dict) else one for one in level]
        level = [x for one in inner for x in one if isinstance(x, dict | list)]
        if not level:
            return False
    return True


def _broken(path: Path, problem: str) -> SetupError:
    return SetupError(f"'{path}' is neither JSON nor YAML: {problem[:300]}.", hint=HINT)


def _plain(value: Any, left: list[int]) -> Any:
    """Return YAML's values as JSON has them: names are texts, so are dates."""
    left[0] -= 1
    if left[0] < 0:
        raise ValueError("its anchors repeat one another without end")
    if isinstance(value, Mapping):
        return {str(_plain(str(n), left)): _plain(item, left) for n, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item, left) for item in value]
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    if isinstance(value, str):  # YAML writes half characters as "\\ud800", which no file can hold
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value


def _check_version(path: Path, document: Mapping[str, Any]) -> None:
    if "swagger" in document:
        raise SetupError(
            f"'{path}' is written in Swagger {document['swagger']}, the form before OpenAPI 3.",
            hint="Convert it first: https://converter.swagger.io does, and so does "
            "`npx swagger2openapi FILE`.",
        )
    version = document.get("openapi")
    if version is None:
        others = {"asyncapi": "AsyncAPI", "collection": "a collection", "info": "a Postman file"}
        found = next((words for name, words in others.items() if name in document), "")
        raise SetupError(
            f"'{path}' is no OpenAPI description{f' but {found}' if found else ''}.", hint=HINT
        )
    if not re.match(r"3\.[0-9]", str(version)):
        raise SetupError(f"'{path}' is OpenAPI {version}; this reads 3.0 to 3.2.", hint=HINT)
