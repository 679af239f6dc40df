"""``explain`` tells a recipe in plain sentences, or draws it."""

from pathlib import Path

import click

from engine.cli.workspace import Workspace, with_workspace


@click.command(short_help="Tell a recipe in plain sentences, or as a picture.")
@click.argument("recipe")
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Write a picture of it to this file; - prints it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outline as JSON.")
@with_workspace
def explain(workspace: Workspace, recipe: str, svg: Path | None, as_json: bool) -> None:
    """Tell what RECIPE does, step by step, in sentences; with --svg, as a picture."""
    from dataclasses import asdict

    from engine.cli.output import console, plain, print_json, say
    from engine.recipe.explain.outline import as_lines
    from engine.recipe.explain.outline import explain as outline_of
    from engine.recipe.explain.picture import draw

    outline = outline_of(workspace.library.load(recipe), workspace.host)
    if svg is not None and str(svg) == "-":
        click.echo(draw(outline))
        return
    if svg is not None:
        svg.write_text(draw(outline), "utf-8")
        say(f"The picture is in '{svg}': open it with a browser.")
        return
    if as_json:
        print_json(asdict(outline), indent=2)
        return
    target = console()
    target.print(plain(outline.title), style="bold", soft_wrap=True)
    if outline.description:
        target.print(plain(outline.description), style="dim", soft_wrap=True)
    target.print()
    for depth, line in as_lines(outline):
        target.print("  " * depth + plain(line), soft_wrap=True)
