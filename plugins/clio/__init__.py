"""Clio Manage: a law firm's matters, contacts and users."""

from typing import Any

from engine.sdk import Connector, LimitHeaders, NextLink, PracticeServer, Rate, hookimpl
from plugins.clio import connection, samples, triggers, webhooks

connector = Connector(
    name="clio",
    title="Clio",
    auth=connection.AUTH,
    base_url="https://{host}/api/v4",
    settings=connection.Settings,
    pagination=NextLink(path="meta.paging.next", size_param="limit", size=200),
    # At peak hours; at others Clio allows more and says how many. Per access token (documented).
    limits=(Rate(50, per=60),),
    limit_headers=LimitHeaders(limit="X-RateLimit-Limit"),
    headers={"X-API-VERSION": connection.VERSION},
)
connector.url_values(connection.url_values)
connector.check(connection.account)
connector.explain(connection.explain)

connector.trigger(
    "Matter added or changed",
    key="id",
    cursor="updated_at",
    label="display_number",
    noun="matter",
    sample=samples.MATTER,
    fetch=triggers.fetch_matter,
)(triggers.matter_changed)

connector.trigger(
    "Contact added or changed",
    key="id",
    cursor="updated_at",
    label="name",
    noun="contact",
    sample=samples.CONTACT,
    fetch=triggers.fetch_contact,
)(triggers.contact_changed)

connector.trigger(
    "User added or changed",
    key="id",
    cursor="updated_at",
    label="name",
    noun="user",
    sample=samples.USER,
    fetch=triggers.fetch_user,
)(triggers.user_changed)

webhooks.declare(connector)


@connector.practice
def practice(seed: int, **options: Any) -> PracticeServer:
    from plugins.clio.practice import PracticeClio  # here, because no run needs it

    return PracticeClio(seed, **options)


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
