"""``bridgework users``: for whoever is locked out of the pages."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from engine.store.database import Store
from engine.store.invitations import find_invitation
from engine.store.users import add_first_user, find_user, list_users

Bridgework = Callable[..., Result]
EMAIL, OTHER = "admin@harborlaw.example", "ann@harborlaw.example"


@pytest.fixture
def admin(store: Store) -> Store:
    add_first_user(store, EMAIL, "a hash")
    return store


def token(printed: Result) -> str:
    assert printed.exit_code == 0, printed.stderr
    return printed.stdout.strip().rpartition("/welcome/")[2]


def test_a_fresh_home_has_nobody(bridgework: Bridgework) -> None:
    assert "Nobody can log in yet." in bridgework("users").stderr
    assert json.loads(bridgework("users", "list", "--json").stdout) == []


def test_a_user_is_added_by_a_link(bridgework: Bridgework, admin: Store) -> None:
    added = bridgework("users", "add", OTHER)
    assert added.stdout.startswith("http://127.0.0.1:8080/welcome/")
    assert "It works once" in added.stderr
    found = find_invitation(admin, token(added))
    assert found is not None
    assert (found.email, found.invited_by) == (OTHER, "the command line")
    listed = bridgework("users").stdout
    assert EMAIL in listed
    assert "invited, link good until" in listed


def test_the_link_leads_to_the_public_address(
    bridgework: Bridgework, admin: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGEWORK_PUBLIC_URL", "https://bridgework.firm.example")
    added = bridgework("users", "add", OTHER)
    assert added.stdout.startswith("https://bridgework.firm.example/welcome/")


def test_a_forgotten_password_is_replaced_by_a_link(bridgework: Bridgework, admin: Store) -> None:
    found = find_invitation(admin, token(bridgework("users", "reset", EMAIL)))
    assert found is not None
    assert found.email == EMAIL
    assert "new password, link good until" in bridgework("users").stdout
    assert [user["email"] for user in json.loads(bridgework("users", "list", "--json").stdout)] == [
        EMAIL
    ]


@pytest.mark.parametrize(
    ("command", "email", "code", "sentence"),
    [
        ("add", "nobody", 2, "is no e-mail address"),
        ("add", EMAIL, 3, "is a user already"),
        ("reset", OTHER, 3, "There is no user"),
        ("remove", OTHER, 3, "There is no user"),
        ("remove", EMAIL, 3, "is the only user"),
    ],
)
def test_what_can_not_be_done_is_told(
    bridgework: Bridgework, admin: Store, command: str, email: str, code: int, sentence: str
) -> None:
    result = bridgework("users", command, email)
    assert (result.exit_code, result.stdout) == (code, "")
    assert sentence in result.stderr
    assert [user.email for user in list_users(admin)] == [EMAIL]


def test_a_user_or_an_invitation_is_removed(bridgework: Bridgework, admin: Store) -> None:
    from engine.store.invitations import accept_invitation

    accept_invitation(admin, token(bridgework("users", "add", OTHER)), "another hash")
    assert find_user(admin, OTHER) is not None
    reset = token(bridgework("users", "reset", OTHER))
    assert bridgework("users", "remove", OTHER).exit_code == 0
    assert find_user(admin, OTHER) is None
    assert find_invitation(admin, reset) is None
    invited = token(bridgework("users", "add", OTHER))
    assert "no longer counts" in bridgework("users", "remove", OTHER).stderr
    assert find_invitation(admin, invited) is None
