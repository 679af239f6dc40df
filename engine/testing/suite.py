"""Contract tests for a connector in three lines; see :func:`connector_suite`."""

import difflib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from engine.connector import Connector
from engine.examples import Examples
from engine.host import build_host
from engine.practice.server import PracticeServer
from engine.store.database import home_folder
from engine.testing.declared import DeclarationChecks
from engine.testing.failing import FailureChecks
from engine.testing.reading import ReadingChecks
from engine.testing.ringing import WebhookChecks
from engine.testing.sending import SendingChecks
from engine.testing.subject import AnyOperation, Rows, Subject

PREFIX = "test_"


class ConnectorSuite(DeclarationChecks, ReadingChecks, SendingChecks, FailureChecks, WebhookChecks):
    """All checks; ``connector_suite`` fills in the subject and takes away what doesn't apply.

    :cvar cases: by method: the operations it runs for.
    :cvar exempt: by check: why it isn't made.
    """

    cases: ClassVar[Mapping[str, list[AnyOperation]]] = {}
    exempt: ClassVar[Mapping[str, str]] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        function = metafunc.function
        if (cases := self.cases.get(function.__name__)) is not None:
            parameter = function.__code__.co_varnames[1]  # after self
            metafunc.parametrize(parameter, cases, ids=[one.name for one in cases])


def connector_suite(
    connector: str | Connector,
    *,
    server: Callable[[], PracticeServer] | None = None,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    rows: Mapping[str, Rows] | None = None,
    exempt: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> type[ConnectorSuite]:
    """Return a class of tests for pytest to collect::

        from engine.testing import connector_suite

        TestClio = connector_suite("clio")

    The connector talks to a fresh practice server in every test, through the engine's own HTTP
    client. Nothing leaves the process, and nothing is waited for. What is given here goes before
    the :class:`~engine.examples.Examples` that the connector brings.

    :param connector: an installed connector's name, or the connector itself.
    :param server: makes the practice server; default: the one the connector brings, with seed 1.
    :param parameters: by operation (``member_changed`` or ``mailchimp.member_changed``): what it
        is called with.
    :param rows: by action: rows to send, best with one that is refused; for actions of one row
        and searches, the values of their parameters.
    :param exempt: by check, without ``test_``, or by check and operation as in
        ``nonsense_is_noticed[add_tags]``: the reason why it isn't made.
    :param folder: of connectors that were dropped in; default: ``plugins`` in the home.
    :raises SetupError: there is no connector of that name.
    :raises ValueError: an operation or check that there isn't is named, or no reason is given.
    """
    if isinstance(connector, str):
        connector = _named(connector, folder or home_folder(None) / "plugins")
    if server is None and connector.practice_function is not None:
        server = partial(connector.practice_function, 1)
    if server is None and connector.needs_connection:
        raise ValueError(
            f"{connector.name} brings no practice server. Declare one with connector.practice, "
            f"or give the suite one with `server=`."
        )
    brought = Examples() if connector.examples_function is None else connector.examples_function()
    subject = Subject(
        connector,
        server,
        {**brought.parameters, **(parameters or {})},
        {**brought.rows, **(rows or {})},
        brought.files,
    )
    _refuse_unknown_operations(subject)
    exempt = {**brought.exempt, **(exempt or {})}
    cases, left_out = _cases(subject, exempt)
    members: dict[str, Any] = {"subject": subject, "cases": cases, "exempt": exempt}
    members |= dict.fromkeys(left_out)  # pytest passes over what isn't callable
    return type(f"Test{connector.name.title()}", (ConnectorSuite,), members)


def _named(name: str, folder: Path) -> Connector:
    """Return the connector called ``name``, if it can be loaded; what is wrong with others is no matter."""
    host = build_host(folder=folder)
    if name not in host.connectors:
        for problem in host.problems:
            if name in {Path(problem.plugin).stem, problem.plugin.rpartition(".")[2]}:
                raise problem
    return host.connector(name)


def _cases(
    subject: Subject, exempt: Mapping[str, str]
) -> tuple[dict[str, list[AnyOperation]], list[str]]:
    """Return the operations by method, and the methods that have nothing to do."""
    cases: dict[str, list[AnyOperation]] = {}
    left_out = []
    known = set()
    for method in (name for name in dir(ConnectorSuite) if name.startswith(PREFIX)):
        check = method.removeprefix(PREFIX)
        known.add(check)
        select = getattr(getattr(ConnectorSuite, method), "operations", None)
        if select is not None:
            chosen = {f"{check}[{one.name}]": one for one in select(subject)}
            known.update(chosen)
            cases[method] = [one for name, one in chosen.items() if name not in exempt]
        if check in exempt or cases.get(method) == []:
            left_out.append(method)
    for check, reason in exempt.items():
        if check not in known:
            near = difflib.get_close_matches(check, sorted(known), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"There is no check {check!r} of {subject.connector.name}.{hint}")
        if not reason.strip():
            raise ValueError(f"Say why {subject.connector.name} is exempt from {check!r}.")
    return cases, left_out


def _refuse_unknown_operations(subject: Subject) -> None:
    for name in [*subject.parameters, *subject.rows]:
        short = name.removeprefix(f"{subject.connector.name}.")
        if subject.connector.operation(short) is None:
            raise ValueError(f"{subject.connector.name} has no operation {name!r}.")
