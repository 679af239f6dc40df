"""What a request that sends something is called: a verb and a noun, as recipes write it."""

from engine.scaffold.names import plural, sentence, singular, words
from engine.scaffold.requests import ENDING, Asked

#: Words that begin the names of requests that make something.
MAKING = frozenset({"create", "add", "new", "post", "insert", "make"})
CHANGING = frozenset({"update", "edit", "change", "modify", "put", "patch", "replace", "set"})


def places_of(asked: Asked) -> list[str]:
    return ["{}" if "{" in part else ENDING.sub("", part) for part in asked.segments]


def verb_of(asked: Asked, noun: str, in_list: bool) -> str:
    """Return an action's name, still in words.

    :param in_list: what it sends becomes one of a list that there is.
    """
    said = words(asked.called)
    tail = words(f"{asked.path} {asked.method}")
    if len(said) > len(tail) and said[-len(tail) :] == tail:  # as FastAPI makes them up
        said = said[: -len(tail)]
    usual = {"post": "create", "put": "replace", "patch": "update"}[asked.method]
    if said and not set(said) - {*words(noun), *words(plural(noun)), *MAKING, *CHANGING}:
        return f"{usual} {noun}"  # such as Contact#create
    if said and len(said) <= 6 and said[0] not in (asked.method, *MAKING):
        return "_".join(said)
    if asked.ends_in_key or (asked.method == "post" and in_list):
        return f"{usual} {noun}"
    if asked.method == "post" and len(asked.segments) > 2 and "{" in asked.segments[-2]:
        owner = singular(" ".join(words(asked.segments[-3])))
        plain = " ".join(words(asked.segments[-1]))
        made = asked.segments[-1] != singular(plain)
        return f"create {noun}" if made else f"{plain} {owner}"
    return "_".join(said) if said else f"{usual} {noun}"


def title_of(asked: Asked, noun: str, in_list: bool) -> str:
    """Return what people call an action."""
    said = sentence(asked.operation.get("summary")).rstrip(".")
    if 0 < len(said) <= 50:
        return said
    return verb_of(asked, noun, in_list).replace("_", " ").capitalize()
