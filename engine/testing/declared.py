"""Checks of what a connector declares; they need no server."""

import re

from engine.auth import Account, NoAuth
from engine.declared_schema import changes
from engine.errors import AuthError, PluginLoadError
from engine.http.settings import secret_settings
from engine.operations import Trigger
from engine.testing.checks import (
    Checks,
    each,
    fail,
    operations,
    operations_to_try,
    outcome,
    triggers_with_cursor,
)
from engine.testing.rig import rig, sounds_secret
from engine.testing.subject import AnyOperation
from engine.validation import NAME, validate


class DeclarationChecks(Checks):
    """Names, texts, samples and settings."""

    def test_it_loads(self) -> None:
        """The host accepts it."""
        try:
            validate(self.subject.connector, self.subject.connector.name)
        except PluginLoadError as error:
            fail(str(error))

    def test_names_are_unique(self) -> None:
        """No two operations share a name."""
        for operation, problem, hint in self.subject.connector.problems:
            fail(f"{operation}: {problem}. {hint}")

    def test_its_schema_is_as_it_was(self) -> None:
        """What recipes can name is as it stands in the connector's schema.json, if it has one."""
        if found := changes(self.subject.connector):
            fail(
                f"{' '.join(found[:8])} If that is meant, "
                f"`bridgework connectors test {self.subject.connector.name} --accept` notes it."
            )

    def test_limits_make_sense(self) -> None:
        """Limits are numbers above zero: of requests, of seconds, of what is asked at once."""
        connector = self.subject.connector
        for rate in connector.limits:
            if rate.requests < 1 or rate.per <= 0:
                fail(f"Nothing can be sent at {rate!r}. Give at least one request in some seconds.")
        if connector.concurrency is not None and connector.concurrency < 1:
            fail(f"With concurrency={connector.concurrency} nothing can be sent. Give 1 or more.")

    @each(operations)
    def test_names_are_snake_case(self, operation: AnyOperation) -> None:
        """Recipes write names, so they are lower-case letters, digits and _."""
        if not NAME.fullmatch(operation.name):
            fail(f"{operation.name!r} isn't lower-case letters, digits and _. Rename the function.")

    @each(operations)
    def test_help_is_given(self, operation: AnyOperation) -> None:
        """A docstring is the operation's help, and its title and noun are words."""
        if not operation.help:
            fail(
                f"{operation.name} has no docstring. Say in one sentence what it does; users read it."
            )
        if not operation.title.strip():
            fail(f"{operation.name} has no title.")

    @each(operations)
    def test_a_sample_is_given(self, operation: AnyOperation) -> None:
        """A sample shows an operation's fields before there is a connection."""
        if not operation.sample:
            fail(f"{operation.name} has no sample. Give one record as it looks, with `sample=…`.")

    @each(operations)
    def test_fields_have_types(self, operation: AnyOperation) -> None:
        """The type decides how a recipe's text is read."""
        for name, part in operation.inputs.get("properties", {}).items():
            if not {"type", "anyOf", "enum", "const", "$ref"} & set(part):
                fail(
                    f"{operation.name}: nothing is known of what {name!r} may be. Annotate its type."
                )

    @each(triggers_with_cursor)
    def test_since_has_no_value_of_its_own(self, operation: Trigger) -> None:
        """The engine gives ``since``; None reads everything."""
        if not operation.takes_since:
            fail(f"{operation.name} declares a cursor but takes no `since: datetime | None`.")

    def test_secret_settings_are_marked(self) -> None:
        """What must not be shown is a secret field, or the auth's own setting or token."""
        connector = self.subject.connector
        hidden = secret_settings(connector)
        known = set()
        for way, chosen in connector.ways.items():
            with rig(self.subject, log_in=way) as line:
                known |= {*chosen.settings_schema.get("properties", {}), *line.given}
                shown = {str(value) for value in line.context.connection.values()}
                for name, value in line.secrets.items():
                    if value in shown:
                        fail(
                            f"The setting {name!r} is shown wherever settings are. "
                            f"Mark it with `Field(…, secret=True)`."
                        )
        for name in sorted(known):
            is_token = re.fullmatch("(access|refresh)_token", name)
            if sounds_secret(name) and name not in hidden and not is_token:
                fail(
                    f"The setting {name!r} sounds like a secret. "
                    f"Mark it with `Field(…, secret=True)`, or rename it."
                )

    @each(operations)
    def test_there_are_examples(self, operation: AnyOperation) -> None:
        """The suite knows what to call each operation with."""
        if missing := self.subject.missing(operation):
            argument = "parameters" if isinstance(operation, Trigger) else "rows"
            fail(
                f"{operation.name} can't be tried without {', '.join(missing)}. Give the suite "
                f"`{argument}={{'{operation.full_name}': …}}`."
            )

    def test_every_way_to_log_in_works(self) -> None:
        """The practice server takes each of them, and refuses each with 401 when it is no more."""
        connector = self.subject.connector
        if len(connector.ways) == 1 or self.subject.server is None:
            return
        tried = operations_to_try(self.subject)[:1]
        for way in connector.ways:
            for operation in tried:
                with rig(self.subject, log_in=way) as line:
                    if problem := outcome(line, operation):
                        fail(f"With log_in={way}, {operation.name} failed: {problem}")
                    line.break_down(401)
                    problem = outcome(line, operation)
                if not isinstance(problem, AuthError) and not isinstance(line.auth, NoAuth):
                    fail(f"With log_in={way}, 401 gives {problem!r} instead of an AuthError.")

    def test_the_connection_can_be_tested(self) -> None:
        """The check function returns a label that tells one account from another."""
        function = self.subject.connector.check_function
        if function is None:
            return
        for way in self.subject.connector.ways:
            with rig(self.subject, log_in=way) as line:
                self._tell_accounts_apart(function(line.context))

    def _tell_accounts_apart(self, said: str | Account) -> None:
        label = said.label if isinstance(said, Account) else said
        if isinstance(said, Account) and not str(said.id or "").strip():
            fail(f"The connection's check returned {said!r}, an account without an id.")
        if not str(label or "").strip():
            fail(f"The connection's check returned {label!r}, not a label to show beside it.")
