"""What stands at a webhook's address in tests: it does what Bridgework's pages do with a request."""

from collections.abc import Iterable
from datetime import UTC, datetime
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from engine.calls import call_deliveries
from engine.webhooks import Delivery, Handshake, HookReply, HookRequest, Webhook
from tests.plugins.line import Clock


class Receiver:
    """Answers handshakes, looks at signatures, and keeps what is genuine.

    :param clock: that signatures are looked at by; default: the time it is.
    :ivar secret: that senders have; a handshake may tell it.
    :ivar status: what is answered to what is genuine, and to a handshake if it isn't 200.
    """

    def __init__(self, hook: Webhook, clock: Clock | None = None) -> None:
        self.hook, self.clock = hook, clock
        self.secret, self.status = "", 200
        self.refused: list[str] = []
        self.requests: list[HookRequest] = []

    @property
    def took(self) -> list[Delivery]:
        return [one for request in self.requests for one in call_deliveries(self.hook, request, {})]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        given = HookRequest(request.method, headers, request.args.to_dict(), request.get_data())
        handshake = self.hook.handshake_function
        answer = None if handshake is None else handshake(given, self.secret)
        if isinstance(answer, Handshake):
            self.secret, answer = answer.secret, answer.reply
        if isinstance(answer, HookReply):
            status = answer.status if self.status == 200 else self.status
            return Response(answer.body, status, headers=dict(answer.headers))
        assert self.hook.signature is not None
        now = datetime.now(UTC) if self.clock is None else self.clock.moment
        if refusal := self.hook.signature.refusal(given, self.secret, now):
            self.refused.append(refusal)
            return Response(status=401)
        self.requests.append(given)
        return Response(status=self.status)
