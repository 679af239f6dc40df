"""Straight lines to other systems' servers, over Python's own ``http.client``.

httpx2's way over the network, httpcore2, takes three times as long for a call, and where each record
is a call that is most of a run's time (decision 15). What a request and an answer are, credentials,
cookies and unpacking stay httpx2's; so does the way through proxies, which this one can't take.
"""

import select
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from email.errors import MissingHeaderBodySeparatorDefect
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any

import httpx2

#: Lines kept open beside those in use, and the seconds that each is kept: as httpx2 does.
KEPT, KEPT_FOR = 20, 5.0
#: Bytes read at once.
PIECE = 128 * 1024
#: A body of so many bytes goes out together with its head.
SMALL_BODY = 64 * 1024

#: What an error is told as: one of the network, and a wait that was too long.
_CONNECTING = httpx2.ConnectError, httpx2.ConnectTimeout
_SENDING = httpx2.WriteError, httpx2.WriteTimeout
_READING = httpx2.ReadError, httpx2.ReadTimeout

_PORTS = {"http": 80, "https": 443}


class Lines(httpx2.BaseTransport):
    """Sends requests straight to their hosts, by HTTP/1.1; lines stay open for the next.

    A request's extensions are those of httpx2: ``timeout``, and ``sni_hostname`` where its address
    names the host by number.

    :param trusted: returns the certificates that are; asked when the first line needs them, since
        reading them takes 0.03 s.
    """

    def __init__(self, trusted: Callable[[], ssl.SSLContext]) -> None:
        self._trusted = trusted
        self._lock = threading.Lock()
        self._idle: list[_Line] = []  # the one used last is at the end
        self._closed = False

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and return its answer, whose body is read by whoever asked.

        :raises httpx2.TransportError: its class tells whether anything may have been sent.
        """
        timeouts = request.extensions.get("timeout", {})
        line = self._line_for(request)
        try:
            if line.sock is None:
                line.open(timeouts.get("connect"))
            line.patience(timeouts.get("write"))
            line.send_request(request)
            line.patience(timeouts.get("read"))
            answer = line.answer()
        except BaseException:
            line.close()
            raise
        return httpx2.Response(
            answer.status,
            headers=[(_bytes(name), _bytes(value)) for name, value in answer.msg.items()],
            stream=_Body(self, line, answer),
            extensions={
                "http_version": b"HTTP/1.0" if answer.version == 10 else b"HTTP/1.1",
                "reason_phrase": answer.reason.encode("latin-1"),
            },
        )

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for line in idle:
            line.close()

    def keep(self, line: "_Line") -> None:
        """Keep a line for the next request; its answer was read to the end."""
        if line.sock is None or line.hung_up is not None:
            line.close()
            return
        line.used_at = time.monotonic()
        with self._lock:
            if not self._closed and len(self._idle) < KEPT:
                self._idle.append(line)
                return
        line.close()

    def _line_for(self, request: httpx2.Request) -> "_Line":
        """Return a line that nobody uses: one that is open, or one still to be opened."""
        url = request.url
        host = url.raw_host.decode("ascii")
        name = request.extensions.get("sni_hostname", host) if url.scheme == "https" else ""
        place = (host, url.port or _PORTS[url.scheme], name)
        while (line := self._taken(place)) is not None:
            if time.monotonic() - line.used_at < KEPT_FOR and line.is_quiet():
                return line
            line.close()
        return _Line(place, self._trusted() if name else None)

    def _taken(self, place: tuple[str, int, str]) -> "_Line | None":
        with self._lock:
            for at in range(len(self._idle) - 1, -1, -1):
                if self._idle[at].place == place:
                    return self._idle.pop(at)
        return None


class _Line(HTTPConnection):
    """One connection.

    :param place: host, port, and the name in its certificate.
    :param trusted: certificates; None without encryption.
    """

    def __init__(self, place: tuple[str, int, str], trusted: ssl.SSLContext | None) -> None:
        super().__init__(place[0], place[1])
        self.place, self.used_at = place, 0.0
        self._trusted = trusted
        self._held: list[bytes] | None = None
        self.hung_up: httpx2.TransportError | None = None

    def open(self, timeout: float | None) -> None:
        """Connect.

        :raises httpx2.ConnectError: or a ``ConnectTimeout``; nothing was sent.
        """
        self.timeout = timeout
        try:
            self.connect()
            if self._trusted is not None:
                self.sock = self._trusted.wrap_socket(self.sock, server_hostname=self.place[2])
        except (OSError, UnicodeError) as error:
            raise _told(error, _CONNECTING) from error

    def patience(self, timeout: float | None) -> None:
        """Let what comes next take so many seconds without a sign of life."""
        if self.sock.gettimeout() != timeout:
            self.sock.settimeout(timeout)

    def send_request(self, request: httpx2.Request) -> None:
        """Send a request; where the other side hangs up meanwhile, its answer may say why.

        :raises httpx2.WriteError: or a ``WriteTimeout``; or what reading its body raises.
        """
        target = request.url.raw_path.decode("ascii")
        try:
            self.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.raw:
                self.putheader(name, value)
        except ValueError as error:
            raise httpx2.LocalProtocolError(str(error)) from error
        chunked = "Transfer-Encoding" in request.headers
        self._held = []
        try:
            self.endheaders()
            for piece in request.stream:  # type: ignore[union-attr]  # httpx2's client sees to it
                if piece:
                    self.send(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            if chunked:
                self.send(b"0\r\n\r\n")
            if self._held is not None:
                self._send_held()
        except httpx2.WriteError:
            if self.hung_up is None:
                raise

    def send(self, data: Any) -> None:
        """Send bytes; the head waits for the body's beginning, to go out together with it."""
        if self._held is not None:
            self._held.append(data)
            if len(data) >= SMALL_BODY:
                self._send_held()
            return
        try:
            super().send(data)
        except OSError as error:
            told = _told(error, _SENDING)
            if isinstance(error, BrokenPipeError | ConnectionResetError):
                self.hung_up = told
            raise told from error

    def _send_held(self) -> None:
        assert self._held is not None
        together, self._held = b"".join(self._held), None
        self.send(together)

    def answer(self) -> HTTPResponse:
        """Return the answer, read up to its body.

        :raises httpx2.TransportError: there is none.
        """
        try:
            answer = self.getresponse()
            while 101 < answer.status < 200:  # news on the way, such as RFC 8297's
                answer.headers = None  # type: ignore[assignment]  # http.client reads the next head
                answer.begin()
        except (HTTPException, OSError) as error:
            raise self.hung_up or _told(error, _READING) from error
        if any(isinstance(one, MissingHeaderBodySeparatorDefect) for one in answer.msg.defects):
            raise httpx2.RemoteProtocolError("The head of the answer has a line that is no header.")
        return answer

    def is_quiet(self) -> bool:
        """Say whether the other side has neither hung up nor sent what nobody asked for."""
        if not hasattr(select, "poll"):  # Windows
            return not select.select([self.sock], [], [], 0)[0]
        looking = select.poll()
        looking.register(self.sock, select.POLLIN)
        return not looking.poll(0)


