"""E-mail addresses."""

from email.utils import parseaddr

from engine.recipe.filters.errors import FilterError, may_default, on_text, quoted
from engine.recipe.templates.coerce import EMAIL


@may_default
@on_text
def email(text: str) -> str | None:
    """Clean an e-mail address: no spaces, no name, small letters. Fails when it can't be one.

    >>> {{ ' Dana@HarborLaw.example' | email }}
    dana@harborlaw.example
    >>> {{ 'Dana Whitfield <dana@harborlaw.example>' | email }}
    dana@harborlaw.example
    """
    address = text.strip().lower()
    if not address:
        return None
    if EMAIL.fullmatch(address) is not None:
        return address
    inner = parseaddr(address)[1] if address.endswith(">") else ""
    if EMAIL.fullmatch(inner) is not None:
        return inner
    raise FilterError(
        f"{quoted(text)} is not an e-mail address.",
        code="not_an_email",
        hint="Correct the address at the source.",
    )


@may_default
@on_text
def domain(text: str) -> str | None:
    """Take the domain out of an e-mail address or a web address.

    >>> {{ 'dana@harborlaw.example' | domain }}
    harborlaw.example
    >>> {{ 'https://www.HarborLaw.example/contact' | domain }}
    harborlaw.example
    """
    if not text.strip():
        return None
    rest = text.strip().lower().rpartition("://")[2]
    for mark in "/?#":
        rest = rest.partition(mark)[0]
    host = rest.rpartition("@")[2].partition(":")[0].removeprefix("www.").rstrip(".>")
    if EMAIL.fullmatch(f"x@{host}") is None:
        raise FilterError(
            f"{quoted(text)} is neither an e-mail address nor a web address.",
            code="not_an_address",
            hint="Correct the address at the source.",
        )
    return host
