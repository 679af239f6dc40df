"""What an operation may be tried with: examples that a connector brings for its tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Examples:
    """What a connector's operations are called with on its practice server, with seed 1.

    :param parameters: by operation: what it is called with.
    :param rows: by action: rows to send, best with one that is refused; for actions of one row
        and searches, the values of their parameters.
    :param files: by name: texts or bytes of files that the parameters or rows name.
    :param exempt: by check of :mod:`engine.testing`, without ``test_``, or by check and operation
        as in ``nonsense_is_noticed[add_tags]``: the reason why it isn't made.
    """

    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    exempt: Mapping[str, str] = field(default_factory=dict)
