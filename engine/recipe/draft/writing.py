"""A draft as the text of a recipe's file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.recipe.yaml.lines import quote

#: What needs no line: recipes count in UTC unless they say otherwise.
NO_ZONE = ("", "UTC", "Etc/UTC")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a recipe says, before it is a file.

    :param fields: of the action, by dotted name: a template or a text.
    :param later: what may be filled as well, with a few words; they stand in the file as comments.
    :param labels: what people call a field's value, where it is an app's id.
    """

    title: str
    description: str
    trigger: str
    trigger_connection: str
    trigger_fields: Mapping[str, str] = field(default_factory=dict)
    record: str
    schedule: str
    timezone: str
    action: str
    action_connection: str
    step: str
    key: str
    fields: Mapping[str, str]
    later: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


def as_text(draft: Draft) -> str:
    """Return the recipe's text."""
    lines = [f"name: {_scalar(draft.title)}", f"description: {_scalar(draft.description)}"]
    lines += ["trigger:", f"  use: {draft.trigger}"]
    if draft.trigger_connection:
        lines.append(f"  connection: {_scalar(draft.trigger_connection)}")
    if draft.trigger_fields:
        lines.append("  with:")
        lines += [f"    {name}: {_scalar(value)}" for name, value in draft.trigger_fields.items()]
    lines += [f"  as: {draft.record}", f"  schedule: {_scalar(draft.schedule)}"]
    if draft.timezone not in NO_ZONE:
        lines.append(f"  timezone: {draft.timezone}")
    lines += ["steps:", f"  - id: {draft.step}", f"    use: {draft.action}"]
    if draft.action_connection:
        lines.append(f"    connection: {_scalar(draft.action_connection)}")
    if draft.key:
        lines.append(f"    key: {draft.key}")
    lines.append("    with:")
    for name, value in draft.fields.items():
        called = " ".join(draft.labels.get(name, "").split())
        lines.append(f"      {name}: {_scalar(value)}" + (f"  # {called}" if called else ""))
    if draft.later:
        lines.append("      # What else may stand here:")
        lines += [f"      # {name}: …  {words}" for name, words in draft.later.items()]
    return "\n".join(lines) + "\n"


def free_path(folder: Path, title: str) -> Path:
    """Return a file's name that is like the title and isn't taken."""
    stem = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "recipe"
    path, number = folder / f"{stem}.yaml", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}.yaml", number + 1
    return path


#: Text that YAML reads as it stands.
PLAIN = re.compile(r"[A-Za-z0-9][\w ./+-]*(?::[\w./+-]+[\w ./+-]*)*")


def _scalar(text: str) -> str:
    return text if PLAIN.fullmatch(text) and text == text.strip() else quote(text)
