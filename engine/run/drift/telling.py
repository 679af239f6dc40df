"""Who hears of fields that are gone: the run's report, and people, by one notice a source."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from engine.drift.looking import plain
from engine.drift.readings import Field, broken_by, readings
from engine.errors import BridgeworkError
from engine.nouns import listed
from engine.recipe.library import Library
from engine.run.drift.gone import Gone
from engine.store import runs
from engine.store.database import Store
from engine.store.shapes import Source

#: Fields that one notice names.
NAMED = 5
#: Sentences of a run's report on them.
TOLD = 5


class Telling:
    """What a run tells of fields that are gone; it is said once what is back was looked for.

    :param run_id: in whose report; None: nothing is stored.
    :ivar told: all sentences so far.
    """

    def __init__(self, store: Store, run_id: int | None) -> None:
        self.store, self.run_id = store, run_id
        self.told: list[str] = []
        self._unsaid: list[str] = []

    def add(self, sentences: Sequence[str]) -> None:
        new = [sentence for sentence in sentences if sentence not in self.told]
        self.told += new
        self._unsaid += new

    def take_back(self, back: Gone) -> None:
        """Leave out that a field is gone: it is not."""
        self.told = [said for said in self.told if not back.is_told_by(said)]
        self._unsaid = [said for said in self._unsaid if not back.is_told_by(said)]

    def say(self) -> None:
        """Write what is new to the run's report and log."""
        if self._unsaid and self.run_id is not None:
            more = len(self.told) - TOLD
            rest = [f"… and {more} more: `bridgework drift`."] if more > 0 else []
            with self.store.writing() as connection:
                hint = " ".join([*self.told[:TOLD], *rest])
                runs.change_run(connection, self.run_id, hint=hint)
            for sentence in self._unsaid:
                runs.log(self.store, self.run_id, sentence, "warning")
        self._unsaid = []


def notices_of(gone: Mapping[Field, Gone], library: Library) -> Iterator[tuple[Source, str, str]]:
    """Yield what people hear of fields that are gone: whose, the subject, and what it holds up."""
    for source in dict.fromkeys(source for source, _ in gone):
        mine = {path: one for (of, path), one in gone.items() if of == source}
        app = next(iter(mine.values())).app
        names = listed([f"'{one.path}'" for one in mine.values()], NAMED)
        said = f"{names} {'no longer comes' if len(mine) == 1 else 'no longer come'}"
        body = [f"{said} from {app} (connection “{source.connection}”)."]
        body += [one.reason for one in mine.values() if one.reason]
        body += [
            f"Instead of '{one.path}' there is '{one.instead}'."
            for one in mine.values()
            if one.instead
        ]
        body += _held_up(library, [(plain(source), path) for path in mine])
        yield source, f"{app}: {said}", "\n".join(body)


def _held_up(library: Library, gone: Sequence[Field]) -> Iterator[str]:
    hit = []
    for name in library.names():
        with suppress(BridgeworkError):  # what is wrong with a recipe is on its page
            recipe = library.load(name)
            if any(True for _ in broken_by(readings(recipe), gone)):
                hit.append(recipe.title)
    if not hit:
        yield "No recipe reads it."
        return
    yield f"Recipes that read it: {'; '.join(hit)}."
    yield "Nothing is blanked: what reads it is paused or held. `bridgework drift` says where."
