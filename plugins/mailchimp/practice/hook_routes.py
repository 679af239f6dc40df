"""Paths of the practice server's webhooks."""

from werkzeug.wrappers import Request, Response

from engine.sdk import PracticeServer, json_response, route
from plugins.mailchimp.practice.access import signed_in, with_audience, with_webhook
from plugins.mailchimp.practice.answers import page_of
from plugins.mailchimp.practice.audience import Audience
from plugins.mailchimp.practice.webhooks import Webhook, Webhooks

LIST = "/3.0/lists/<list_id>"
WEBHOOK = LIST + "/webhooks/<id>"


class HookRoutes(PracticeServer):
    """Lists, makes, changes and removes webhooks."""

    webhooks: Webhooks

    @route("GET", LIST + "/webhooks")
    @signed_in
    @with_audience
    def list_webhooks(self, request: Request, audience: Audience) -> Response:
        """List an audience's webhooks."""
        rows = [hook.shown() for hook in self.webhooks.of(audience)]
        body = {"webhooks": page_of(rows, request), "list_id": audience.id}
        return json_response({**body, "total_items": len(rows)})

    @route("POST", LIST + "/webhooks")
    @signed_in
    @with_audience
    def create_webhook(self, request: Request, audience: Audience) -> Response:
        """Add a webhook, once its address has been asked."""
        return json_response(self.webhooks.create(audience, request.get_json()))

    @route("GET", WEBHOOK)
    @signed_in
    @with_webhook
    def show_webhook(self, request: Request, hook: Webhook) -> Response:
        """Show one webhook."""
        return json_response(hook.shown())

    @route("PATCH", WEBHOOK)
    @signed_in
    @with_webhook
    def change_webhook(self, request: Request, hook: Webhook) -> Response:
        """Change what a webhook tells."""
        self.webhooks.change(hook, request.get_json())
        return json_response(hook.shown())

    @route("DELETE", WEBHOOK)
    @signed_in
    @with_webhook
    def delete_webhook(self, request: Request, hook: Webhook) -> Response:
        """Remove a webhook."""
        self.webhooks.drop(hook)
        return Response(status=204)
