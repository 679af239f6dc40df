"""The demo's story: connect, import, change three matters, import again, then a file of contacts.

What it claims is measured: on the ledger, and on the requests that the practice servers got.
"""

import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.connecting import connect
from engine.cli.demo_files import CONTACTS_RECIPE, CONTACTS_ROWS, MATTERS_RECIPE
from engine.cli.output import console, plain, print_folded
from engine.cli.practice_process import PracticeProcess
from engine.cli.report_text import print_records, print_summary
from engine.cli.run import shown_progress
from engine.connector import Connector
from engine.host import Host
from engine.practice.server import PracticeServer
from engine.recipe.library import Library
from engine.run.runner import execute
from engine.run.start import request_run
from engine.store.database import Store
from engine.store.ledger import entries
from engine.store.runs import Run, RunRequest

if TYPE_CHECKING:
    from rich.console import Console

#: Records listed under a report; the rest is one command away.
LISTED = 12

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Served:
    """A practice server that is up, within this process."""

    connector: Connector
    server: PracticeServer
    url: str


@dataclass(frozen=True, kw_only=True)
class Demo:
    """What the story is played on.

    :param recipe_file: the recipe of the main job, where it stays.
    :param kept_in: where the home stays afterwards, as the user wrote it; None: it is thrown away.
    :param served: the practice servers and the web pages stay up afterwards.
    """

    store: Store
    host: Host
    recipes: Library
    recipe_file: Path
    servers: Mapping[str, Served]
    kept_in: Path | None
    served: bool


def tell(demo: Demo) -> bool:
    """Play the story and print it; return whether all came out as it should."""
    target = console()
    target.print("Bridgework: Clio matters become Case Status cases", style="bold")
    target.print("On practice servers on this computer; nothing leaves it.", style="dim")
    _connect(demo, target)
    first, renewed_once = _first_import(demo, target)
    second, only_changes = _second_import(demo, target)
    third = _contacts(demo, target)
    _where_next(demo, target, [first, second, third])
    runs = (first, second, third)
    return (
        renewed_once
        and only_changes
        and all(run.status in ("succeeded", "partial") and run.balances for run in runs)
    )


# -- chapters --------------------------------------------------------------------------------------


def _connect(demo: Demo, target: "Console") -> None:
    _chapter(target, "1. Connecting the accounts")
    for name, served in demo.servers.items():
        practice = PracticeProcess(name, served.url, 0, served.server.credentials())
        connection = connect(demo.store, served.connector, name, {}, practice=practice)
        target.print(f"  {served.connector.title}: {plain(connection.label)}", soft_wrap=True)
    asked = _count(demo, "clio", "POST", "/oauth/authorize")
    target.print(f"  Access to Clio was allowed on its consent page, {_times(asked)}.")


def _first_import(demo: Demo, target: "Console") -> tuple[Run, bool]:
    _chapter(target, "2. The first import: every matter of the last two years")
    run = _run(demo, MATTERS_RECIPE)
    print_summary(target, demo.store, run)
    print_records(target, demo.store, run, limit=LISTED, option=_option(demo))
    renewed = _count(demo, "clio", "POST", "/oauth/token", grant_type="refresh_token")
    asked = _count(demo, "clio", "POST", "/oauth/authorize")
    target.print()
    print_folded(
        target,
        f"Clio's access token ran out in the middle of it and was renewed {_times(renewed)}. "
        f"The consent page was answered {_times(asked)} in all"
        + (": no one was asked again." if asked == 1 else "."),
        indent=0,
    )
    return run, (renewed, asked) == (1, 1)


def _second_import(demo: Demo, target: "Console") -> tuple[Run, bool]:
    _chapter(target, "3. Three matters change in Clio, and everything is read again")
    for line in _change_three_matters(demo):
        target.print(f"  {plain(line)}", soft_wrap=True)
    target.print()
    before = len(demo.servers["casestatus"].server.requests)
    run = _run(demo, MATTERS_RECIPE, full=True)
    print_summary(target, demo.store, run, why=False)
    requests = demo.servers["casestatus"].server.requests[before:]
    sent = [_integration_id(request) for request in requests if request["method"] in WRITES]
    became = {entry.key: entry.outcome for entry in entries(demo.store, run.id)}
    of = Counter(became.get(key, "") for key in sent)
    target.print()
    print_folded(
        target,
        f"Case Status got {len(sent)} requests that write: {of['updated']} for the matters that "
        f"changed, {of['rejected'] or 'none'} for what it refused before, "
        f"{of['unchanged'] or 'none'} for the {run.counts.get('unchanged', 0)} that had not changed.",
        indent=0,
    )
    return run, of["unchanged"] == 0 and run.counts.get("updated") == 3


