"""A recipe that Slack tells at once: its address on loopback, and what came of each request."""

from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import dedent
from typing import Any

from werkzeug.wrappers import Request, Response

import plugins.csv
import plugins.slack
from engine.host import Host, build_host
from engine.http.connect import new_connection
from engine.loopback import on_loopback
from engine.recipe.library import Library
from engine.run.recipes.switching import switch_on
from engine.run.webhooks.incoming import receive
from engine.store.connections import save_connection
from engine.store.database import Store
from engine.store.deliveries import Entry, list_deliveries
from engine.store.hooks import Hook, list_hooks
from engine.webhooks import HookReply, HookRequest
from plugins.slack.practice import PracticeSlack

RECIPE = """
name: Told at once
description: What happens in Slack becomes rows.
trigger:
  use: slack.{trigger}
  connection: {connection}
  with: {given}
  as: it
  schedule: instant
steps:
  - use: csv.append_rows
    with: {{file: told.csv, columns: {{id: "{{{{ it.id }}}}"}}}}
"""


class Told:
    """A recipe with a webhook, and the practice Slack that tells it.

    :ivar away: so many requests are answered with an error first.
    :ivar retries: the `X-Slack-Retry-Num` of each request.
    """

    def __init__(self, store: Store, server: PracticeSlack, recipe: str, host: Host) -> None:
        self.store, self.server, self._recipe, self.host = store, server, recipe, host
        self.away = 0
        self.retries: list[str | None] = []
        self.statuses: list[int] = []

    @property
    def hook(self) -> Hook:
        (found,) = list_hooks(self.store, recipe=self._recipe)
        return found

    @property
    def deliveries(self) -> list[Entry]:
        """What was taken, in the order it came."""
        assert self.server.events.sender.wait_until_idle()
        return list_deliveries(self.store)[::-1]

    def answer(self, asked: HookRequest) -> HookReply:
        """Take one request at the recipe's address."""
        return receive(self.store, self.host, self.hook.token, asked)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.retries.append(request.headers.get("X-Slack-Retry-Num"))
        if self.away > 0:
            self.away -= 1
            answer = Response(status=503)
        else:
            headers = {name.lower(): value for name, value in request.headers.items()}
            asked = HookRequest(request.method, headers, body=request.get_data())
            reply = self.answer(asked)
            answer = Response(reply.body, reply.status, dict(reply.headers))
        self.statuses.append(answer.status_code)
        return answer(environ, start_response)


@contextmanager
def told(
    store: Store,
    server: PracticeSlack,
    trigger: str,
    *events: str,
    given: str = "{}",
    connection: str = "slack",
) -> Iterator[Told]:
    """Switch a recipe on, and enter its address as the app's Request URL."""
    host = build_host([plugins.slack, plugins.csv], strict=True)
    settings = {**server.credentials(), "base_url": "http://practice.test"}
    save_connection(store, new_connection(plugins.slack.connector, connection, settings))
    folder = store.home / "recipes"
    folder.mkdir(exist_ok=True)
    text = dedent(RECIPE).format(trigger=trigger, given=given, connection=connection)
    name = f"told-{trigger.replace('_', '-')}"
    (folder / f"{name}.yaml").write_text(text, "utf-8")
    recipe = Library(folder).load(name)
    switch_on(store, host, recipe)
    here = Told(store, server, recipe.name, host)
    with on_loopback(here) as url:
        server.events.subscribe(url, events)
        assert server.events.sender.wait_until_idle()
        assert server.events.verified
        yield here
