"""Pages of connectors as Markdown, for docs/ and for whoever reads them in an editor."""

from collections.abc import Iterable, Sequence

from engine.reference.document import ConnectorPage, InputField, OperationPage

MADE = (
    "<!-- made from the connector's declarations by `bridgework connectors docs`; change those -->"
)


def connector_markdown(page: ConnectorPage) -> str:
    """Return a connector's page."""
    parts = [f"# {page.title}", MADE, page.readme.purpose]
    if page.experimental:
        parts.append(f"> **Experimental.** {page.experimental}")
    parts += _connecting(page)
    if page.limits or page.readme.limits:
        parts += ["## Limits", page.limits, page.readme.limits]
    for heading, operations in page.groups:
        parts.append(f"## {heading}")
        for operation in operations:
            parts += _operation(operation)
    if page.examples:  # not one by one: a new recipe would make every committed page another
        parts.append(
            "## Recipes to begin with\n\n[The gallery](../gallery.md) has recipes that use it; "
            f"`bridgework recipes new --app {page.name}` lists them."
        )
    if page.readme.quality:
        parts += ["## Quality", page.readme.quality]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def index_markdown(pages: Sequence[ConnectorPage]) -> str:
    """Return the list of all connectors."""
    rows = [
        [
            f"[{page.title}]({page.name}.md){' (experimental)' if page.experimental else ''}",
            page.purpose,
            ", ".join(one.title + (" ⚡" if one.instant else "") for one in page.triggers),
            ", ".join(one.title for one in (*page.actions, *page.searches)),
        ]
        for page in pages
    ]
    head = ("Connector", "What it is for", "Recipes start with", "Steps can")
    text = "⚡ marks what can start a recipe at once, by a webhook."
    return "\n\n".join(["# Connectors", MADE, text, _table(head, rows)]) + "\n"


def _connecting(page: ConnectorPage) -> list[str]:
    parts = ["## Setting up"]
    if not page.ways:
        parts.append("Nothing has to be connected.")
    elif not page.needs_connection:
        parts.append("A connection is needed only where a recipe names one.")
    parts.append(page.readme.setup)
    for way in page.ways:
        if way.title:
            parts += [f"**{way.title}.** {way.help}"]
        if way.settings:
            parts.append(_fields("Setting", way.settings))
    if page.practice and page.needs_connection:
        parts.append(
            f"To try it without an account: `bridgework connections add {page.name} "
            f"--connector {page.name} --practice`."
        )
    return parts


def _operation(page: OperationPage) -> list[str]:
    parts = [f"### `{page.full_name}`: {page.title}", page.help]
    parts.append("\n".join(f"- {note}" for note in page.notes))
    if page.fields:
        parts.append(_fields("Field", page.fields))
    parts.append(f"```yaml\n{page.snippet}```")
    if page.gives:
        rows = [
            [f"`{one.name}`", one.kind, one.about, *(["yes" if one.always else ""])]
            for one in page.gives
        ]
        if page.declared:
            parts.append(_table(("It gives", "Kind", "About", "Always there"), rows))
        else:
            parts.append("Its records are known from a sample; each field may be missing, too.")
            parts.append(_table(("It gives", "Kind", "About"), [row[:3] for row in rows]))
    if page.sample:
        sample = f"```json\n{page.sample}\n```"
        parts.append(f"<details><summary>A record</summary>\n\n{sample}\n\n</details>")
    return parts


def _fields(head: str, fields: Iterable[InputField]) -> str:
    rows = [
        [
            f"`{one.name}`",
            one.kind + (", secret" if one.secret else ""),
            "yes" if one.required else "",
            one.about,
        ]
        for one in fields
    ]
    return _table((head, "Kind", "Required", "About"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(head), ["---"] * len(head), *map(list, rows)]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
