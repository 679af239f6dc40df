"""The one door for plugins: everything a connector needs, and nothing else of the engine."""

from typing import NotRequired

from typing_extensions import TypedDict

from engine.auth import ApiKey, Basic, NoAuth, OAuth2
from engine.connector import Connector
from engine.context import Context
from engine.errors import (
    AuthError,
    ConnectorError,
    InputError,
    RemoteError,
    RetryableError,
    SetupError,
)
from engine.fields import Field, Option, Record, Schema
from engine.hookspecs import hookimpl
from engine.operations import Accepted, BadRecord, Rejected, RowResult
from engine.pagination import NextLink, NextToken, Offset, PageNumber, Pagination, dig
from engine.practice import Fault, PracticeServer, json_response, route
from engine.webhooks import (
    Delivery,
    Handshake,
    HookReply,
    HookRequest,
    Signature,
    Subscription,
    Webhook,
)

__all__ = [
    "Accepted",
    "ApiKey",
    "AuthError",
    "BadRecord",
    "Basic",
    "Connector",
    "ConnectorError",
    "Context",
    "Delivery",
    "Fault",
    "Field",
    "Handshake",
    "HookReply",
    "HookRequest",
    "InputError",
    "NextLink",
    "NextToken",
    "NoAuth",
    "NotRequired",
    "OAuth2",
    "Offset",
    "Option",
    "PageNumber",
    "Pagination",
    "PracticeServer",
    "Record",
    "Rejected",
    "RemoteError",
    "RetryableError",
    "RowResult",
    "Schema",
    "SetupError",
    "Signature",
    "Subscription",
    "TypedDict",
    "Webhook",
    "dig",
    "hookimpl",
    "json_response",
    "route",
]
