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
    """Return the value at a dotted ``path`` such as ``meta.paging.next``; None when absent."""
    for name in path.split("."):
        if not isinstance(document, Mapping):
            return None
        document = document.get(name)
    return document
