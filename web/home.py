"""Home: what needs attention first, then what runs next, then what came over lately."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template
from flask_login import current_user

from engine.store import questions as store_questions
from engine.store.connections import list_connections
from engine.store.runs import list_runs
from web.cards import RecipeCard, recipe_cards
from web.connections import ConnectionCard, connection_cards
from web.drift import broken_by_changes
from web.pages import CauseBox, plural, run_line
from web.problems import open_cause_boxes
from web.site import site

bp = Blueprint("home", __name__)

#: Causes of one recipe; its own page has them all.
CAUSES_SHOWN = 5
#: Recipes that run next, and runs of lately; their own pages have them all.
LINES_SHOWN = 8


@dataclass(frozen=True)
class Group:
    """A recipe's records that need attention, by cause.

    :param more: how many further causes there are.
    """

    card: RecipeCard
    causes: list[CauseBox]
    more: int


@bp.get("/")
def show() -> str:
    cards = recipe_cards(site())
    connections = list_connections(site().store)
    lately = list_runs(site().store, limit=LINES_SHOWN)
    groups = [_group(card) for card in cards if card.open]
    broken = [card for card in cards if card.broken and (card.enabled or card.last)]
    troubled = connection_cards(site(), [item for item in connections if item.problem])
    stopped = [
        card
        for card in cards
        if card.last and (card.paused or card.last.status in ("failed", "held"))
        if card.paused or not _is_told(card.last.sentence, card.name, troubled)
    ]
    changed = broken_by_changes()
    things = len(groups) + len(broken) + len(stopped) + len(troubled) + len(changed)
    return render_template(
        "home/show.html",
        cards=cards,
        groups=groups,
        broken=broken,
        stopped=stopped,
        troubled=troubled,
        changed=changed,
        headline=_headline(things),
        calm=things == 0,
        tasks=store_questions.waiting_for(site().store, current_user.email, kind="task"),
        coming=sorted(
            [card for card in cards if card.enabled or card.active or card.waiting], key=_soonest
        ),
        lately=[run_line(run) for run in lately],
        shown=LINES_SHOWN,
        fresh=not lately,
        connected=bool(connections),
        folder=site().library.folder,
    )


def _soonest(card: RecipeCard) -> tuple[bool, bool, float]:
    """Order recipes by when they run: now, at a time, or when something happens."""
    at = datetime.fromisoformat(card.next.iso).timestamp() if card.next else 0.0
    return not card.active, not card.next, at


def _is_told(why: str, recipe: str, troubled: list[ConnectionCard]) -> bool:
    """Whether a connection's card says already why a recipe's run failed."""
    return any(
        card.problem.startswith(why) and recipe in [name for name, _ in card.used_by]
        for card in troubled
    )


def _group(card: RecipeCard) -> Group:
    causes = open_cause_boxes(site(), card.name)
    return Group(card, causes[:CAUSES_SHOWN], max(0, len(causes) - CAUSES_SHOWN))


def _headline(things: int) -> str:
    if not things:
        return "Nothing needs your attention."
    return f"{plural(things, 'thing needs', 'things need')} your attention."
