"""What people should hear of after a run: it failed, it works again, much was rejected, it was quiet.

All of it is noted in the transaction that ends the run, and sent later; see engine.store.notices.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from engine.errors import BridgeworkError
from engine.public_address import report_path
from engine.recipe.load import parse_recipe
from engine.recipe.model import Recipe, ReportRule
from engine.report import cause_sentence, causes_of, sentences
from engine.run.telling.losses import LOST, newly_lost, tried, tried_again
from engine.run.telling.quiet import look_for_quiet
from engine.store import runs
from engine.store.database import Store
from engine.store.ledger import Cause
from engine.store.notices import REMIND_AFTER, add_notice, close_notice, find_standing, remind
from engine.store.runs import Run
from engine.store.tables import notices
from engine.store.versions import get_version

#: The share of new records that may be rejected before it is worth a notice.
REJECTED_OVER = 0.2
#: Fewer rejected records are no news of their own, unless the recipe asks for it.
REJECTED_LEAST = 5

CAUSES_TOLD = 5


def recipe_of(store: Store, run: Run, *, failed: bool) -> Recipe | None:
    """Return the run's recipe as it was when the run was asked for, where it says anything to us.

    Most recipes don't, and reading one takes longer than all else at a run's end.
    """
    version = get_version(store, run.version_id)
    if not failed and "report" not in version.text:
        return None
    try:
        return parse_recipe(version.text, version.path, version.beside)
    except BridgeworkError:  # the run itself failed of it
        return None


def note_run(
    store: Store, connection: Connection, run: Run, recipe: Recipe | None, now: datetime
) -> None:
    """Note what is worth telling of a run that ends now, in its last transaction.

    A retry is done by a person who looks at it: nobody is told of it. Who answers a question does
    not wait for what comes of it, and hears when the run could not go on.

    :param recipe: see :func:`recipe_of`.
    """
    rule = recipe.report if recipe else ReportRule()
    # That its connection broke was told, with the recipes it holds up: one cause, one notice.
    held_up = recipe is not None and _held_up(connection, recipe)
    again = tried_again(connection, run)
    runs.change_run(connection, run.id, tried_again=again)
    if run.request.retry is not None:
        if run.origin in ("answer", "wait") and run.status == "failed" and not held_up:
            _failed(connection, run, now)
        return
    fresh = newly_lost(connection, run)
    news = fresh > 0
    if run.status in ("failed", "held"):
        news = not held_up and _failed(connection, run, now)
    elif run.status in ("succeeded", "partial"):
        _well(connection, run, now)
        _rejected_share(store, connection, run, rule, (fresh, again), now)
        if run.origin == "schedule" and run.request.limit is None:
            look_for_quiet(connection, run, again, now)
    _report(connection, run, rule, news, now)


def _held_up(connection: Connection, recipe: Recipe) -> bool:
    return any(
        find_standing(connection, kind="connection_broke", about=f"connection:{name}")
        for name in recipe.connections
    )


def note_not_started(store: Store, recipe: str, title: str, why: str, now: datetime) -> None:
    """Note that a recipe's time came and it could not even be started.

    :param why: whole sentences.
    """
    with store.writing() as connection:
        _tell_failure(
            connection,
            recipe,
            subject=f"{title} could not be started",
            still=f"{title} still can't be started",
            body=why,
            link=f"/recipes/{recipe}",
            now=now,
        )


def _failed(connection: Connection, run: Run, now: datetime) -> bool:
    """Note that a run failed; return whether that is new."""
    words = "is on hold" if run.status == "held" else "could not run"
    return _tell_failure(
        connection,
        run.recipe,
        subject=f"{run.title} {words}",
        still=f"{run.title} still can't run",
        body="\n".join(sentences(run)),
        link=report_path(run.id),
        now=now,
    )


def _tell_failure(
    connection: Connection,
    recipe: str,
    *,
    subject: str,
    still: str,
    body: str,
    link: str,
    now: datetime,
) -> bool:
    """Note the first failure in a row, and once a day that it goes on; return whether it is new."""
    about = f"recipe:{recipe}"
    if add_notice(
        connection, kind="run_failed", about=about, subject=subject, body=body, link=link, at=now
    ):
        return True
    standing = find_standing(connection, kind="run_failed", about=about)
    if standing is not None:
        days = round((now - standing.at) / timedelta(days=1)) + 1
        remind(
            connection,
            standing,
            subject=f"{still}: {days} days now",
            body=f"{body}\nIt failed {standing.repeats + 1} times in a row.",
            link=link,
            at=now,
        )
    return False


def _well(connection: Connection, run: Run, now: datetime) -> None:
    add_notice(
        connection,
        kind="run_well",
        about=f"recipe:{run.recipe}",
        subject=f"{run.title} works again",
        body="\n".join(sentences(run)),
        link=report_path(run.id),
        at=now,
    )


def _rejected_share(
    store: Store,
    connection: Connection,
    run: Run,
    rule: ReportRule,
    numbers: tuple[int, int],
    now: datetime,
) -> None:
    """Note that much of what was new did not come over.

    :param numbers: records newly lost, and records tried again.
    """
    fresh, again = numbers
    all_tried = tried(run, again)
    if all_tried <= 0:
        return
    over, least = REJECTED_OVER, REJECTED_LEAST
    if rule.tell_if_rejected_over is not None:
        over, least = rule.tell_if_rejected_over, 1
    about = f"recipe:{run.recipe}"
    if fresh < least or fresh <= over * all_tried:
        close_notice(connection, kind="rejected_share", about=about, at=now)
        return
    add_notice(
        connection,
        kind="rejected_share",
        about=about,
        subject=f"{run.title}: {fresh:,} of {run.source_noun.count(all_tried)} did not come over",
        body="\n".join(
            [
                f"{fresh:,} of {all_tried:,} new or changed {run.source_noun.many} did not come over "
                f"({fresh / all_tried:.0%}).",
                *_told(run, causes_of(store, run, LOST)),
            ]
        ),
        link=report_path(run.id),
        at=now,
    )


def _told(run: Run, causes: Sequence[Cause]) -> list[str]:
    said = [f"{cause_sentence(run, cause)} {cause.how_to_fix}".strip() for cause in causes]
    if len(said) > CAUSES_TOLD:
        said[CAUSES_TOLD:] = [f"The report has {len(said) - CAUSES_TOLD} further causes."]
    return said


def _report(connection: Connection, run: Run, rule: ReportRule, news: bool, now: datetime) -> None:
    """Note the report that the recipe wants sent; its text is made when it is handed out.

    :param news: something is wrong that wasn't before.
    """
    if not rule.send_to:
        return
    failed = run.status in ("failed", "held")
    if rule.when == "failure" and not failed:
        return
    if rule.when == "anything needs attention" and not (failed or run.status == "partial"):
        return
    reports = f"recipe:{run.recipe}/run:"
    # After each webhook would be too often, even for those who always want one.
    always = rule.when == "always" and run.origin != "webhook"
    if not always and not news and _told_today(connection, reports, now):
        return
    add_notice(
        connection,
        kind="report",
        about=f"{reports}{run.id}",
        subject=f"{run.title}: {sentences(run)[0]}",
        body="\n".join(sentences(run)),
        link=report_path(run.id),
        send_to=rule.send_to,
        at=now,
    )


def _told_today(connection: Connection, reports: str, now: datetime) -> bool:
    last = connection.execute(
        select(func.max(notices.c.at)).where(
            notices.c.kind == "report", notices.c.about.startswith(reports, autoescape=True)
        )
    ).scalar()
    return last is not None and last > now - REMIND_AFTER