class _Body(httpx2.SyncByteStream):
    """The body of an answer, a piece at a time; its line is kept once all of it was read."""

    def __init__(self, lines: Lines, line: _Line, answer: HTTPResponse) -> None:
        self._lines, self._line, self._answer = lines, line, answer
        self._whole = self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        answer = self._answer
        try:
            while piece := answer.read1(PIECE):
                yield piece
        except (HTTPException, OSError) as error:
            raise _told(error, _READING) from error
        if answer.length:
            raise httpx2.RemoteProtocolError("The line broke before the answer was complete.")
        self._whole = True

    def close(self) -> None:
        if self._closed:  # somebody else may use the line by now
            return
        self._closed = True
        self._answer.close()
        if self._whole:
            self._lines.keep(self._line)
        else:
            self._line.close()


def _bytes(text: str) -> bytes:
    """Return a header's name or value as it came; one of several lines (RFC 9112, 5.2) has one."""
    return " ".join(text.split("\r\n")).strip().encode("latin-1")


def _told(
    error: Exception, kinds: tuple[type[httpx2.TransportError], type[httpx2.TransportError]]
) -> httpx2.TransportError:
    """Return an error as httpx2 tells it."""
    if isinstance(error, HTTPException):
        return httpx2.RemoteProtocolError(str(error))
    network, too_long = kinds
    return too_long(str(error)) if isinstance(error, TimeoutError) else network(str(error))