def _contacts(demo: Demo, target: "Console") -> Run:
    _chapter(target, f"4. A file of {CONTACTS_ROWS:,} contacts goes to Mailchimp")
    run = _run(demo, CONTACTS_RECIPE)
    print_summary(target, demo.store, run)
    print_records(target, demo.store, run, limit=LISTED, option=_option(demo))
    return run


def _where_next(demo: Demo, target: "Console", runs: list[Run]) -> None:
    _chapter(target, "Where to look next")
    if demo.served:
        target.print("  The web pages come up now; the practice servers stay up with them:")
        for served in demo.servers.values():
            target.print(f"    {served.connector.title}: {served.url}", soft_wrap=True)
    program = _program()
    if demo.kept_in is not None:
        option = _option(demo)
        target.print("  This demo's home is kept; its reports stay readable:", soft_wrap=True)
        target.print(f"    {program} report {runs[0].id} --all{option}", soft_wrap=True)
        target.print(f"    {program} report {runs[2].id} --format csv{option}", soft_wrap=True)
    elif not demo.served:
        target.print(f"  Click around in it:   {program} demo --serve")
        target.print(f"  Keep its reports:     {program} demo --home my-demo")
    target.print(f"  Your own accounts:    {program} connections add clio --connector clio")
    target.print("  Without an account:   add --practice to that command")
    target.print(f"  The recipe you saw:   {demo.recipe_file}", soft_wrap=True)


# -- parts -----------------------------------------------------------------------------------------


def _run(demo: Demo, recipe: str, *, full: bool = False) -> Run:
    run_id = request_run(
        demo.store, demo.host, demo.recipes.load(recipe), request=RunRequest(full=full)
    )
    with shown_progress() as progress:
        return execute(demo.store, demo.host, run_id, on_progress=progress)


def _option(demo: Demo) -> str | None:
    """Return what a command needs to find the demo's home; None where it is thrown away."""
    return f" --home {shlex.quote(str(demo.kept_in))}" if demo.kept_in else None


def _program() -> str:
    """Return what to type for `bridgework`: in an environment that isn't active, with its path."""
    typed = Path(sys.argv[0])
    if typed.name != "bridgework" or shutil.which("bridgework"):
        return "bridgework"
    return shlex.quote(str(typed))


def _change_three_matters(demo: Demo) -> list[str]:
    """Change matters that have become cases, as a person in Clio would; say what was changed."""
    clio = demo.servers["clio"].server
    matters = {str(matter["id"]): matter for matter in clio.records()["matters"]}
    became = entries(demo.store, 1, outcomes=["created"])
    said = []
    for entry in [became[0], became[len(became) // 2], became[-1]]:
        matter = matters[entry.key]
        stage = "Settlement" if matter["matter_stage"]["name"] != "Settlement" else "Litigation"
        said.append(f"{entry.title}: stage {matter['matter_stage']['name']} → {stage}")
        clio.edit("matters", entry.key, {"matter_stage": {"name": stage}})
    return said


def _count(demo: Demo, name: str, method: str, path: str, **body: str) -> int:
    """Count the requests that a practice server got and answered well."""
    return sum(
        request["method"] == method
        and request["path"] == path
        and request["status"] < 400
        and body.items() <= (request["body"] or {}).items()
        for request in demo.servers[name].server.requests
    )


def _integration_id(request: Mapping[str, Any]) -> str:
    return str((request["body"] or {}).get("integration_id", ""))


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _chapter(target: "Console", title: str) -> None:
    target.print()
    target.print(plain(title), style="bold")
    target.print("─" * len(title), style="dim")
    target.print()
