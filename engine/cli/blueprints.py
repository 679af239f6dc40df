"""Making a recipe from a blueprint, or beginning one with an example."""

from pathlib import Path

import click

from engine.cli.workspace import Workspace, with_workspace


@click.command(short_help="Make a recipe from a blueprint or an example.")
@click.argument("name", required=False)
@click.option(
    "--from", "blueprint", metavar="NAME", help="Of a blueprint or an example; default: list them."
)
@click.option("--title", default="", help="What people read in lists; default: the blueprint's.")
@click.option("--set", "given", metavar="INPUT=VALUE", multiple=True, help="One of its inputs.")
@click.option("--app", default="", help="List only examples that use this connector, e.g. clio.")
@with_workspace
def new(
    workspace: Workspace,
    name: str | None,
    blueprint: str | None,
    title: str,
    given: tuple[str, ...],
    app: str,
) -> None:
    """Make the recipe NAME: from a blueprint, with the inputs that are given, or from an example.

    An example is a recipe that came with Bridgework: it is copied, with what it reads beside
    itself, and is yours to change. Without --from, blueprints and examples are listed; without
    NAME it is told what one is and takes.
    """
    from engine.cli.output import say
    from engine.errors import SetupError
    from engine.recipe.blueprints import (
        blueprint_names,
        check_given,
        load_blueprint,
        text_from,
    )
    from engine.recipe.checking.check import check_text
    from engine.run.recipes.editing import new_recipe

    if blueprint is None:
        _list(workspace, app)
        return
    if blueprint not in blueprint_names(workspace.library):
        _begin(workspace, name, blueprint, bool(given or title))
        return
    found = load_blueprint(workspace.library, blueprint)
    if name is None:
        _tell(workspace, blueprint)
        return
    values = dict(_pair(one) for one in given)
    check_given(found, values)
    text = text_from(blueprint, values, title=title)
    path: Path = workspace.library.folder / f"{name}.yaml"
    wrong = [
        one
        for one in check_text(text, path, workspace.host, workspace.connection_names())
        if one.code != "unknown-connection"
    ]
    if wrong:
        raise SetupError(
            wrong[0].message, hint=f"`bridgework recipes new --from {blueprint}` lists its inputs."
        )
    new_recipe(workspace.store, workspace.library, name, text, by="the command line")
    say(f"{path} is written. See what it would do: `bridgework run {name} --preview`.")


def _list(workspace: Workspace, app: str) -> None:
    from engine.cli.output import console, print_table, say
    from engine.recipe.blueprints import blueprint_cards
    from engine.recipe.gallery import examples

    cards = [] if app else blueprint_cards(workspace.library)
    if cards:
        print_table(
            console(),
            ("Blueprint", "Title"),
            ((card.name, card.problem or card.title) for card in cards),
        )
    found = examples(app)
    if found:
        print_table(
            console(),
            ("Example", "Title", "Apps"),
            ((one.name, one.title, ", ".join(one.apps)) for one in found),
        )
    else:
        say(f"No example uses {app!r}. `bridgework connectors list` shows the apps.")
    say("See what one is: `bridgework recipes new --from NAME`.")


def _begin(workspace: Workspace, name: str | None, example: str, inputs: bool) -> None:
    """Copy an example, or tell of it where no name is given for the copy."""
    from engine.cli.output import say
    from engine.errors import SetupError
    from engine.recipe.checking.check import check_file
    from engine.recipe.gallery import find_example
    from engine.run.recipes.beginning import begin_with

    found = find_example(example)
    if inputs:
        raise SetupError(
            f"{example!r} is an example, which has no inputs.",
            hint="Begin without `--set` and `--title`, then change its file.",
        )
    if name is None:
        say(found.title)
        say(found.description)
        say(f"Apps: {', '.join(found.apps)}.")
        say(f"Begin with it: `bridgework recipes new NAME --from {example}`.")
        return
    begin_with(workspace.store, workspace.library, name, found, by="the command line")
    path = workspace.library.path(name)
    say(f"{path} is written, and yours to change.")
    if check_file(path, workspace.host, workspace.connection_names()):
        say(f"What is to be done first: `bridgework check {name}`.")
    else:
        say(f"See what it would do: `bridgework run {name} --preview`.")


def _tell(workspace: Workspace, blueprint: str) -> None:
    from engine.cli.output import console, print_table, say
    from engine.recipe.blueprints import entries_of, load_blueprint

    found = load_blueprint(workspace.library, blueprint)
    say(found.title)
    print_table(
        console(),
        ("Input", "Is", "If left out", "For"),
        (
            (
                entry.name.value,
                ", ".join(entry.choices) or " ".join(filter(None, (entry.kind, entry.of))),
                "required" if entry.required else _shown(entry.default),
                entry.description,
            )
            for entry in entries_of(found)
        ),
    )
    say(f"Make a recipe: `bridgework recipes new NAME --from {blueprint} --set input=value …`.")


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    return "" if default is None else str(default)


def _pair(given: str) -> tuple[str, str]:
    from engine.errors import SetupError

    name, sign, value = given.partition("=")
    if not sign:
        raise SetupError(f"{given!r} sets nothing.", hint="Write e.g. `--set file=contacts.csv`.")
    return name.strip(), value
