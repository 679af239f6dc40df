"""A person who does a step by hand, in the place of its app: ``connection: person``."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from engine.recipe.texts import Text

#: What becomes of a record when nobody did its task in time.
UndoneInTime = Literal["reject", "skip"]


@dataclass(frozen=True, kw_only=True)
class ByPerson:
    """What a recipe says to the person who does a step; it counts for nothing once an app does it.

    :param note: how it is done, a template; None: what the operation's help says.
    :param people: templates of the e-mail addresses of those whose task it is; empty: anyone who
        logs in.
    :param within: how long it may take; None: for ever.
    :param otherwise: what happens when nobody did it in time.
    """

    note: Text | None = None
    people: tuple[Text, ...] = ()
    within: timedelta | None = None
    otherwise: UndoneInTime = "reject"

    @property
    def templates(self) -> tuple[Text, ...]:
        return (*([] if self.note is None else [self.note]), *self.people)
