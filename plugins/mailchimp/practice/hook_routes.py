"""Paths of the practice server's webhooks."""

from engine.sdk import Request, Response, json_response, route
from plugins.mailchimp.practice.access import LIST, AccountServer
from plugins.mailchimp.practice.answers import page_of

WEBHOOK = LIST + "/webhooks/<id>"


class HookRoutes(AccountServer):
    """Lists, makes, changes and removes webhooks."""

    @route("GET", LIST + "/webhooks")
    def list_webhooks(self, request: Request, list_id: str) -> Response:
        audience = self.audience(list_id)
        rows = [hook.shown() for hook in self.webhooks.of(audience)]
        body = {"webhooks": page_of(rows, request), "list_id": audience.id}
        return json_response({**body, "total_items": len(rows)})

    @route("POST", LIST + "/webhooks")
    def create_webhook(self, request: Request, list_id: str) -> Response:
        """Add a webhook, once its address has been asked."""
        audience = self.audience(list_id)
        return json_response(self.webhooks.create(audience, request.get_json()))

    @route("GET", WEBHOOK)
    def show_webhook(self, request: Request, list_id: str, id: str) -> Response:
        hook = self.webhook(list_id, id)
        return json_response(hook.shown())

    @route("PATCH", WEBHOOK)
    def change_webhook(self, request: Request, list_id: str, id: str) -> Response:
        hook = self.webhook(list_id, id)
        self.webhooks.change(hook, request.get_json())
        return json_response(hook.shown())

    @route("DELETE", WEBHOOK)
    def delete_webhook(self, request: Request, list_id: str, id: str) -> Response:
        hook = self.webhook(list_id, id)
        self.webhooks.drop(hook)
        return Response(status=204)
