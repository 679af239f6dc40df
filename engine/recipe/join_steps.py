"""``join``: two lists put together by a field that both have."""

from dataclasses import dataclass
from typing import Literal

from engine.recipe.step_base import BaseStep
from engine.recipe.texts import Text

#: Which entries the result has: those with a partner, all of the left list, or all of both.
Keep = Literal["both", "left", "all"]


@dataclass(frozen=True, kw_only=True)
class JoinStep(BaseStep):
    """A list of the left entries, each with what belongs to it in the right list.

    :param left: bare expression of a list of records; so is ``right``.
    :param left_on: the field that tells which belong together, dotted where it is deeper.
    :param right_on: that of the right list.
    :param partner: what the right entry is called in the result.
    """

    left: Text
    right: Text
    left_on: Text
    right_on: Text
    keep: Keep = "both"
    partner: Text

    @property
    def expressions(self) -> tuple[Text, ...]:
        return (*super().expressions, self.left, self.right)
