"""The names that outsiders build on: none vanishes or appears unnoticed."""

import tomllib
from pathlib import Path

import pytest

import engine.sdk
from engine import hookspecs

ROOT = Path(__file__).parents[1]

#: What a connector may import. Taking one away breaks connectors; adding one is for ever.
SDK = {
    # a connector and what it declares
    "Complete", "Connector", "Context", "Field", "File", "Option", "Record", "Schema", "NotRequired", "TypedDict", "Unpack",
    "typeddict_schema",
    "Account", "ApiKey", "Basic", "ClientCredentials", "JwtBearer", "LogIn", "NoAuth", "OAuth2", "OwnAuth",
    "LastId", "NextLink", "NextToken", "Offset", "PageNumber", "Pagination", "dig", "json_in",
    "LimitHeaders", "Rate",
    # what its functions answer
    "Accepted", "BadRecord", "PartRead", "Upload", "Rejected", "RowResult",
    # what they raise
    "AuthError", "BusyError",
    "CannotTell", "ConnectorError", "InputError", "RemoteError", "RetryableError", "SetupError", "tolerating",
    # its webhooks, and how they are signed
    "Delivery", "Handshake", "HookReply", "HookRequest", "Signature", "Subscription", "Webhook",
    "ClioSignature", "HeaderToken", "Hmac", "MailchimpSignature", "SegmentSignature", "SlackSignature",
    "StripeSignature", "UrlSecret",
    # its practice server, and what its operations are tried with
    "Examples", "Fault", "HookSender", "PracticeServer", "is_https_or_loopback", "json_response", "route",
    "LogInRefusal", "PracticeApp", "PracticeConsent", "PracticeRefusal", "Request", "RequestWindow", "Response", "Shelf", "ShelfServer",
    # the hook
    "hookimpl",
}  # fmt: skip


def test_the_sdk_offers_just_these_names() -> None:
    assert set(engine.sdk.__all__) == SDK


def test_every_offered_name_is_there_and_listed_in_order() -> None:
    assert engine.sdk.__all__ == sorted(engine.sdk.__all__)
    for name in engine.sdk.__all__:
        assert hasattr(engine.sdk, name)


def test_nothing_else_can_be_taken_through_the_door() -> None:
    public = {name for name in vars(engine.sdk) if not name.startswith("_")}
    assert public - {"TYPE_CHECKING", "import_module"} <= SDK
    with pytest.raises(ImportError):
        exec("from engine.sdk import Engine")


def test_every_hook_is_documented_and_used_by_a_shipped_connector() -> None:
    hooks = [name for name, hook in vars(hookspecs).items() if hasattr(hook, "bridgework_spec")]
    assert hooks == ["register_connectors"]
    for name in hooks:
        assert getattr(hookspecs, name).__doc__
        users = [p for p in (ROOT / "plugins").rglob("*.py") if f"def {name}(" in p.read_text()]
        assert users


def test_every_folder_of_a_connector_is_an_entry_point() -> None:
    """And so a new connector is one folder and one line."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = project["entry-points"]["bridgework.connectors"]
    folders = {p.parent.name for p in (ROOT / "plugins").glob("*/__init__.py")}
    assert named == {name: f"plugins.{name}" for name in sorted(folders)}


def test_the_command_is_called_bridgework() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"bridgework": "engine.cli:main"}
