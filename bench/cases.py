"""One case, in the process that is measured: ``python -m bench.cases NAME FOLDER SOURCE SINK``.

Each imports what it needs and no more, because its start-up is part of what is measured.
"""

import json
import sys
from collections.abc import Callable
from functools import partial

from bench.place import Done, Place

Case = Callable[[Place], Done]


def case(name: str) -> Case:
    """Return the case called ``name``: ``hand_…``, ``bridgework_RECIPE`` and so on."""
    kind, _, rest = name.partition("_")
    if kind == "hand":
        from bench import handwritten

        by_hand: Case = getattr(handwritten, rest)
        return by_hand
    from bench import bridge

    match kind:
        case "prepare":
            return bridge.prepare
        case "shape":
            return partial(bridge.read_and_shape, rest)
        case "bridgework":
            return partial(bridge.run, rest)
    raise LookupError(name)


def main(name: str, *arguments: str) -> None:
    print(json.dumps(case(name)(Place.of(list(arguments))).told()))


if __name__ == "__main__":
    if sys.argv[1].startswith("hand"):
        main(*sys.argv[1:])
    else:
        from engine.memory import program_memory

        with program_memory():  # as in engine.cli
            main(*sys.argv[1:])
