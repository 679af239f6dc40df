"""The recipes that came with Bridgework, as examples to begin a recipe of one's own with.

``python -m engine.recipe.gallery docs/gallery.md`` writes the page that lists them anew.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import engine
from engine.errors import SetupError
from engine.recipe.beside import read_beside
from engine.recipe.called import is_called
from engine.recipe.suggest import nearest
from engine.recipe.yaml.nodes import ListNode, MapNode, Node, Scalar, compose

#: Where a recipe's sample files are, beside it.
SAMPLE = re.compile(r"\bsamples/[\w.-]+\.csv\b")
#: Keys that are worth a look, in the order in which the page names them: of steps, then of recipes.
OF_STEPS = (
    "for_each", "choose", "set", "parallel", "until", "wait", "collect", "join", "call", "ask",
    "otherwise", "if_none",
)  # fmt: skip
OF_RECIPES = ("triggers", "limits", "two_way", "translate")
BEGIN, END = "<!-- made by engine.recipe.gallery -->", "<!-- to here -->"


@dataclass(frozen=True)
class Example:
    """A recipe to begin with.

    :param apps: the connectors it uses, by their names, in order.
    :param shows: those of its keys that are worth a look, such as ``for_each``.
    :param beside: texts of the files that it reads beside itself, by the names in it.
    """

    name: str
    title: str
    description: str
    text: str
    apps: tuple[str, ...]
    shows: tuple[str, ...]
    beside: Mapping[str, str]


def shipped_recipes() -> Path:
    """Return the folder of the recipes that came with Bridgework: beside its packages.

    :raises SetupError: they are not there.
    """
    folder = Path(engine.__file__).parent.parent / "recipes"
    if not (folder / "clio-matters-to-case-status.yaml").is_file():
        raise SetupError(
            f"The recipes that come with Bridgework are not in '{folder}'.",
            hint="Say where they are with `--recipes`.",
        )
    return folder


def examples(app: str = "") -> list[Example]:
    """Return the examples, or those that use an app; a recipe that one calls is no example itself."""
    found = [
        _example(path, text)
        for path in sorted(shipped_recipes().glob("*.yaml"))
        if not is_called(text := path.read_text("utf-8"))
    ]
    return [example for example in found if not app or app in example.apps]


def find_example(name: str) -> Example:
    """Return one of the examples.

    :raises SetupError: there is none of that name.
    """
    found = {example.name: example for example in examples()}
    if name not in found:
        near = nearest(name, found)
        raise SetupError(
            f"There is neither a blueprint nor an example {name!r}.",
            hint=f"Did you mean {near!r}?" if near else "`bridgework recipes new` lists them.",
        )
    return found[name]


@lru_cache(maxsize=256)  # they came with Bridgework, and stay as they are
def _example(path: Path, text: str) -> Example:
    root = compose(text)
    beside = dict(read_beside(text, path).texts)
    for name in SAMPLE.findall(text):
        beside[name] = (path.parent / name).read_text("utf-8")
    everything = list(_pairs(root))
    for called in beside.values() if "call:" in text else ():
        everything += _pairs(compose(called))
    keys = {key for key, _ in everything}
    own = dict(_own(root))
    uses = [
        value.text.value for key, value in everything if key == "use" and isinstance(value, Scalar)
    ]
    top = {key: value.text.value for key, value in own.items() if isinstance(value, Scalar)}
    return Example(
        path.stem,
        top["name"],
        top["description"],
        text,
        tuple(dict.fromkeys(use.partition(".")[0] for use in uses)),
        (*(k for k in OF_STEPS if k in keys), *(k for k in OF_RECIPES if k in own)),
        beside,
    )


def _own(node: Node | None) -> Iterator[tuple[str, Node]]:
    if isinstance(node, MapNode):
        for key, value in node.pairs:
            if isinstance(key, Scalar):
                yield key.text.value, value


def _pairs(node: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield every key with its value, however deep."""
    for key, value in _own(node):
        yield key, value
        yield from _pairs(value)
    if isinstance(node, ListNode):
        for item in node.items:
            yield from _pairs(item)


def rewritten(page: str) -> str:
    """Return the page with its list of examples made anew."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    rows = ["| Example | Does | Apps | Shows |", "|---|---|---|---|"]
    rows += [
        f"| [{example.name}](../recipes/{example.name}.yaml) | **{example.title}.** "
        f"{example.description} | {', '.join(example.apps)} | "
        f"{', '.join(f'`{key}`' for key in example.shows)} |"
        for example in examples()
    ]
    return before + "\n".join([BEGIN, "", *rows, "", END]) + after


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(rewritten(file.read_text("utf-8")), "utf-8")
