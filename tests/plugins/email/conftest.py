"""A practice mail server on loopback, and contexts of connections to it."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.context import Context, Kept
from engine.results import BadRecord, PartRead
from engine.sdk import Record
from engine.store.kept_files import KeptFiles
from engine.store.vault import Vault
from plugins.email.practice.server import PracticeMail
from plugins.email.triggers import email_received


class NoHttp:
    """A mailbox is reached without HTTP."""


@dataclass
class Office:
    """One practice server, and one run at a time."""

    server: PracticeMail
    files: KeptFiles
    done: set[str] = field(default_factory=set)

    @contextmanager
    def run(self, **settings: Any) -> Iterator[Context]:
        """Yield the context of one run; settings that are None are left out."""
        more = {
            name: settings.pop(name)
            for name in ("idempotency_key", "now", "password")
            if name in settings
        }
        given = {**self.server.credentials(), **settings}
        password = more.pop("password", given.pop("password"))
        ctx = Context(
            **{
                "http": NoHttp(),
                "now": datetime.now(UTC),
                "idempotency_key": "key-1",
                "connection": {name: value for name, value in given.items() if value is not None},
                "secrets": {"password": password} if password else {},
                "files": self.files,
                "kept": Kept(),
                "unread": lambda parts: set(parts) - self.done,
                **more,
            }
        )
        try:
            yield ctx
        finally:
            ctx.kept.close()

    def receive(self, **options: Any) -> list[Record | BadRecord]:
        """Read what came and settle it, as a run does; return records and bad ones."""
        with self.run() as ctx:
            items = list(email_received(ctx, **options))
            for part in (one for one in items if isinstance(one, PartRead)):
                self.done.add(part.part)
                if part.then is not None:
                    part.then()
        return [one for one in items if not isinstance(one, PartRead)]

    def mails(self, folder: str) -> list[dict[str, Any]]:
        return self.server.mails(folder)

    def asked(self, command: str) -> int:
        """Return how often a command was given since the last look."""
        count = sum(one["method"] == command for one in self.server.requests)
        self.server.requests.clear()
        return count


@pytest.fixture
def files(tmp_path: Path) -> KeptFiles:
    return KeptFiles(tmp_path / "kept", Vault([Fernet.generate_key()]))


@pytest.fixture
def office(files: KeptFiles) -> Iterator[Office]:
    server = PracticeMail(seed=1)
    with server.listening():
        yield Office(server, files)


@pytest.fixture
def another(files: KeptFiles) -> Iterator[Callable[..., Office]]:
    """Make an office whose server has options."""
    entered = []

    def make(**options: Any) -> Office:
        server = PracticeMail(seed=1, **options)
        line = server.listening()
        line.__enter__()
        entered.append(line)
        return Office(server, files)

    yield make
    for line in entered:
        line.__exit__(None, None, None)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a certificate for 127.0.0.1, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def encrypted(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """What a server encrypts with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context
