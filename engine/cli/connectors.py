"""``connectors`` shows what is installed: apps, their triggers and actions, the fields of each."""

from typing import TYPE_CHECKING, Any

import click

from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.connector import Connector
    from engine.operations import Action, Trigger


@click.group(
    invoke_without_command=True,
    short_help="List the connectors; write, test and try new ones.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
@click.pass_context
def connectors(context: click.Context, workspace: Workspace, as_json: bool) -> None:
    """List the connectors, show what each can do, or write, test and try one of your own."""
    if context.invoked_subcommand is None:
        _print_list(workspace, as_json=as_json)


@connectors.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
def list_connectors(workspace: Workspace, as_json: bool) -> None:
    """List the installed connectors."""
    _print_list(workspace, as_json=as_json)


@connectors.command(short_help="Show what a connector can do, field by field.")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON Schemas and samples too.")
@with_workspace
def show(workspace: Workspace, name: str, as_json: bool) -> None:
    """Show a connector's triggers, actions and searches with their fields."""
    from engine.cli.output import console, print_json
    from engine.reference.words import limits, when_unanswered

    connector = workspace.host.connector(name)
    if as_json:
        print_json(_document(connector, full=True), indent=2)
        return
    target = console()
    target.print(f"{connector.title} ({connector.name})", style="bold")
    if connector.experimental:
        target.print(f"Experimental: {connector.experimental}", style="yellow", soft_wrap=True)
    if words := limits(connector):
        target.print(words, soft_wrap=True)
    if connector.settings_schema.get("properties"):
        target.print("\nSettings of a connection", style="bold")
        _print_fields(connector.settings_schema)
    for name, log_in in connector.log_ins.items():
        target.print(f"\nConnected with log_in={name}: {log_in.title}", style="bold")
        if log_in.help:
            target.print(f"  {log_in.help}", soft_wrap=True)
        _print_fields(_settings_of_way(connector.ways[name]))
    for kind, operations in _by_kind(connector):
        for operation in operations:
            target.print(f"\n{kind} {operation.full_name}: {operation.title}", style="bold")
            first_paragraph = " ".join(operation.help.partition("\n\n")[0].split())
            target.print(f"  {first_paragraph}", soft_wrap=True)
            if words := when_unanswered(operation):
                target.print(f"  {words}", soft_wrap=True, style="dim")
            _print_fields(operation.inputs)


def _settings_of_way(way: "Connector") -> dict[str, Any]:
    """Return the schema of the settings that one way to log in asks for besides the others'."""
    from engine.http.settings import LOG_IN, TOKENS, required_settings, setting_schemas

    common = {LOG_IN, *TOKENS, *_common_settings(way)}
    own = {name: part for name, part in setting_schemas(way).items() if name not in common}
    return {"type": "object", "properties": own, "required": required_settings(way)}


def _common_settings(way: "Connector") -> set[str]:
    every = [set(one.settings_schema.get("properties", {})) for one in way.ways.values()]
    return set.intersection(*every)


def _print_list(workspace: Workspace, *, as_json: bool) -> None:
    from engine.cli.output import console, print_json, print_table, say

    found = list(workspace.host.connectors.values())
    if as_json:
        print_json([_document(connector, full=False) for connector in found], indent=2)
        return
    print_table(
        console(),
        ("Connector", "App", "Triggers", "Actions", "Searches"),
        (
            (
                connector.name,
                connector.title + (" (experimental)" if connector.experimental else ""),
                *(str(len(operations) or "–") for _, operations in _by_kind(connector)),
            )
            for connector in found
        ),
    )
    say("What each can do: `bridgework connectors show NAME`.")


def _print_fields(schema: dict[str, Any]) -> None:
    from engine.cli.output import console, print_table
    from engine.recipe.schema.fields import field_lines
    from engine.reference.words import about, kind_of

    rows = [
        (
            f"  {line.name}",
            kind_of(line.schema) + ("" if line.required else " (optional)"),
            about(line.schema),
        )
        for line in field_lines(schema)
    ]
    if rows:
        print_table(console(), ("  Field", "Kind", "About"), rows)


def _document(connector: "Connector", *, full: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": connector.name,
        "title": connector.title,
        "login": type(connector.auth).__name__.lower(),
        "experimental": connector.experimental or None,
        "practice": connector.practice_function is not None,
        "triggers": list(connector.triggers),
        "actions": list(connector.actions),
    }
    if full:
        document["settings"] = connector.settings_schema
        document["log_ins"] = [
            {
                "name": name,
                "title": connector.log_ins[name].title,
                "login": type(way.auth).__name__.lower(),
                "settings": way.settings_schema,
            }
            for name, way in connector.ways.items()
            if name
        ]
        document["triggers"] = [_operation(trigger) for trigger in connector.triggers.values()]
        document["actions"] = [_operation(action) for action in connector.actions.values()]
    return document


def _operation(operation: "Trigger | Action") -> dict[str, Any]:
    from engine.operations import Trigger

    return {
        "name": operation.full_name,
        "title": operation.title,
        "kind": "trigger" if isinstance(operation, Trigger) else operation.kind,
        "help": operation.help,
        "fields": operation.inputs,
        "gives": operation.result,
        "sample": operation.sample,
    }


def _by_kind(connector: "Connector") -> list[tuple[str, list["Trigger | Action"]]]:
    actions = list(connector.actions.values())
    return [
        ("Trigger", list(connector.triggers.values())),
        ("Action", [action for action in actions if action.kind != "search"]),
        ("Search", [action for action in actions if action.kind == "search"]),
    ]
