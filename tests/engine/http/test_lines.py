"""Lines to servers that behave well and badly, over real sockets."""

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.http.client import HttpClient
from engine.http.lines import Lines
from engine.http.sessions import open_session
from engine.loopback import on_loopback
from engine.sdk import ApiKey, Connector
from engine.store.connections import Connection

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#: As an answer: the server hangs up.
HANG_UP = b""


class Server:
    """Gives its answers in turn, whatever is asked, each after a request with its whole body."""

    def __init__(self, answers: tuple[bytes, ...], tls: ssl.SSLContext | None) -> None:
        self.asked: list[bytes] = []
        self.connections = 0
        self._answers, self._tls = iter(answers), tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            with line:
                self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        try:
            if self._tls is not None:
                line = self._tls.wrap_socket(line, server_side=True)
            while asked := self._request(line):
                self.asked.append(asked)
                answer = next(self._answers)
                line.sendall(answer)
                if answer == HANG_UP or b"Connection: close" in answer:
                    return
        except (OSError, StopIteration):
            return
        finally:
            line.close()

    def _request(self, line: socket.socket) -> bytes:
        received = b""
        while not _whole(received):
            piece = line.recv(1_000_000)
            if not piece:
                return b""
            received += piece
        return received


def _whole(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    if b"Transfer-Encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    _, _, length = head.partition(b"Content-Length: ")
    return bool(end) and len(body) >= int(length.split(b"\r\n")[0] or 0)


@contextmanager
def serving(*answers: bytes, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(answers, tls)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def client(trusted: ssl.SSLContext | None = None) -> Iterator[httpx2.Client]:
    lines = Lines(lambda: trusted or ssl.create_default_context())
    with httpx2.Client(transport=lines, timeout=2) as opened:
        yield opened


def test_a_line_is_kept_for_the_next_request() -> None:
    with serving(OK, OK, OK) as server, client() as http:
        assert [http.get(server.url).text for _ in range(3)] == ["ok"] * 3
        assert server.connections == 1


def test_a_head_and_a_small_body_go_out_as_they_were_built() -> None:
    with serving(OK) as server, client() as http:
        http.post(f"{server.url}/a b?c=ä", json={"d": 1}, headers={"X-Two": "e f"})
    asked = server.asked[0]
    assert asked.startswith(b"POST /a%20b?c=%C3%A4 HTTP/1.1\r\n")
    assert asked.endswith(b'\r\n\r\n{"d":1}')
    assert asked.count(b"Host: ") == 1
    assert asked.count(b"Accept-Encoding: ") == 1
    assert b"\r\nX-Two: e f\r\n" in asked


@pytest.mark.parametrize("size", [10, 70_000, 3_000_000])
def test_bodies_of_any_size_arrive_whole(size: int) -> None:
    with serving(OK, OK) as server, client() as http:
        http.put(server.url, content=b"x" * size)
        http.put(server.url, content=(b"y" * 1000 for _ in range(size // 1000)))
    assert server.asked[0].partition(b"\r\n\r\n")[2] == b"x" * size
    chunks = server.asked[1].partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert b"".join(chunks[1::2]) == b"y" * (size // 1000 * 1000)


def test_what_fails_while_a_body_is_read_is_no_trouble_of_the_line() -> None:
    def body() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise FileNotFoundError("gone")

    with serving(OK) as server, client() as http, pytest.raises(FileNotFoundError):
        http.put(server.url, content=body())


def test_heads_are_read_as_they_are() -> None:
    answer = (
        b"HTTP/1.1 201 Fine so\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Name:   J\xc3\xbcrgen  \r\n"
        b"X-Long: one\r\n  two\r\nContent-Length: 0\r\n\r\n"
    )
    with serving(answer) as server, client() as http:
        told = http.get(server.url)
    assert (told.status_code, told.reason_phrase, told.http_version) == (201, "Fine so", "HTTP/1.1")
    assert told.headers.get_list("Set-Cookie") == ["a=1", "b=2"]
    assert told.headers["X-Name"] == "Jürgen"
    assert told.headers["X-Long"].split() == ["one", "two"]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
    ],
    ids=["in chunks", "by length", "after news on the way"],
)
def test_answers_end_where_they_say(answer: bytes) -> None:
    with serving(answer, OK) as server, client() as http:
        assert http.get(server.url).text == "abcde"
        assert http.get(server.url).text == "ok"
        assert server.connections == 1


@pytest.mark.parametrize("head", ["HTTP/1.1 204 None", "HTTP/1.1 304 Same"])
def test_an_answer_without_a_body_is_not_waited_for(head: str) -> None:
    with serving(f"{head}\r\n\r\n".encode(), OK) as server, client() as http:
        assert http.get(server.url).text == ""
        assert http.get(server.url).text == "ok"


def test_nor_is_that_to_a_question_for_the_head() -> None:
    with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", OK) as server, client() as http:
        assert http.head(server.url).headers["Content-Length"] == "9"
        assert http.get(server.url).text == "ok"


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok", b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nok"]
)  # fmt: skip
def test_an_answer_may_end_with_its_line(answer: bytes) -> None:
    with serving(answer, answer) as server, client() as http:
        assert [http.get(server.url).text for _ in range(2)] == ["ok"] * 2
        assert server.connections == 2


def test_a_line_that_was_hung_up_meanwhile_is_not_used() -> None:
    def hang_up() -> None:
        line, _ = listening.accept()
        line.recv(1000)
        line.sendall(OK)
        line.close()
        line, _ = listening.accept()
        line.recv(1000)
        line.sendall(OK)
        line.close()

    with socket.create_server(("127.0.0.1", 0)) as listening, client() as http:
        threading.Thread(target=hang_up, daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        assert http.get(url).text == "ok"
        time.sleep(0.05)  # until it hangs up
        assert http.get(url).text == "ok"


def test_a_line_whose_answer_was_not_read_is_not_used_again() -> None:
    with serving(OK, OK) as server, client() as http:
        with http.stream("GET", server.url):
            pass
        assert http.get(server.url).text == "ok"
        assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        HANG_UP,
        b"SMTP ready\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno header\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n9\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\nok",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    ],
    ids=["none", "none of HTTP", "odd head", "short", "short chunk", "odd chunk", "long head"],
)
def test_an_answer_that_is_none_is_an_error_after_sending(answer: bytes) -> None:
    with serving(answer) as server, client() as http, pytest.raises(httpx2.RemoteProtocolError):
        http.get(server.url)


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with client() as http:
        with pytest.raises(httpx2.ConnectError):
            http.get(f"http://127.0.0.1:{port}")
        with pytest.raises(httpx2.ConnectError):
            http.get("http://nowhere.invalid")


def test_silence_is_a_time_out_of_its_own() -> None:
    silent = serving(b"HTTP/1.1 200 OK\r\n")
    with silent as server, client() as http, pytest.raises(httpx2.ReadTimeout):
        http.get(server.url, timeout=0.05)


def test_a_header_that_would_begin_another_is_not_sent() -> None:
    with serving(OK) as server, client() as http, pytest.raises(httpx2.LocalProtocolError):
        http.get(server.url, headers={"X-One": "a\r\nX-Two: b"})
    assert server.asked == []


def test_a_refusal_in_the_middle_of_a_body_is_heard() -> None:
    def refuse() -> None:
        line, _ = listening.accept()
        line.recv(1000)
        line.sendall(b"HTTP/1.1 413 Too large\r\nContent-Length: 0\r\n\r\n")
        line.close()  # with most of the body unread, so the sending breaks

    with socket.create_server(("127.0.0.1", 0)) as listening, client() as http:
        threading.Thread(target=refuse, daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        assert http.put(url, content=b"x" * 20_000_000).status_code == 413


def test_requests_at_once_have_lines_of_their_own() -> None:
    together = threading.Barrier(4, timeout=5)

    def app(environ, start):  # type: ignore[no-untyped-def]
        together.wait()
        start("200 OK", [("Content-Length", "2")])
        return [environ["PATH_INFO"][1:].encode()]

    told: list[str] = []
    with on_loopback(app) as url, client() as http:
        asking = [
            threading.Thread(target=lambda n=n: told.append(http.get(f"{url}/1{n}").text))
            for n in range(4)
        ]
        for one in asking:
            one.start()
        for one in asking:
            one.join()
    assert sorted(told) == ["10", "11", "12", "13"]


def test_what_is_closed_is_closed_for_the_servers_too() -> None:
    with serving(OK) as server:
        with client() as http:
            http.get(server.url)
        with client() as http, pytest.raises(httpx2.RemoteProtocolError):
            http.get(server.url)  # it took the next line, for the first was closed
        assert server.connections == 2


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's context for ``api.test`` and one that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.test")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives = [x509.DNSName("api.test"), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))]
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    file.write_bytes(private + public)
    serves = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serves.load_cert_chain(file)
    trusts = ssl.create_default_context(cadata=public.decode())
    return serves, trusts


def test_certificates_are_checked_by_the_name_that_is_meant(tmp_path: Path) -> None:
    serves, trusts = certificate(tmp_path)
    with serving(OK, OK, OK, tls=serves) as server, client(trusts) as http:
        url = f"https://127.0.0.1:{server.port}"
        meant = {"sni_hostname": "api.test"}
        for _ in range(2):
            assert http.get(url, extensions=meant).text == "ok"
        assert server.connections == 1
        http.close()
        with client(trusts) as careless, pytest.raises(httpx2.ConnectError, match="certificate"):
            careless.get(url)
        with client() as stranger, pytest.raises(httpx2.ConnectError, match="certificate"):
            stranger.get(url, extensions=meant)


def test_where_a_proxy_is_named_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    connector = Connector(name="a", title="A", base_url="http://api.test", auth=ApiKey())
    connection = Connection(name="a", connector="a", secrets={"api_key": "k"})
    with serving(OK) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with open_session(connector, connection) as session:
            assert HttpClient(session).get("/x").text == "ok"
    assert proxy.asked[0].startswith(b"GET http://api.test/x HTTP/1.1\r\n")
