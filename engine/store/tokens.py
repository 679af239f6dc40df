"""Tokens that we hand out: who has one gets in, and the database knows it by its digest alone.

It is looked up by that, too: how long the look-up takes tells nothing of the token.
"""

import hashlib
import secrets


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimals."""
    return hashlib.sha256(text.encode()).hexdigest()
