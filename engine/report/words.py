"""A run in plain words: "209 matters became cases. 3 matters did not become cases."

Every sentence is made of the run's own nouns and counters, so that no page and no command has a
wording of its own.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType

from engine.local_time import local_now
from engine.nouns import Noun
from engine.redaction import redact
from engine.store.database import Store
from engine.store.ledger import OUTCOMES, UNTIL, Cause, Outcome
from engine.store.runs import Run, Status, list_runs

STATUS_WORDS: Mapping[Status, str] = MappingProxyType(
    {
        "queued": "Waiting to start",
        "running": "Running",
        "succeeded": "Done",
        "partial": "Needs attention",
        "failed": "Could not run",
        "held": "On hold",
        "cancelled": "Stopped",
    }
)

OUTCOME_WORDS: Mapping[Outcome, str] = MappingProxyType(
    {
        "created": "new in the target",
        "updated": "changed in the target",
        "unchanged": "nothing to send",
        "skipped": "left out by a rule",
        "rejected": "wrong, or refused by the target",
        "failed": "the other system failed; it can be tried again",
        "unsure": "sent, but no answer came",
        "waiting": "for an answer, or for its time to come",
    }
)

#: What ``collect`` makes of many records.
MESSAGE = Noun("message", "messages")

#: What is typed as the answer to a question that has no choices.
AN_ANSWER: Mapping[str, str] = MappingProxyType(
    {"text": "a text", "number": "a number such as 1250.50", "date": "a date such as 2026-01-31"}
)

#: How far back :func:`previous_run_at` looks for a run that read the source.
_RUNS_LOOKED_AT = 50


def headline(run: Run, *, since: datetime | None = None, now: datetime | None = None) -> str:
    """Say in one or two sentences what came of a run.

    :param since: when the run before this one started (:func:`previous_run_at`); used to say since
        when nothing changed.
    :param now: a time in the zone to speak in; default: the time here.
    """
    if run.status == "queued":
        return "Waiting to start."
    if run.status == "running":
        return f"Running: {run.source_noun.count(run.read)} read so far."
    if run.status in ("failed", "held") and run.message:
        return redact(run.message)
    said = [*_successes(run), *_problems(run), *_messages(run)]
    said = said or [_nothing_to_do(run, since, now)]
    if run.status == "cancelled":
        said.insert(0, f"Stopped after {run.source_noun.count(run.read)}.")
    return " ".join(said)


def sentences(run: Run, *, since: datetime | None = None, now: datetime | None = None) -> list[str]:
    """Return all there is to say about a run, the headline first; counters are not repeated."""
    said = [headline(run, since=since, now=now)]
    if run.status in ("failed", "held"):
        said += [*_successes(run), *_problems(run), *_messages(run)]
    if run.hint:
        said.append(redact(run.hint))
    skipped, unchanged = run.records.get("skipped", 0), run.records.get("unchanged", 0)
    if unchanged and (unchanged < run.read or run.messages):
        said.append(f"{run.source_noun.count(unchanged)} had not changed; nothing was sent.")
    if skipped and (skipped < run.read or run.messages):
        verb = "was" if skipped == 1 else "were"
        said.append(f"{run.source_noun.count(skipped)} {verb} left out by a rule.")
    if run.fixed:
        verb = "is" if run.fixed == 1 else "are"
        said.append(
            f"{run.source_noun.count(run.fixed)} that needed attention before {verb} fixed."
        )
    if run.request.retry is not None:
        count = _asked_for(run, len(run.request.retry))
        if run.origin == "answer":
            said.append(f"This run went on with {count} after an answer.")
        elif run.origin == "wait":
            said.append(f"This run went on with {count} after a wait.")
        else:
            said.append(f"This run tried {count} again.")
    elif run.request.limit is not None:
        said.append(f"It was asked to read at most {run.source_noun.count(run.request.limit)}.")
    return said


def balance(run: Run) -> str:
    """Return the ledger's sum: ``248 read = 200 created + 9 updated + …``.

    Messages that were made of many records stand beside these: ``50 read + 1 message = 51 created``.
    """
    parts = [f"{run.counts[name]:,} {name}" for name in OUTCOMES if run.counts.get(name)]
    total = " + ".join(parts) or "0"
    messages = sum(run.messages.values())
    read = f"{run.read:,} read" + (f" + {MESSAGE.count(messages)}" if messages else "")
    if run.balances:
        return f"{read} = {total}" if parts else "0 read"
    missing = run.read + messages - sum(run.counts.values())
    return f"{read}, but {total}: {missing:,} not accounted for"


def cause_sentence(run: Run, cause: Cause) -> str:
    """Say how many records have one thing in common: ``41 matters: j.doe@… is not a user yet.``"""
    noun = MESSAGE if cause.message else run.source_noun
    if cause.code == UNTIL and cause.reason.startswith("Waiting "):
        verb = "waits" if cause.count == 1 else "wait"
        return f"{noun.count(cause.count)} {verb} {cause.reason[len('Waiting ') :]}"
    reason = redact(cause.reason) or OUTCOME_WORDS[cause.outcome].capitalize() + "."
    return f"{noun.count(cause.count)}: {reason}"


def previous_run_at(store: Store, run: Run) -> datetime | None:
    """Return when the recipe's last run before ``run`` that read the source started."""
    for other in list_runs(store, recipe=run.recipe, before=run.id, limit=_RUNS_LOOKED_AT):
        if other.status in ("succeeded", "partial") and other.request.retry is None:
            return other.started_at
    return None


