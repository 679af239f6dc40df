"""Who may ask the practice server, and of what: the key, and what a path names is looked up."""

from engine.sdk import PracticeServer, Request, Response
from plugins.mailchimp.practice.audience import Audience, Refused
from plugins.mailchimp.practice.member import Member
from plugins.mailchimp.practice.oauth import OAuth
from plugins.mailchimp.practice.webhooks import Webhook, Webhooks

#: The one key this server accepts; its spelling says that it opens nothing.
API_KEY = "practice-mailchimp-key-us19"
DATA_CENTRE = API_KEY.rpartition("-")[2]

LIST = "/3.0/lists/<list_id>"


class AccountServer(PracticeServer):
    """One account: what it holds, and who is let in."""

    audiences: dict[str, Audience]
    webhooks: Webhooks
    oauth: OAuth

    def refusal(self, request: Request) -> None:
        """Let only requests with the API key or a token through, at the account's data centre."""
        header = request.headers.get("Authorization", "")
        given = request.authorization if header.lower().startswith("basic ") else None
        known = self.oauth.knows(header) or (given is not None and given.password == API_KEY)
        centre, _, domain = request.host.partition(".")
        elsewhere = domain == "api.mailchimp.com" and centre != DATA_CENTRE
        if not known or elsewhere:
            raise Refused(
                "API Key Invalid",
                "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
                status=401,
            )

    def not_found(self, request: Request) -> Response:
        raise no_resource()

    def audience(self, list_id: str) -> Audience:
        """Return the audience that a path names.

        :raises Refused: there is none; so the others do.
        """
        if list_id not in self.audiences:
            raise no_resource()
        return self.audiences[list_id]

    def member(self, list_id: str, who: str) -> tuple[Audience, Member]:
        audience = self.audience(list_id)
        member = audience.find(who)
        if member is None:
            raise no_resource()
        return audience, member

    def webhook(self, list_id: str, id: str) -> Webhook:
        hook = self.webhooks.rows.get(id)
        if hook is None or hook.list_id != self.audience(list_id).id:
            raise no_resource()
        return hook


def no_resource() -> Refused:
    text = "The requested resource could not be found."
    return Refused("Resource Not Found", text, status=404)
