"""Files over HTTP: fetched and sent piece by piece, again where a line breaks."""

from collections.abc import Iterator
from dataclasses import replace
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx2
import pytest
from cryptography.fernet import Fernet

from engine.errors import InputError, RetryableError
from engine.http import bodies
from engine.http.client import HttpClient, RetryPolicy
from engine.http.sessions import open_session
from engine.loopback import on_loopback
from engine.sdk import ApiKey, Connector
from engine.store.connections import Connection
from engine.store.kept_files import KeptFiles
from engine.store.vault import Vault

PDF = b"%PDF-1.7 " + bytes(range(256)) * 2000


class Office:
    """Answers with a file, and takes files in; the first ``broken`` requests go wrong."""

    def __init__(self, broken: int = 0, status: int = 503) -> None:
        self.broken, self.status = broken, status
        self.headers = [("Content-Type", "application/pdf")]
        self.got: list[tuple[str, bytes]] = []

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.got.append((environ.get("CONTENT_TYPE", ""), body))
        wrong = len(self.got) <= self.broken
        if environ["REQUEST_METHOD"] == "GET":
            start("200 OK", [*self.headers, ("Content-Length", str(len(PDF)))])
            for start_ in range(0, 100_000 if wrong else len(PDF), 50_000):
                yield PDF[start_ : start_ + 50_000]
            return
        start(f"{self.status} Busy" if wrong else "201 Created", [("Content-Length", "2")])
        yield b"{}"


@pytest.fixture
def files(tmp_path: Path) -> KeptFiles:
    return KeptFiles(tmp_path, Vault([Fernet.generate_key()]))


def client(
    files: KeptFiles, office: Office | None, url: str = "https://a.test/v1", **policy: Any
) -> HttpClient:
    connector = Connector(name="a", title="The Office", base_url=url, auth=ApiKey())
    connection = Connection(name="a", connector="a", secrets={"api_key": "k"})
    transport = None if office is None else httpx2.WSGITransport(app=office)
    retry = RetryPolicy(**{"sleep": lambda _: None, **policy})
    return HttpClient(
        open_session(connector, connection, transport=transport, retry=retry, files=files),
        idempotent=True,
    )


@pytest.mark.parametrize(
    ("header", "given", "name"),
    [
        ("", "", "letter 1.pdf"),
        ('attachment; filename="invoice.pdf"', "", "invoice.pdf"),
        ("attachment; filename*=UTF-8''Stra%C3%9Fe.pdf", "", "Straße.pdf"),
        ('attachment; filename="../../x.pdf"', "", "x.pdf"),
        ('attachment; filename="invoice.pdf"', "mine.pdf", "mine.pdf"),
    ],
)
def test_a_file_is_fetched_under_its_name(
    files: KeptFiles, header: str, given: str, name: str
) -> None:
    office = Office()
    office.headers += [("Content-Disposition", header)] if header else []
    with (http := client(files, office)).session:
        file = http.download("/letters/letter%201.pdf?x=1", name=given)
    assert (file["name"], file["media_type"], file["size"]) == (name, "application/pdf", len(PDF))
    with files.open(file) as opened:
        assert opened.read() == PDF


def test_it_may_be_larger_than_other_answers(
    files: KeptFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "LARGEST_ANSWER", 1000)
    with (http := client(files, Office())).session:
        assert http.download("/a.pdf")["size"] == len(PDF)
        small = replace(files, largest=100_000)
        http.session.files = small
        with pytest.raises(InputError, match="larger than 100 kB"):
            http.download("/a.pdf")


def test_a_line_that_breaks_half_way_is_tried_again(files: KeptFiles) -> None:
    office = Office(broken=2)
    with on_loopback(office) as url, (http := client(files, None, url)).session:
        assert http.download("/a.pdf")["size"] == len(PDF)
        assert len(office.got) == 3
        office.got, office.broken = [], 9
        with pytest.raises(RetryableError, match="broke while it was answering"):
            http.download("/a.pdf")
        assert len(office.got) == 4


def test_an_error_instead_of_a_file_is_an_error(files: KeptFiles) -> None:
    def gone(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        start("404 Not Found", [("Content-Type", "application/json")])
        return [b'{"error": "no such letter"}']

    with (http := client(files, gone)).session, pytest.raises(InputError):  # type: ignore[arg-type]
        http.download("/a.pdf")
    assert not list(files.places())


def test_a_file_is_a_body_which_is_sent_whole_again(files: KeptFiles) -> None:
    office = Office(broken=1)
    file = files.save("a.pdf", [PDF], "application/pdf")
    with on_loopback(office) as url, (http := client(files, None, url)).session:
        http.put("/a.pdf", content=file)
    assert office.got == [("application/pdf", PDF)] * 2


def test_files_are_parts_of_a_form_sent_whole_again(files: KeptFiles) -> None:
    office = Office(broken=1)
    file = files.save("Straße.pdf", [PDF], "application/pdf")
    with on_loopback(office) as url, (http := client(files, None, url)).session:
        http.post("/letters", data={"to": "Ada"}, files={"letter": file})
    assert len(office.got) == 2
    for kind, body in office.got:
        parsed = BytesParser(policy=HTTP).parsebytes(
            f"Content-Type: {kind}\r\n\r\n".encode() + body
        )
        to, letter = parsed.iter_parts()  # type: ignore[attr-defined]
        assert to.get_content().strip() == "Ada"
        assert letter.get_content_type() == "application/pdf"
        assert letter.get_payload(decode=True) == PDF


def test_a_file_that_is_gone_is_told_and_nothing_is_sent(files: KeptFiles) -> None:
    office = Office()
    gone = {"name": "a.pdf", "media_type": "", "size": 3, "file": "ab" * 32}
    with (http := client(files, office)).session:
        for body in ({"content": gone}, {"files": {"letter": gone}}):
            with pytest.raises(InputError, match=r"'a\.pdf' isn't kept any more"):
                http.post("/letters", **body)  # type: ignore[arg-type]
    assert office.got == []
