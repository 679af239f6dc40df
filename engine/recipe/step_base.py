"""What all kinds of steps have."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.recipe.texts import Position, Text

if TYPE_CHECKING:
    from engine.recipe.steps import Steps


@dataclass(frozen=True, kw_only=True)
class BaseStep:
    """What all kinds of steps have.

    :param id: later steps read its result by this name; one with a space in it can't be read.
    :param condition: bare expression; the step is left out for records it doesn't hold for.
    """

    id: Text
    condition: Text | None = None
    position: Position

    @property
    def blocks(self) -> tuple["Steps", ...]:
        """The lists of steps within it."""
        return ()

    @property
    def templates(self) -> tuple[Text, ...]:
        """Its own texts that may hold ``{{ }}``, those of steps within it aside."""
        return ()

    @property
    def expressions(self) -> tuple[Text, ...]:
        """Its own bare expressions, those of steps within it aside."""
        return () if self.condition is None else (self.condition,)