def moment(at: datetime, now: datetime | None = None) -> str:
    """Return a time as people say it: ``20:30 yesterday``, ``20:30 on Tuesday 3 November``.

    :param now: a time in the zone to speak in; default: the time here.
    """
    now = now or local_now()
    local = _in_zone(at, now.tzinfo)
    clock = f"{local:%H:%M}"
    days = (now.date() - local.date()).days
    if days == 0:
        return f"{clock} today"
    if days == 1:
        return f"{clock} yesterday"
    if days == -1:
        return f"{clock} tomorrow"
    year = "" if local.year == now.year else f" {local.year}"
    return f"{clock} on {local:%A} {local.day} {local:%B}{year}"


def took(seconds: float) -> str:
    """Return a duration as people say it: ``4 seconds``, ``2 minutes 5 seconds``."""
    if seconds < 1:
        return "less than a second"
    whole = timedelta(seconds=round(seconds))
    hours, rest = divmod(int(whole.total_seconds()), 3600)
    minutes, left = divmod(rest, 60)
    parts = [(hours, "hour"), (minutes, "minute"), (left, "second")]
    said = [f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number]
    return " ".join(said[:2])


# -- parts of sentences ----------------------------------------------------------------------------


def _successes(run: Run) -> list[str]:
    created, updated = run.records.get("created", 0), run.records.get("updated", 0)
    if created:
        return [_became(run, created + updated, done=True)]
    if updated:
        verb = "was" if updated == 1 else "were"
        return [f"{run.target_noun.count(updated)} {verb} updated."]
    return []


def _problems(run: Run) -> list[str]:
    said = []
    lost = run.records.get("rejected", 0) + run.records.get("failed", 0)
    if lost:
        said.append(_became(run, lost, done=False))
    unsure = run.records.get("unsure", 0)
    if unsure:
        verb = "was" if unsure == 1 else "were"
        said.append(
            f"{run.source_noun.count(unsure)} {verb} sent, but no answer came: "
            "please look whether the other system has them."
        )
    waiting = run.records.get("waiting", 0)
    if waiting:
        verb = "waits" if waiting == 1 else "wait"
        said.append(f"{run.source_noun.count(waiting)} {verb} for an answer or for a time to come.")
    return said


def _messages(run: Run) -> list[str]:
    """Say what became of messages, which are made of many records and were read nowhere."""
    said = []
    of = run.messages.get
    for number, many, one in (
        (of("created", 0) + of("updated", 0), "went out", "went out"),
        (of("rejected", 0) + of("failed", 0), "did not go out", "did not go out"),
        (of("skipped", 0), "were left out by a rule", "was left out by a rule"),
        (of("unsure", 0), "were sent, but no answer came", "was sent, but no answer came"),
        (
            of("waiting", 0),
            "wait for an answer or for a time to come",
            "waits for an answer or for a time to come",
        ),
    ):
        if number:
            said.append(f"{MESSAGE.count(number)} {one if number == 1 else many}.")
    return said


def _asked_for(run: Run, asked: int) -> str:
    """Count the records and messages that a run was asked to try again."""
    messages = min(max(asked - run.read, 0), sum(run.messages.values()))
    records = run.source_noun.count(asked - messages)
    if not messages:
        return records
    return (
        MESSAGE.count(messages) if asked == messages else f"{records} and {MESSAGE.count(messages)}"
    )


def _became(run: Run, number: int, *, done: bool) -> str:
    """Say that so many records became something, or did not."""
    source, target = run.source_noun, run.target_noun
    if source.many == target.many:  # "200 contacts became contacts" says nothing
        verb = "was" if number == 1 else "were"
        return f"{source.count(number)} {verb} {'passed on' if done else 'not passed on'}."
    result = f"{_article(target.one)} {target.one}" if number == 1 else target.many
    return f"{source.count(number)} {'became' if done else 'did not become'} {result}."


def _nothing_to_do(run: Run, since: datetime | None, now: datetime | None) -> str:
    if run.read == 0:
        if run.request.retry is not None or run.origin == "retry":
            return "There was nothing to try again."
        if since is not None:
            return f"Nothing changed since {moment(since, now)}."
        return f"There were no {run.source_noun.many} to read."
    if run.records.get("skipped", 0) == run.read:
        verb = "was" if run.read == 1 else "were"
        return f"All {run.source_noun.count(run.read)} {verb} left out by a rule."
    if run.records.get("unchanged", 0) == run.read:
        return f"{run.source_noun.count(run.read)} had not changed; nothing was sent."
    return "There was nothing to send."


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeio" else "a"


def _in_zone(at: datetime, zone: tzinfo | None) -> datetime:
    return at.astimezone(zone) if zone is not None else at
