"""Requests are counted as they are sent, for the metrics."""

import time

import httpx2

from engine.tally import CALLS, class_of


def sent(
    client: httpx2.Client,
    request: httpx2.Request,
    *,
    auth: httpx2.Auth | None,
    stream: bool,
    connector: str,
) -> httpx2.Response:
    """Send a request and count it, by the connector's name and what came of it."""
    began, answer = time.perf_counter(), "none"
    try:
        response = client.send(request, auth=auth, stream=stream)
        answer = class_of(response.status_code)
        return response
    except httpx2.TransportError:
        answer = "unreachable"
        raise
    finally:
        CALLS.count(connector, answer, seconds=time.perf_counter() - began)
