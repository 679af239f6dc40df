"""The one door for plugins: everything a connector needs, and nothing else of the engine.

What practice servers are made of is imported when it is asked for: no run needs it, and with
Werkzeug it takes 0.03 s. So are signatures, which only connectors with webhooks have.
"""

from importlib import import_module
from typing import TYPE_CHECKING, NotRequired

from typing_extensions import TypedDict, Unpack

from engine.auth import (
    Account,
    ApiKey,
    Basic,
    ClientCredentials,
    JwtBearer,
    LogIn,
    NoAuth,
    OAuth2,
    OwnAuth,
)
from engine.connector import Connector
from engine.context import Context
from engine.documents import dig, json_in
from engine.errors import (
    AuthError,
    BusyError,
    CannotTell,
    ConnectorError,
    InputError,
    RemoteError,
    RetryableError,
    SetupError,
    tolerating,
)
from engine.examples import Examples
from engine.fields import Complete, Field, Option, Record, Schema, typeddict_schema
from engine.files import File
from engine.hookspecs import hookimpl
from engine.limits import LimitHeaders, Rate
from engine.operations import Upload
from engine.pagination import LastId, NextLink, NextToken, Offset, PageNumber, Pagination
from engine.results import Accepted, BadRecord, PartRead, Rejected, RowResult
from engine.webhooks import (
    Delivery,
    Handshake,
    HookReply,
    HookRequest,
    Signature,
    Subscription,
    Webhook,
)

if TYPE_CHECKING:
    from engine.practice.consent import LogInRefusal, PracticeApp, PracticeConsent
    from engine.practice.limits import RequestWindow
    from engine.practice.server import (
        Fault,
        PracticeRefusal,
        PracticeServer,
        Request,
        Response,
        json_response,
        route,
    )
    from engine.practice.shelf import Shelf, ShelfServer
    from engine.practice.webhooks import HookSender, is_https_or_loopback
    from engine.signatures import (
        ClioSignature,
        HeaderToken,
        Hmac,
        MailchimpSignature,
        SegmentSignature,
        SlackSignature,
        StripeSignature,
        UrlSecret,
    )

__all__ = [
    "Accepted",
    "Account",
    "ApiKey",
    "AuthError",
    "BadRecord",
    "Basic",
    "BusyError",
    "CannotTell",
    "ClientCredentials",
    "ClioSignature",
    "Complete",
    "Connector",
    "ConnectorError",
    "Context",
    "Delivery",
    "Examples",
    "Fault",
    "Field",
    "File",
    "Handshake",
    "HeaderToken",
    "Hmac",
    "HookReply",
    "HookRequest",
    "HookSender",
    "InputError",
    "JwtBearer",
    "LastId",
    "LimitHeaders",
    "LogIn",
    "LogInRefusal",
    "MailchimpSignature",
    "NextLink",
    "NextToken",
    "NoAuth",
    "NotRequired",
    "OAuth2",
    "Offset",
    "Option",
    "OwnAuth",
    "PageNumber",
    "Pagination",
    "PartRead",
    "PracticeApp",
    "PracticeConsent",
    "PracticeRefusal",
    "PracticeServer",
    "Rate",
    "Record",
    "Rejected",
    "RemoteError",
    "Request",
    "RequestWindow",
    "Response",
    "RetryableError",
    "RowResult",
    "Schema",
    "SegmentSignature",
    "SetupError",
    "Shelf",
    "ShelfServer",
    "Signature",
    "SlackSignature",
    "StripeSignature",
    "Subscription",
    "TypedDict",
    "Unpack",
    "Upload",
    "UrlSecret",
    "Webhook",
    "dig",
    "hookimpl",
    "is_https_or_loopback",
    "json_in",
    "json_response",
    "route",
    "tolerating",
    "typeddict_schema",
]

#: Where the names stand that are imported when they are asked for, by what they import themselves.
_WHEN_ASKED = (
    "engine.signatures",
    "engine.practice.server",
    "engine.practice.webhooks",
    "engine.practice.limits",
    "engine.practice.shelf",
    "engine.practice.consent",
)

if not TYPE_CHECKING:  # mypy would take every misspelt name for one that this function finds

    def __getattr__(name: str) -> object:
        """Import such a name when it is first asked for (PEP 562)."""
        for module in _WHEN_ASKED if name in __all__ else ():
            if hasattr(found := import_module(module), name):
                return globals().setdefault(name, getattr(found, name))
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
