"""Incoming webhooks: an address that posts in one channel, and needs no app's token.

Their refusals are plain texts, as Slack announced on 2016-05-17; ``no_text``, ``no_service``,
``no_team`` and ``invalid_token`` are from third parties.
"""

import re
from urllib.parse import urlsplit

import httpx2

from engine.sdk import (
    Accepted,
    Account,
    AuthError,
    Complete,
    ConnectorError,
    Context,
    InputError,
    RetryableError,
    SetupError,
    tolerating,
)
from plugins.slack.messages import JSON, Alerts, Blocks, Text, content_of

HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
PATH = re.compile(r"/services/(T[A-Z0-9]+)/(B[A-Z0-9]+)/[A-Za-z0-9]+")

POSTED = Complete(posted=True)

#: The address is the connection, and its channel is fixed: what is wrong there is no record's fault.
BROKEN = {
    "no_service": "Slack no longer knows this webhook: somebody removed it or switched it off.",
    "no_active_hooks": "Somebody in Slack switched this webhook off.",
    "no_team": "Slack doesn't know the workspace of this webhook.",
    "invalid_token": "Slack doesn't accept the address of this webhook.",
    "channel_not_found": "The channel of this webhook is gone.",
    "channel_is_archived": "The channel of this webhook is archived.",
    "action_prohibited": "The workspace's settings don't let this webhook post in its channel.",
    "posting_to_general_channel_denied": "Apps may not post in the workspace's general channel.",
}
RECORDS = {
    "invalid_payload": "Slack does not understand this message.",
    "invalid_blocks": "Slack does not understand the blocks.",
    "no_text": "The message is empty.",
    "user_not_found": "Slack has no such person.",
    "too_many_attachments": "The message has more than 100 attachments.",
}
HINT = (
    "Make a new webhook in Slack for a channel of your choice, and give the connection its address."
)


def post_to_webhook(
    ctx: Context, text: Text = None, blocks: Blocks = None, alert_everybody: Alerts = False
) -> Accepted:
    """Post a message in the channel of an incoming webhook.

    The connection must be one with a webhook's address. Slack gives the message no id, so it can't
    be changed later; if the answer is lost, a person decides whether to send it again.
    """
    content = content_of(text, None, blocks, alert_everybody)
    answer = ctx.http.post(_address(ctx), json=content, headers=JSON)
    return Accepted({"posted": answer.text.strip() == "ok"}, created=True)


def account(ctx: Context) -> Account:
    """Return which webhook an address is, having asked whether it is alive.

    Slack refuses an empty message, but says first if it can't post at all.
    """
    with tolerating("no_text", "invalid_payload"):
        ctx.http.post(_address(ctx), json={}, headers=JSON, idempotent=True)
    found = PATH.fullmatch(urlsplit(ctx.secrets["webhook_url"]).path)
    assert found is not None
    return Account(id=f"{found[1]}/{found[2]}", label=f"Webhook {found[2]} of workspace {found[1]}")


def explain(response: httpx2.Response) -> ConnectorError | None:
    """Turn a webhook's refusal into an error people understand."""
    if not response.request.url.path.startswith("/services/") or response.status_code == 429:
        return None
    said = response.text.strip()[:60]
    if said in BROKEN:
        return AuthError(BROKEN[said], hint=HINT)
    if said in RECORDS:
        field = "blocks" if "blocks" in said else "text"
        return InputError(RECORDS[said], hint="Correct it in the recipe.", field=field, code=said)
    if response.status_code >= 500:  # "rollup_error"
        return RetryableError(
            "Slack has a problem of its own.", hint="Try again later.", maybe_sent=True
        )
    return None


def _address(ctx: Context) -> str:
    """Return where the connection's webhook is reached.

    :raises SetupError: the connection has none.
    """
    given = ctx.secrets.get("webhook_url")
    if not given:
        raise SetupError(
            "This connection to Slack is not that of an incoming webhook.",
            hint="Use `slack.post_message` with it, or add a connection with `--set log_in=webhook`.",
        )
    parts = urlsplit(given.strip())
    if parts.scheme != "https" or parts.hostname not in HOSTS or not PATH.fullmatch(parts.path):
        raise SetupError(
            "The address of the incoming webhook is none of Slack's.",
            hint="It looks like https://hooks.slack.com/services/T…/B…/…; copy it whole.",
        )
    # A practice server stands in for this host as for the others.
    origin = str(ctx.connection.get("base_url") or f"https://{parts.hostname}").rstrip("/")
    return origin + parts.path
