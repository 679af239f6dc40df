"""How passwords are kept: as hashes that take a moment to make, so that guessing takes years."""

from functools import cache

from flask import Flask, current_app
from werkzeug.security import check_password_hash, generate_password_hash

from engine.store.users import User

#: The setting that holds the method; only tests have a cheaper one.
METHOD = "PASSWORD_METHOD"


def choose_method(app: Flask) -> None:
    """Keep passwords as Werkzeug recommends: it knows how fast today's machines guess."""
    app.config[METHOD] = "scrypt"


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return generate_password_hash(password, method=current_app.config[METHOD])


def is_right(password: str, user: User | None) -> bool:
    """Return whether this is the user's password; it takes as long where there is no such user."""
    kept = user.password_hash if user else _hash_of_nobody(current_app.config[METHOD])
    return check_password_hash(kept, password) and user is not None


@cache
def _hash_of_nobody(method: str) -> str:
    return generate_password_hash("nobody has this password", method=method)
