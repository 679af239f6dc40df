"""Making a recipe from a blueprint."""

from pathlib import Path

import click

from engine.cli.workspace import Workspace, with_workspace


@click.command(short_help="Make a recipe from a blueprint.")
@click.argument("name", required=False)
@click.option("--from", "blueprint", metavar="BLUEPRINT", help="Default: list the blueprints.")
@click.option("--title", default="", help="What people read in lists; default: the blueprint's.")
@click.option("--set", "given", metavar="INPUT=VALUE", multiple=True, help="One of its inputs.")
@with_workspace
def new(
    workspace: Workspace,
    name: str | None,
    blueprint: str | None,
    title: str,
    given: tuple[str, ...],
) -> None:
    """Make the recipe NAME from a blueprint, with the inputs that are given.

    Without a blueprint the ones there are, and without inputs what it takes, are listed.
    """
    from engine.cli.output import say
    from engine.errors import SetupError
    from engine.recipe.blueprints import check_given, load_blueprint, text_from
    from engine.recipe.checking.check import check_text
    from engine.run.editing import new_recipe

    if blueprint is None:
        _list(workspace)
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


def _list(workspace: Workspace) -> None:
    from engine.cli.output import console, print_table, say
    from engine.recipe.blueprints import blueprint_cards, folder_of

    cards = blueprint_cards(workspace.library)
    if not cards:
        say(f"There is no blueprint in '{folder_of(workspace.library)}'.")
        return
    print_table(
        console(),
        ("Blueprint", "Title"),
        ((card.name, card.problem or card.title) for card in cards),
    )
    say("See what one takes: `bridgework recipes new --from BLUEPRINT`.")


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
