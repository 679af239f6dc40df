"""``recipes`` lists the recipes of a folder and switches them on and off."""

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from engine.cli import recipe_versions
from engine.cli.blueprints import new
from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.recipe.model import Recipe
    from engine.store.runs import Run
    from engine.store.schedules import Planned


@click.group(
    invoke_without_command=True,
    short_help="List the recipes, begin new ones, switch them on and off.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
@click.pass_context
def recipes(context: click.Context, workspace: Workspace, as_json: bool) -> None:
    """List the recipes: what they do, whether they are on, when they run."""
    if context.invoked_subcommand is not None:
        return
    from engine.cli.output import console, print_json, print_table, say

    rows = _described(workspace)
    if as_json:
        print_json(rows, indent=2)
        return
    called = workspace.library.called()
    if not rows and not called:
        say(
            f"There is no recipe in '{workspace.recipes}'. Make one with `bridgework new recipe`, "
            "begin with an example (`bridgework recipes new` lists them), "
            "or choose a folder with `--recipes`."
        )
        return
    print_table(
        console(),
        ("Recipe", "On", "Runs", "Next run", "Last run", "Title"),
        (
            (
                row["name"],
                _state(row),
                row["schedule"] or "",
                row["next_runs"][0]["words"] if row["enabled"] and row["next_runs"] else "",
                row["last_run"]["headline"] if row["last_run"] else "",
                row["title"] if row["usable"] else "can't be used: `bridgework check` says why",
            )
            for row in rows
        ),
    )
    if called:
        say(f"Called by other recipes, can't run by themselves: {', '.join(called)}.")


for _command in (new, recipe_versions.versions, recipe_versions.diff, recipe_versions.restore):
    recipes.add_command(_command)


@recipes.command(short_help="Show one recipe and when it runs next.")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@with_workspace
def show(workspace: Workspace, name: str, as_json: bool) -> None:
    """Show one recipe: when it runs next, and what is to be said of its schedule."""
    from engine.cli.output import console, plain, print_json

    recipe = workspace.library.load(name)
    [row] = _described(workspace, [recipe.name], path=name)
    if as_json:
        print_json(row, indent=2)
        return
    out = console()
    for line in _lines(row):
        out.print(plain(line), soft_wrap=True)


@recipes.command()
@click.argument("name")
@with_workspace
def enable(workspace: Workspace, name: str) -> None:
    """Switch a recipe on: `bridgework serve` runs it when it is due."""
    _switch(workspace, name, on=True)


@recipes.command()
@click.argument("name")
@with_workspace
def disable(workspace: Workspace, name: str) -> None:
    """Switch a recipe off; it can still be run by hand."""
    _switch(workspace, name, on=False)


def _switch(workspace: Workspace, name: str, *, on: bool) -> None:
    from engine.cli.output import say
    from engine.run.recipes.switching import switch_off, switch_on

    if on:
        recipe = workspace.library.load(name)  # a broken one would only fail at night
        promise = _promise(recipe)
        problem = switch_on(workspace.store, workspace.host, recipe)
        say(f"{recipe.name!r} is on. {promise}")
    else:
        stem = workspace.library.path(name).stem
        problem = switch_off(workspace.store, workspace.host, stem)
        say(f"{stem!r} is off.")
    if problem:
        say(f"Its webhook isn't {'ready' if on else 'ended'} yet: {problem}")


def _promise(recipe: "Recipe") -> str:
    """Say what switching a recipe on brings about."""
    from engine.errors import SetupError
    from engine.report.coming import coming

    try:
        runs = coming(recipe, None, datetime.now(UTC), count=1)
    except ValueError as error:
        raise SetupError(
            f"{recipe.name!r} can't be switched on. {error}",
            hint=f"See its mistakes with `bridgework check {recipe.path}`.",
        ) from None
    if not runs.timed:
        return f"It runs {runs.schedule}."
    following = f", next {runs.words[0]}" if runs.words else ""
    return f"`bridgework serve` runs it {runs.schedule}{following}."


def _state(row: dict[str, Any]) -> str:
    if row["paused_because"]:
        return "paused"
    return "on" if row["enabled"] else "off"


def _lines(row: dict[str, Any]) -> list[str]:
    """Return what there is to say about one recipe."""
    lines = [row["title"]]
    if row["description"]:
        lines.append(row["description"])
    if len(row["triggers"]) > 1:
        lines.append("Takes:")
        lines += [
            f"  {trigger['words']} ({trigger['id']}), {trigger['schedule']}"
            for trigger in row["triggers"]
        ]
    lines.append(f"Runs {row['runs']}. It is switched {'on' if row['enabled'] else 'off'}.")
    if row["paused_because"]:
        lines.append(f"Bridgework switched it off. {row['paused_because']}")
        lines.append(f"Mend the cause, then: bridgework recipes enable {row['name']}")
    if row["note"]:
        lines.append(row["note"])
    if row["webhook"]:
        lines.append(f"Webhook: {row['webhook']['words']} {row['webhook']['problem']}".strip())
    if row["last_run"]:
        lines.append(f"Last run ({row['last_run']['run']}): {row['last_run']['headline']}")
    if row["next_runs"]:
        lines.append("Next runs:" if row["enabled"] else "Switched on, it would run:")
        lines += [f"  {run['words']}" for run in row["next_runs"]]
    return lines


def _described(
    workspace: Workspace, names: list[str] | None = None, path: str = ""
) -> list[dict[str, Any]]:
    """Return what there is to say about each recipe; a home that isn't there yet stays so.

    :param names: only these; default: all of the folder.
    :param path: where the one recipe is, when it isn't in the folder.
    """
    from engine.store.runs import latest_runs
    from engine.store.schedules import planned
    from engine.store.switches import paused_recipes, switches

    known = not workspace.is_new
    on = switches(workspace.store) if known else {}
    paused = paused_recipes(workspace.store) if known else {}
    plans = planned(workspace.store) if known else {}
    last = latest_runs(workspace.store) if known else {}
    hooks = _webhooks(workspace) if known else {}
    rows = []
    for name in workspace.library.names() if names is None else names:
        row = _row(workspace, name, path or name, plans.get(name), last.get(name))
        row["enabled"] = on.get(name, False)
        row["paused_because"] = paused.get(name, "")
        row["webhook"] = hooks.get(name)
        rows.append(row)
    return rows


#: A webhook's state, for people; its address is a secret, which the recipe's page shows.
HOOK_WORDS = {"pending": "not ready yet.", "enabled": "works.", "broken": "doesn't work."}


def _webhooks(workspace: Workspace) -> dict[str, dict[str, str]]:
    """Return how each recipe's webhook stands, of those that have one."""
    from engine.store.hooks import list_hooks

    return {
        hook.recipe: {
            "state": hook.state,
            "words": HOOK_WORDS[hook.state],
            "problem": hook.problem,
        }
        for hook in list_hooks(workspace.store)
        if hook.state in HOOK_WORDS
    }


def _triggers(workspace: Workspace, recipe: "Recipe") -> list[dict[str, str]]:
    from engine.errors import SetupError

    found = []
    for use in recipe.triggers:
        words = use.use.value
        try:
            operation = workspace.host.operation(use.use.value)
        except SetupError:  # `bridgework check` says so
            pass
        else:
            app = workspace.host.connector(operation.connector).title
            words = f"{app} {operation.noun.many}"
        found.append(
            {
                "id": use.id.value,
                "use": use.use.value,
                "words": words,
                "schedule": use.schedule.value.strip(),
            }
        )
    return found


def _row(
    workspace: Workspace, name: str, path: str, plan: "Planned | None", last: "Run | None"
) -> dict[str, Any]:
    from engine.errors import BridgeworkError
    from engine.report import headline
    from engine.report.coming import Coming, coming

    runs = Coming("")
    try:
        recipe = workspace.library.load(path)
    except BridgeworkError:
        recipe = None
    if recipe is not None:
        with contextlib.suppress(ValueError):  # `bridgework check` says what is wrong
            runs = coming(recipe, plan, datetime.now(UTC))
    return {
        "name": name,
        "title": recipe.title if recipe else None,
        "description": recipe.description if recipe else None,
        "enabled": False,
        "triggers": _triggers(workspace, recipe) if recipe else [],
        "schedule": ", ".join(str(use.schedule) for use in recipe.triggers) if recipe else None,
        "runs": runs.schedule,
        "next_runs": [
            {"at": at.isoformat(), "words": words}
            for at, words in zip(runs.times, runs.words, strict=True)
        ],
        "note": plan.note if plan else "",
        "paused_because": "",
        "webhook": None,
        "usable": recipe is not None,
        "last_run": {"run": last.id, "status": last.status, "headline": headline(last)}
        if last
        else None,
    }
