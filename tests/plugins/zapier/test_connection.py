"""A connection to a catch hook: made where its secret is needed, missed where a recipe names it."""

from pathlib import Path

import pytest

import plugins.webhook
import plugins.zapier
from engine.errors import SetupError
from engine.host import build_host
from engine.http.sessions import connection_for
from engine.recipe.checking.check import check_text
from engine.store.database import Store

HOST = build_host([plugins.zapier, plugins.webhook], strict=True)
CONNECTOR = HOST.connector("zapier")
RECIPE = """\
name: A Zap starts a Zap
description: It passes on.
trigger:
  use: zapier.received
  as: lead
  schedule: instant
  with: {fields: {email: e-mail}}
steps:
  - use: zapier.send_to_catch_hook
    connection: leads-zap
    with: {data: {email: "{{ lead.fields.email }}"}}
"""


def check(connections: set[str]) -> list[str]:
    return [one.message for one in check_text(RECIPE, Path("zap.yaml"), HOST, connections)]


def test_a_hook_that_a_step_names_must_be_there_and_the_trigger_needs_none() -> None:
    assert check({"leads-zap"}) == []
    assert check(set()) == ["There is no connection 'leads-zap'."]


def test_without_a_name_there_need_be_no_connection(sqlite_store: Store) -> None:
    assert connection_for(sqlite_store, CONNECTOR, "zapier").name
    with pytest.raises(SetupError, match="leads-zap"):
        connection_for(sqlite_store, CONNECTOR, "leads-zap")


def test_who_can_be_connected_is_who_has_a_secret() -> None:
    assert not CONNECTOR.needs_connection
    assert CONNECTOR.may_have_connection
    assert HOST.connector("webhook").may_have_connection
