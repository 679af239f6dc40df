"""What the steps have in common that guide a record's way and use no connector themselves."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import TemplateError
from engine.recipe.templates.template import Expression
from engine.run.traveller import Traveller

if TYPE_CHECKING:
    from engine.run.plan_steps import Planned
    from engine.run.walk import Walker


@dataclass(frozen=True, kw_only=True)
class Flow(ABC):
    """A step that guides records: compiled, and walked through with a whole chunk of them.

    :param condition: it is left out for records this doesn't hold for.
    """

    id: str
    condition: Expression | None

    @property
    def name(self) -> str:
        """What templates read its result by; its id says besides which call it belongs to."""
        return self.id.rpartition(".")[2]

    @property
    def blocks(self) -> tuple[tuple["Planned", ...], ...]:
        """The lists of steps within it."""
        return ()

    def go(self, walker: "Walker", travellers: Sequence[Traveller]) -> list[Traveller]:
        """Take travellers through the step; return those that go on.

        :raises Halt: the run must stop.
        """
        going = []
        for traveller in travellers:
            self.pass_by(traveller.scope)
            try:
                if self.condition is None or self.condition.holds(traveller.scope):
                    going.append(traveller)
            except TemplateError as error:
                traveller.refuse(self.id, error)
        self.guide(walker, going)
        return [t for t in travellers if t.outcome is None and not t.stranded]

    def pass_by(self, scope: dict[str, Any]) -> None:
        """Let later steps read that nothing was done here, until something is."""
        scope[self.name] = None

    @abstractmethod
    def guide(self, walker: "Walker", travellers: list[Traveller]) -> None:
        """Take the travellers along that the step is for: each goes on, or is settled."""
