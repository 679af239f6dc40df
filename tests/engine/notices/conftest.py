"""A real mail server and real receivers of posts, on loopback."""

import datetime as dt
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.loopback import on_loopback
from engine.notices.mail import MailServer
from engine.store.database import Store
from engine.store.notices import Notice, add_notice, list_notices

USER, PASSWORD = "post@firm.example", "smtp-pass-9d31c7"


@dataclass
class Mailbox:
    """What arrived, and how the server behaves.

    :param refuses: addresses it has no box for.
    :param answer: what it says to the next mails instead of taking them.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[list[str]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    answer: str = ""
    lines: int = 0

    async def handle_EHLO(  # noqa: N802  # aiosmtpd asks for these names
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any
    ) -> Any:
        self.lines += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.refuses:
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.answer:
            return self.answer
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.envelopes.append(list(envelope.rcpt_tos))
        return "250 OK"

    def url(self, scheme: str = "smtp", login: bool = False) -> str:
        who = f"{USER.replace('@', '%40')}:{PASSWORD}@" if login else ""
        return f"{scheme}://{who}127.0.0.1:{self.port}"

    def server(self, **values: Any) -> MailServer:
        return MailServer(
            **{
                "host": "127.0.0.1",
                "port": self.port,
                "sender": "Bridgework <bridge@firm.example>",
                **values,
            }
        )

    def text(self, number: int = -1) -> str:
        part = self.mails[number].get_body(("plain",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")

    def html(self, number: int = -1) -> str:
        part = self.mails[number].get_body(("html",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


class AnyPort(Controller):  # type: ignore[misc]  # aiosmtpd brings no types
    """Takes a free port and knows which."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_on_loopback(**how: Any) -> Iterator[Mailbox]:
    """Run a mail server of its own; ``how`` is for aiosmtpd's Controller."""
    box = Mailbox()
    controller = AnyPort(box, hostname="127.0.0.1", port=0, **how)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()


def check_login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    good = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
    return AuthResult(success=good, handled=False)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that asks for no log-in."""
    with mail_on_loopback() as box:
        yield box


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a certificate for 127.0.0.1, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def server_tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's certificate is among those this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


@dataclass
class Receiver:
    """A web address that keeps what is posted to it.

    :param answers: status, body and headers of the next answers; afterwards ``200 ok``.
    """

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def will_answer(self, status: str, body: str = "", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, body, named))

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        headers = {k[5:]: str(v) for k, v in environ.items() if k.startswith("HTTP_")}
        headers["CONTENT_TYPE"] = environ.get("CONTENT_TYPE", "")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.got.append((headers, body))
        status, text, more = self.answers.pop(0) if self.answers else ("200 OK", "ok", {})
        start(status, [("Content-Type", "text/plain"), *more.items()])
        return [text.encode()]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    app = Receiver()
    with on_loopback(app) as url:
        app.url = f"{url}/services/T000/B000/hush5hush5"
        yield app


@pytest.fixture
def tell(store: Store, clock: Any) -> Callable[..., Notice]:
    """Add a notice and return it."""

    def add(kind: str = "run_failed", about: str = "recipe:contacts", **values: Any) -> Notice:
        with store.writing() as connection:
            said = {
                "subject": "Contacts could not run",
                "body": "The source is down.\nTry again later.",
                "link": "/runs/7/report",
                "at": clock.now,
                **values,
            }
            assert add_notice(connection, kind=kind, about=about, **said)
        return list_notices(store, limit=1)[0]

    return add
