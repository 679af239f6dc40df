"""Paths of the practice server's log-in, which Mailchimp has at login.mailchimp.com."""

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from engine.sdk import PracticeServer, json_response, route
from plugins.mailchimp.practice import sample_data
from plugins.mailchimp.practice.access import DATA_CENTRE
from plugins.mailchimp.practice.oauth import PAGE, OAuth, OAuthError, metadata_of


class LogInRoutes(PracticeServer):
    """Asks for consent, gives tokens, and tells where the account is kept."""

    oauth: OAuth

    @route("GET", "/oauth2/authorize")
    def consent(self, request: Request) -> Response:
        """Show the consent page."""
        if refusal := self.oauth.refusal(request.args):
            return Response(refusal, 400)
        return Response(PAGE.format(account=sample_data.ACCOUNT), content_type="text/html")

    @route("POST", "/oauth2/authorize")
    def decide(self, request: Request) -> Response:
        """Go back with a code, or without."""
        if refusal := self.oauth.refusal(request.args):
            return Response(refusal, 400)
        allowed = request.form.get("decision") == "allow"
        return redirect(self.oauth.redirect(request.args, allowed=allowed))

    @route("POST", "/oauth2/token")
    def token(self, request: Request) -> Response:
        """Give a token for a code."""
        try:
            return json_response(self.oauth.token(request.form))
        except OAuthError as error:
            body = {"error": error.error, "error_description": error.description}
            return json_response(body, 400)

    @route("GET", "/oauth2/metadata")
    def metadata(self, request: Request) -> Response:
        """Tell where the account is kept."""
        if not self.oauth.knows(request.headers.get("Authorization", "")):
            return json_response({"error": "invalid_token"}, 401)
        return json_response(metadata_of(DATA_CENTRE, sample_data.ACCOUNT))
