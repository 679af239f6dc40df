"""Paths of the practice server's log-in, which Mailchimp has at login.mailchimp.com."""

from werkzeug.utils import redirect

from engine.sdk import Request, Response, json_response, route
from plugins.mailchimp.practice import sample_data
from plugins.mailchimp.practice.access import DATA_CENTRE, AccountServer
from plugins.mailchimp.practice.oauth import PAGE, metadata_of


class LogInRoutes(AccountServer):
    """Asks for consent, gives tokens, and tells where the account is kept."""

    @route("GET", "/oauth2/authorize", open=True)
    def consent(self, request: Request) -> Response:
        if refusal := self.oauth.problem_with(request.args):
            return Response(refusal, 400)
        return Response(PAGE.format(account=sample_data.ACCOUNT), content_type="text/html")

    @route("POST", "/oauth2/authorize", open=True)
    def decide(self, request: Request) -> Response:
        """Go back with a code, or without."""
        if refusal := self.oauth.problem_with(request.args):
            return Response(refusal, 400)
        allowed = request.form.get("decision") == "allow"
        return redirect(self.oauth.back(request.args, allowed=allowed))

    @route("POST", "/oauth2/token", open=True)
    def token(self, request: Request) -> Response:
        return json_response(self.oauth.token(request.form))

    @route("GET", "/oauth2/metadata", open=True)
    def metadata(self, request: Request) -> Response:
        if not self.oauth.knows(request.headers.get("Authorization", "")):
            return json_response({"error": "invalid_token"}, 401)
        return json_response(metadata_of(DATA_CENTRE, sample_data.ACCOUNT))
