"""Who the server is, and who logs in: its key is compared first, and only then is a secret sent."""

from collections.abc import Mapping
from io import StringIO
from typing import Any, TypeAlias

from engine.sdk import AuthError, SetupError

# paramiko's, which few need, so that it is an extra and imported late.
PKey: TypeAlias = Any
Transport: TypeAlias = Any


def fingerprint(key: PKey) -> str:
    """Return a server's key as OpenSSH shows it, e.g. ``ssh-ed25519 SHA256:…``."""
    return f"{key.get_name()} {key.fingerprint}"


def check_server(transport: Transport, host: str, pinned: str) -> None:
    shown = fingerprint(transport.get_remote_server_key())
    if not pinned:
        raise SetupError(
            f"The server {host} has the key {shown}, which nobody has confirmed yet.",
            hint="Compare it with what the server's owner says. If it is the same, enter it as the "
            f"connection's 'Server's fingerprint' (`--set 'fingerprint={shown}'`) and test again.",
        )
    if pinned.split()[-1].removesuffix("=") != shown.split()[-1]:
        raise AuthError(
            f"The server {host} has another key than the one that was confirmed: it has {shown}.",
            hint="It may have been set up anew, or somebody may stand between: ask the server's "
            "owner, and only then enter the new key as the connection's 'Server's fingerprint' "
            f"(`--set 'fingerprint={shown}'`).",
        )


def ask_for_the_same_kind(transport: Transport, pinned: str) -> None:
    """Ask for the kind of key that was confirmed: a server has several."""
    kind = pinned.split()[0] if " " in pinned else ""
    options = transport.get_security_options()
    kinds = [
        one for one in options.key_types if one == kind or (kind == "ssh-rsa" and "rsa" in one)
    ]
    if kinds:
        options.key_types = kinds


def log_in(transport: Transport, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    username = str(settings.get("username") or "")
    if secrets.get("private_key"):
        key = _key(secrets["private_key"], secrets.get("passphrase") or None)
        transport.auth_publickey(username, key)
    elif secrets.get("password"):
        transport.auth_password(username, secrets["password"])
    else:
        raise SetupError(
            "The connection has neither a password nor a private key.", hint="Enter one of them."
        )


def _key(text: str, passphrase: str | None) -> PKey:
    from paramiko import ECDSAKey, Ed25519Key, PasswordRequiredException, RSAKey, SSHException

    for kind in (Ed25519Key, ECDSAKey, RSAKey):
        try:
            return kind.from_private_key(StringIO(text.strip() + "\n"), passphrase)
        except PasswordRequiredException as error:
            raise SetupError(
                "The private key has a passphrase, which isn't given.",
                hint="Enter it as the connection's 'Passphrase'.",
            ) from error
        except (SSHException, ValueError, TypeError, IndexError, UnicodeError):
            continue
    raise SetupError(
        "The private key can't be read, or its passphrase is another.",
        hint="Copy the whole file, from '-----BEGIN' to '-----END', in OpenSSH's or PEM format.",
    )
