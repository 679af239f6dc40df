"""A source and a sink on loopback that cost next to nothing: raw asyncio, each its own process.

``python -m bench.servers source 20000`` and ``python -m bench.servers sink 20`` print their address
and serve until they are ended; the second number is the milliseconds that the sink takes for an
answer to what is posted. It keeps the first body and counts; it doesn't read what it
is sent, because its time would count as the client's.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from subprocess import PIPE, Popen
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

from bench.place import environment
from bench.sample_data import matter

PAGE = 200

#: Method, target and body to a JSON document.
Answer = Callable[[str, str, bytes], bytes]


class Connection(asyncio.Protocol):
    """One keep-alive connection of HTTP/1.1, whose client waits for each answer.

    :param delay: seconds that the answer to a POST takes.
    """

    def __init__(self, answer: Answer, delay: float) -> None:
        self._answer, self._delay = answer, delay
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (head_end := self._received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._received[:head_end])
            lowered = head.lower()
            at = lowered.find(b"content-length:")
            length = int(lowered[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            end = head_end + 4 + length
            if len(self._received) < end:
                return
            body = bytes(self._received[head_end + 4 : end])
            del self._received[:end]
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            document = self._answer(method, target, body)
            written = (
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                % len(document)
                + document
            )
            if self._delay and method == "POST":
                asyncio.get_running_loop().call_later(self._delay, self._transport.write, written)
            else:
                self._transport.write(written)


def source(records: int) -> Answer:
    """Return what answers pages of matters, each with the address of the next."""
    pages = [
        json.dumps([matter(i) for i in range(start, min(start + PAGE, records))])
        for start in range(0, records, PAGE)
    ]

    def answer(_method: str, target: str, _body: bytes) -> bytes:
        number = int(parse_qs(urlsplit(target).query).get("page", ["0"])[0])
        paging = f'{{"next": "/matters?page={number + 1}"}}' if number + 1 < len(pages) else "{}"
        return f'{{"data": {pages[number]}, "meta": {{"paging": {paging}}}}}'.encode()

    return answer


def sink() -> Answer:
    """Return what takes cases at ``/cases``, batches at ``/batches``, and tells at ``/received``.

    At ``/began`` it tells when the first came, by ``time.monotonic``.
    """
    bodies: list[bytes] = []
    received = 0
    began: float | None = None
    ids = count(1)

    def answer(method: str, target: str, body: bytes) -> bytes:
        nonlocal received, began
        if method == "DELETE":
            bodies.clear()
            received, began = 0, None
        elif method == "POST":
            number = body.count(b'"case_number"')
            received += number
            if not bodies:
                began = time.monotonic()
                bodies.append(body)
            if target == "/cases":
                return b'{"id": %d}' % next(ids)
            return b'{"results": [%s]}' % b",".join(
                b'{"id": %d}' % next(ids) for _ in range(number)
            )
        if target == "/began":
            return json.dumps(began).encode()
        first = json.loads(bodies[0]) if bodies else None
        if first and "cases" in first:
            first = first["cases"][0]
        return json.dumps({"cases": received, "first": first}).encode()

    return answer


class Server:
    """A server in a process of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def received(self) -> dict[str, Any]:
        """Return what a sink got since it was last emptied."""
        with urlopen(f"{self.url}/received") as response:
            told: dict[str, Any] = json.load(response)
        return told

    def began(self) -> float | None:
        """Return when a sink got something first, by ``time.monotonic``; None where it did not."""
        with urlopen(f"{self.url}/began") as response:
            moment: float | None = json.load(response)
        return moment

    def empty(self) -> None:
        """Let a sink forget what it got."""
        urlopen(Request(f"{self.url}/received", method="DELETE")).close()


@contextmanager
def running(*arguments: str) -> Iterator[Server]:
    """Serve for as long as the block runs."""
    command = [sys.executable, "-m", "bench.servers", *arguments]
    with Popen(command, stdout=PIPE, text=True, env=environment()) as child:
        assert child.stdout is not None
        try:
            yield Server(child.stdout.readline().strip())
        finally:
            child.terminate()


async def serve(answer: Answer, delay: float) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(answer, delay), "127.0.0.1", 0
    )
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main(kind: str, number: int = 0) -> None:
    with suppress(ImportError):
        import uvloop  # type: ignore[import-not-found]  # used only where it happens to be

        uvloop.install()
    if kind == "source":
        asyncio.run(serve(source(number), 0))
    else:
        asyncio.run(serve(sink(), number / 1000))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
