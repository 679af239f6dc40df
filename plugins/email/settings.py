"""What a connection to a mailbox needs, and the two servers it names."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from engine.sdk import (
    Context,
    Field,
    NotRequired,
    SetupError,
    TypedDict,
    is_https_or_loopback,
)

#: How a line is encrypted: from the start, after asking for it, or not at all (this computer only).
Security = Literal["TLS", "STARTTLS", "none"]

#: RFC 8314 and RFC 6409 for mail that is handed in, RFC 8314 and RFC 3501 for mailboxes.
PORTS: dict[str, dict[str, int]] = {
    "SMTP": {"TLS": 465, "STARTTLS": 587, "none": 25},
    "IMAP": {"TLS": 993, "STARTTLS": 143, "none": 143},
}


class Settings(TypedDict):
    """What is needed to send mail, to read it, or both."""

    username: NotRequired[
        Annotated[str, Field("User name", "Most often the whole e-mail address.")]
    ]
    password: NotRequired[
        Annotated[
            str,
            Field(
                "Password",
                "Gmail, iCloud and Yahoo want an app password, which is made in the account's "
                "security settings.",
                secret=True,
            ),
        ]
    ]
    sender: NotRequired[
        Annotated[
            str,
            Field(
                "From",
                "Whom mails come from, e.g. `Byron & Partners <office@firm.example>`. Left empty, "
                "the user name.",
            ),
        ]
    ]
    smtp_host: NotRequired[
        Annotated[
            str,
            Field(
                "Server for sending (SMTP)",
                "E.g. smtp.gmail.com, smtp.mail.me.com (iCloud). Left empty, nothing is sent.",
            ),
        ]
    ]
    smtp_security: NotRequired[
        Annotated[
            Security,
            Field(
                "Encryption for sending",
                "Left empty, STARTTLS at port 587, and TLS at port 465. None goes only within "
                "this computer.",
            ),
        ]
    ]
    smtp_port: NotRequired[Annotated[int, Field("Port for sending", "Usually 587, or 465.")]]
    imap_host: NotRequired[
        Annotated[
            str,
            Field(
                "Server for reading (IMAP)",
                "E.g. imap.gmail.com, imap.mail.me.com (iCloud). Left empty, nothing is read.",
            ),
        ]
    ]
    imap_security: NotRequired[
        Annotated[
            Security,
            Field(
                "Encryption for reading",
                "Left empty, TLS at port 993, and STARTTLS at port 143. None goes only within "
                "this computer.",
            ),
        ]
    ]
    imap_port: NotRequired[Annotated[int, Field("Port for reading", "Usually 993.")]]
    sent_folder: NotRequired[
        Annotated[
            str,
            Field(
                "Folder of sent mail",
                "Only if the provider itself puts there what is sent, as Gmail does "
                "(`[Gmail]/Sent Mail`). Bridgework then looks there whether a mail went out when "
                "the line broke. Left empty, a person is asked.",
            ),
        ]
    ]


@dataclass(frozen=True)
class Server:
    """A mail server and how it is logged in to.

    :param protocol: ``SMTP`` or ``IMAP``.
    :param user: empty where it asks for no log-in.
    """

    protocol: str
    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)

    @property
    def words(self) -> str:
        """What people know it by."""
        return f"the {self.protocol} server '{self.host}'"

    @property
    def who(self) -> str:
        """The same at the beginning of a sentence."""
        return f"The {self.protocol} server '{self.host}'"

    def without_password(self, text: str) -> str:
        """Return what the server said, should it repeat the password, without it."""
        return text.replace(self.password, "…") if self.password else text


def smtp_server(ctx: Context) -> Server:
    """Return the server that sends.

    :raises SetupError: the connection names none, or an unencrypted line to another computer.
    """
    return _server(ctx, "SMTP", "sending", usual="STARTTLS")


def imap_server(ctx: Context) -> Server:
    """Return the server that has the mailbox.

    :raises SetupError: the connection names none, or an unencrypted line to another computer.
    """
    server = _server(ctx, "IMAP", "reading", usual="TLS")
    if not server.user or not server.password:
        raise SetupError(
            "A mailbox can't be read without user name and password.",
            hint="Enter both in the connection.",
        )
    return server


def _server(ctx: Context, protocol: str, purpose: str, *, usual: str) -> Server:
    """Return the server that is named; ``usual`` is how it is encrypted where nothing is said."""
    ports = PORTS[protocol]

    def given(name: str) -> Any:
        return ctx.connection.get(f"{protocol.lower()}_{name}")

    host = str(given("host") or "").strip()
    if not host:
        raise SetupError(
            f"This connection has no server for {purpose} mail ({protocol}).",
            hint=f"Enter it as the connection's 'Server for {purpose} ({protocol})'.",
        )
    port = int(given("port") or 0)
    security = given("security")
    if not security:
        security = "TLS" if port == ports["TLS"] else "STARTTLS" if port else usual
    if security == "none" and not is_https_or_loopback(f"http://{host}/"):
        raise SetupError(
            f"Mail and passwords don't go to '{host}' without encryption.",
            hint="Choose TLS or STARTTLS. None is for a server on this computer alone.",
        )
    return Server(
        protocol,
        host,
        port or ports[security],
        security,
        str(ctx.connection.get("username") or ""),
        ctx.secrets.get("password", ""),
    )
