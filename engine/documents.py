"""What is looked for in an answer: its JSON, and a value deep within."""

from collections.abc import Mapping
from typing import Any

import httpx2


def json_in(response: httpx2.Response) -> Any:
    """Return what an answer says in JSON; None where it says none, as a web page does."""
    try:
        return response.json()
    except ValueError:
        return None


def dig(document: Any, path: str) -> Any:
    """Return the value at a dotted ``path`` such as ``data.0.id``; None where there is none.

    An empty path is the document itself.
    """
    for name in path.split(".") if path else ():
        if isinstance(document, Mapping):
            document = document.get(name)
        elif isinstance(document, list) and name.lstrip("-").isdecimal():
            place = int(name)
            document = document[place] if -len(document) <= place < len(document) else None
        else:
            return None
    return document
