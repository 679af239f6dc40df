"""``answer``: what the caller of the recipe's webhook is told while the line is still open."""

import re
from dataclasses import dataclass, field

from engine.recipe.step_base import BaseStep
from engine.recipe.texts import FieldSet, Text

#: Statuses that can be answered with; those below are no last word.
LOWEST_STATUS, HIGHEST_STATUS = 200, 599
#: The name of a header (RFC 9110, "token").
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
#: Headers about the line itself, or about more than this one answer: no recipe's business.
KEPT_HEADERS = frozenset(
    {
        "clear-site-data", "connection", "content-encoding", "content-length", "date",
        "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "server",
        "service-worker-allowed", "set-cookie", "set-cookie2", "strict-transport-security", "te",
        "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AnswerStep(BaseStep):
    """The caller gets its answer here; later steps go on afterwards.

    :param status: a template of the HTTP status; None: 200.
    :param body: everything below ``body``; a map or a list is sent as JSON, a text as it is.
    :param headers: templates by the headers' names.
    """

    status: Text | None = None
    body: FieldSet = field(default_factory=FieldSet)
    headers: FieldSet = field(default_factory=FieldSet)

    @property
    def templates(self) -> tuple[Text, ...]:
        status = () if self.status is None else (self.status,)
        return (*status, *self.body.texts, *self.headers.texts)
