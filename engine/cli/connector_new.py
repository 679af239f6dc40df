"""``connectors new`` writes a connector that works: from a description, from requests, or from nothing."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.connectors import connectors
from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.scaffold.design import Design
    from engine.scaffold.writing import Written

#: Operations that are told one by one.
MANY = 60


@connectors.command("new", short_help="Write a new connector, with practice server and test.")
@click.argument("name")
@click.option(
    "--from",
    "description",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An OpenAPI 3 file of its API, JSON or YAML.",
)
@click.option(
    "--from-curl",
    "commands",
    multiple=True,
    metavar="COMMAND",
    help="A `curl` command that works; may be repeated. @FILE: a file of them, each with its answer "
    "below it if you like. Secrets in them are not written anywhere.",
)
@click.option(
    "--operations",
    metavar="LIST",
    help="What to make of a description, e.g. get_contacts,create_contact. [default: all that fit]",
)
@click.option("--title", help="The app's name as people know it.")
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to put its folder into. [default: plugins in the home, where it works at once]",
)
@click.option("--package", is_flag=True, help="Write a distribution of its own, to be installed.")
@with_workspace
def new(
    workspace: Workspace,
    name: str,
    description: Path | None,
    commands: tuple[str, ...],
    operations: str | None,
    title: str | None,
    to: Path | None,
    package: bool,
) -> None:
    """Write connector NAME: triggers, actions, samples, a practice server, a test, a README.

    It passes its checks at once. Without --from or --from-curl it is a small connector for notes,
    to be rewritten. What can't be made of a description is said and left out.
    """
    from engine.cli.output import say
    from engine.scaffold.picking import becomes, picked
    from engine.scaffold.writing import write

    if description is not None and commands:
        raise click.UsageError("Give either --from or --from-curl.")
    _check_name(workspace, name)
    design = _design(name, title or "", description, commands)
    for what, why in design.left_out[:MANY]:
        say(f"left out  {what}: {why}")
    if len(design.left_out) > MANY:
        say(f"left out  {len(design.left_out) - MANY} more; the README lists them")
    wanted = operations.split(",") if operations else _asked(design, description)
    left_out = design.left_out
    if wanted is not None:
        design = picked(design, [one.strip() for one in wanted if one.strip()])
    for one in design.operations[:MANY]:
        say(f"{one.source}  →  {becomes(one)}")
    if len(design.operations) > MANY:
        say(f"… and {len(design.operations) - MANY} more")
    for remark in design.remarks:
        say(f"look at   {remark}")
    place = to or (Path() if package else workspace.home / "plugins")
    if wanted is None:
        written = write(design, place, package=package)
    else:
        from dataclasses import replace

        written = write(replace(design, left_out=left_out), place, package=package)
    _keep_schema(written)
    _say_what_next(workspace, design, written, dropped_in=to is None and not package)


def _keep_schema(written: "Written") -> None:
    """Load what was written, as the host will, and note what recipes can name of it."""
    from engine.declared_schema import keep
    from engine.host import build_host

    host = build_host([], folder=written.folder.parent)
    for connector in host.connectors.values():
        if connector.name == written.name:
            keep(connector)


def _check_name(workspace: Workspace, name: str) -> None:
    import keyword

    from engine.errors import SetupError
    from engine.validation import NAME

    if not NAME.fullmatch(name) or keyword.iskeyword(name) or len(name) > 40:
        raise click.BadParameter(
            f"{name!r} can't be a connector's name. Use small letters, digits and '_', and begin "
            "with a letter."
        )
    if name in workspace.host.connectors:
        raise SetupError(
            f"There is a connector {name!r} already.", hint="Take another name, or remove it first."
        )


def _design(name: str, title: str, description: Path | None, commands: tuple[str, ...]) -> "Design":
    if description is not None:
        from engine.scaffold.documents import read_description
        from engine.scaffold.openapi import design_of

        return design_of(read_description(description), name, title)
    if commands:
        from engine.scaffold.curl import read_commands
        from engine.scaffold.from_curl import design_of_requests

        texts = [_text(command) for command in commands]
        pasted = [one for text in texts for one in read_commands(text)]
        return design_of_requests(pasted, name, title)
    from engine.scaffold.plain import plain_design

    return plain_design(name, title)


def _text(command: str) -> str:
    from engine.errors import SetupError

    if not command.startswith("@"):
        return command
    try:
        return Path(command[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"'{command[1:]}' can't be read: {error}.") from error


def _asked(design: "Design", description: Path | None) -> list[str] | None:
    """Let a person at a terminal pick operations; None: all of them."""
    from engine.scaffold.picking import becomes

    if description is None or len(design.operations) < 2:
        return None
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    click.echo("\nWhat shall it have?", err=True)
    for number, one in enumerate(design.operations, 1):
        click.echo(f"  {number:>3}  {one.source}  →  {becomes(one)}", err=True)
    while True:
        said = str(click.prompt("Numbers, or all", default="all", err=True)).strip()
        if said.lower() == "all":
            return None
        numbers = said.replace(",", " ").split()
        if numbers and all(n.isdecimal() and 0 < int(n) <= len(design.operations) for n in numbers):
            return [design.operations[int(number) - 1].name for number in numbers]
        click.echo(f"  Give numbers from 1 to {len(design.operations)}, e.g. 1 3 4.", err=True)


def _say_what_next(
    workspace: Workspace, design: "Design", written: "Written", *, dropped_in: bool
) -> None:
    from engine.cli.output import say

    option, name = workspace.option, design.name
    say(f"\n'{written.root}' is written. What comes next:")
    if not dropped_in:
        if written.root != written.folder:
            say(f"  {sys.executable} -m pip install -e {written.root}    lets Bridgework find it")
        elif (written.root.parent.parent / "pyproject.toml").exists():
            say(
                f'  add  {name} = "{written.root.parent.name}.{name}"  to '
                '[project.entry-points."bridgework.connectors"] in pyproject.toml, and install again'
            )
        else:
            say(f"  put it into {workspace.home / 'plugins'} to use it")
    say(f"  bridgework connectors test {name}{option}    makes its checks")
    say(f"  bridgework connectors show {name}{option}    shows what recipe writers get")
    say(
        f"  bridgework connections add {name} --connector {name} --practice{option}"
        "    connects its practice server"
    )
