"""What every answer of the practice server's API has in common: who may ask, how often, how."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Protocol

from werkzeug.wrappers import Request, Response

from plugins.salesforce.practice.access import Access
from plugins.salesforce.practice.answers import Refused, not_found
from plugins.salesforce.practice.limits import Limits

VERSION = re.compile(r"v([2-9]\d)\.0")


class Organization(Protocol):
    """What the server that is asked has."""

    access: Access
    limits: Limits


def signed_in(answer: Callable[..., Response]) -> Callable[..., Response]:
    """Let only requests with a session through, count them, and turn refusals into answers.

    The version in the path is checked and left out, unless the answer wants to know it.
    """

    @wraps(answer)
    def checked(self: Organization, request: Request, **parts: str) -> Response:
        try:
            self.access.check(request.headers.get("Authorization", ""))
            self.limits.count()
            version = parts.pop("version", "v67.0")
            if not VERSION.fullmatch(version):
                raise not_found()
            if "version" in answer.__annotations__:
                parts["version"] = version
            response = answer(self, request, **parts)
        except Refused as refused:
            response = refused.answer()
        response.headers["Sforce-Limit-Info"] = self.limits.header
        return response

    return checked
