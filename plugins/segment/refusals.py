"""Segment's refusals in plain sentences. Most mistakes it answers with 200: see the README."""

import httpx2

from engine.sdk import AuthError, ConnectorError, InputError


def explain(response: httpx2.Response) -> ConnectorError | None:
    """Turn an error answer into one people understand; None leaves it to the engine."""
    match response.status_code:
        case 400 | 413:
            return InputError(
                "Segment did not take these events: they are too large, or can't be read.",
                hint="Leave long texts and lists out of their traits or properties.",
                code="refused",
            )
        case 401 | 403:
            return AuthError(
                "Segment did not accept the write key.",
                hint="Copy it again from the source's settings, and check the region of the "
                "workspace: each region has keys of its own.",
            )
    return None
