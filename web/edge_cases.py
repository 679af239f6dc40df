"""What a recipe makes of awkward records: problems in sentences first, then the grid; nothing is sent."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, request

from engine.errors import BridgeworkError
from engine.recipe.load import parse_recipe
from engine.recipe.model import Recipe
from engine.run.whatif.judge import Mark
from engine.run.whatif.model import LEVELS, Case, Level, Line, Problem, WhatIf
from engine.run.whatif.variant import COLUMNS
from engine.run.whatif.versions import Change, whatif_since
from engine.run.whatif.whatif import whatif
from engine.store.versions import Version, list_versions
from web.cards import name_or_404, recipe_card
from web.pages import plural
from web.site import site

bp = Blueprint("edge_cases", __name__, url_prefix="/recipes")

#: The tone of each mark: that of the outcome it is most like.
TONES: Mapping[Mark, str] = {
    "crash": "failed",
    "stops": "failed",
    "lost": "failed",
    "dropped": "failed",
    "merged": "failed",
    "altered": "failed",
    "part": "rejected",
    "rejected": "rejected",
    "other-way": "waiting",
    "cut": "waiting",
    "stand-in": "waiting",
    "chosen": "waiting",
    "without": "waiting",
    "gap": "waiting",
    "skipped": "skipped",
    "carried": "created",
    "same": "unchanged",
}
LEVEL_TONES: Mapping[Level, str] = {
    "lost": "failed",
    "rejected": "rejected",
    "noted": "waiting",
    "handled": "skipped",
}
#: Versions looked through for one whose text was another.
LOOKED_THROUGH = 10


@dataclass(frozen=True)
class Cell:
    """One cell of the grid: the worst of its cases, and how many there are."""

    case: Case
    count: int

    @property
    def tone(self) -> str:
        return TONES[self.case.mark]


@dataclass(frozen=True)
class Row:
    """One line of the grid."""

    line: Line
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Group:
    """The problems of one level."""

    level: Level
    heading: str
    tone: str
    problems: tuple[Problem, ...]


@bp.get("/<name>/whatif")
def show(name: str) -> str:
    """Try the recipe as it is now, and show what ends otherwise than in the version before."""
    card = recipe_card(site(), name_or_404(site(), name))
    try:
        recipe = site().library.load(name)
        earlier, version = _earlier(recipe)
        changes: tuple[Change, ...] | None = None
        if earlier is None:
            found = whatif(recipe, site().host)
        else:
            found, changes = whatif_since(recipe, earlier, site().host)
    except BridgeworkError:  # the card says what is wrong with it
        return render_template("recipes/whatif.html", card=card, found=None)
    level = request.args.get("level", "")
    field = request.args.get("field", "")
    chosen = next((line for line in found.lines if line.field == field), None)
    columns = {id: words for id, words in COLUMNS.items() if _has(found, id)}
    return render_template(
        "recipes/whatif.html",
        card=card,
        found=found,
        groups=_groups(found),
        level=level if level in LEVELS else "",
        columns=columns,
        rows=[_row(line, columns) for line in _lines(found, level)],
        chosen=chosen,
        changes=changes,
        version=version,
        tones=TONES,
        number=sum(len(line.cases) for line in found.lines),
    )


def ends_worse(name: str) -> str:
    """Say what ends worse in a recipe than in the version before; empty where nothing does."""
    try:
        recipe = site().library.load(name)
        earlier, _ = _earlier(recipe)
        changes = whatif_since(recipe, earlier, site().host)[1] if earlier is not None else None
    except BridgeworkError:  # it has mistakes, which are told anyway
        return ""
    worse = [change for change in changes or () if change.worse]
    if not worse:
        return ""
    others = plural(len(worse) - 1, "other case ends", "other cases end")
    more = f" {others} worse, too: see “What if …”." if len(worse) > 1 else ""
    return f"Since this edit: {worse[0].sentence}{more}"


def _earlier(recipe: Recipe) -> tuple[Recipe | None, Version | None]:
    """Return the version before the text that the recipe has now; None where there is none."""
    for version in list_versions(site().store, recipe.name, limit=LOOKED_THROUGH):
        if (version.text, dict(version.beside)) != (recipe.text, dict(recipe.beside)):
            try:
                return parse_recipe(version.text, version.path, version.beside), version
            except BridgeworkError:
                return None, version
    return None, None


def _groups(found: WhatIf) -> list[Group]:
    return [
        Group(level, heading, LEVEL_TONES[level], tuple(problems))
        for level, heading in LEVELS.items()
        if (problems := found.at(level))
    ]


def _has(found: WhatIf, column: str) -> bool:
    return any(case.column == column for line in found.lines for case in line.cases)


def _lines(found: WhatIf, level: str) -> list[Line]:
    """Return the lines of the grid; with a level only those it speaks of."""
    if level not in LEVELS:
        return list(found.lines)
    fields = {problem.field for problem in found.problems if problem.level == level}
    return [line for line in found.lines if line.field in fields]


def _row(line: Line, columns: Mapping[str, str]) -> Row:
    cells = line.cells()
    return Row(
        line,
        tuple(
            Cell(cells[column][0], len(cells[column])) if column in cells else None
            for column in columns
        ),
    )
