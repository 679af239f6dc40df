"""Users, invitations and consents under way, on either database."""

import threading

import pytest

from engine.errors import SetupError
from engine.store.connections import Connection
from engine.store.consents import PendingConsent, keep_consent, read_consent, take_consent
from engine.store.database import Store
from engine.store.invitations import accept_invitation, find_invitation, invite, open_invitations
from engine.store.users import (
    add_first_user,
    find_user,
    get_user,
    list_users,
    remove_user,
    set_password,
)

ANN, BOB = "ann@firm.example", "bob@firm.example"


@pytest.fixture
def ann(store: Store) -> int:
    add_first_user(store, ANN, "ann's hash")
    found = find_user(store, ANN)
    assert found is not None
    return found.id


def at_once(*acts) -> list[BaseException | None]:
    """Do all of it at the same time; return what each raised."""
    raised: list[BaseException | None] = [None] * len(acts)
    begin = threading.Barrier(len(acts))

    def do(number: int) -> None:
        begin.wait()
        try:
            acts[number]()
        except SetupError as error:
            raised[number] = error

    threads = [threading.Thread(target=do, args=(n,)) for n in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_one_link_used_twice_at_once_counts_once(store: Store, ann: int) -> None:
    token = invite(store, BOB, ANN)
    raised = at_once(
        lambda: accept_invitation(store, token, "one hash"),
        lambda: accept_invitation(store, token, "another hash"),
    )
    assert [error is None for error in raised].count(True) == 1
    assert [user.email for user in list_users(store)] == [ANN, BOB]
    assert open_invitations(store) == []


def test_an_address_is_one_however_it_is_written(store: Store, ann: int) -> None:
    invite(store, "  BOB@Firm.Example ", ANN)
    token = invite(store, BOB, ANN)
    assert [item.email for item in open_invitations(store)] == [BOB]
    assert accept_invitation(store, token, "a hash") == BOB


def test_two_users_who_remove_each_other_leave_one(store: Store, ann: int) -> None:
    accept_invitation(store, invite(store, BOB, ANN), "a hash")
    raised = at_once(lambda: remove_user(store, ANN), lambda: remove_user(store, BOB))
    assert [error is None for error in raised].count(True) == 1
    assert len(list_users(store)) == 1


def test_a_stamp_changes_with_the_password(store: Store, ann: int) -> None:
    before = get_user(store, ann)
    set_password(store, ann, "another hash")
    after = get_user(store, ann)
    assert before is not None
    assert after is not None
    assert before.stamp != after.stamp
    assert "hash" not in repr(after)


def test_nobody_knows_a_link_that_was_never_made(store: Store) -> None:
    assert find_invitation(store, "") is None
    assert find_invitation(store, "x" * 43) is None


# -- consents --------------------------------------------------------------------------------------


def pending(state: str = "a-state") -> PendingConsent:
    return PendingConsent(
        connection=Connection(
            name="clio", connector="clio", settings={"region": "eu"}, secrets={"client_secret": "s"}
        ),
        returning=False,
        authorization={
            "url": "https://x.test",
            "state": state,
            "verifier": "v",
            "redirect_uri": "r",
        },
    )


def test_a_consent_comes_back_as_it_was_kept(store: Store, ann: int) -> None:
    name = keep_consent(store, ann, pending())
    assert read_consent(store, ann, name) == pending()
    assert take_consent(store, ann, "a-state") == pending()
    assert read_consent(store, ann, name) is None


def test_a_consent_is_nobody_elses(store: Store, ann: int) -> None:
    name = keep_consent(store, ann, pending())
    assert read_consent(store, ann + 1, name) is None
    assert take_consent(store, ann + 1, "a-state") is None
    assert take_consent(store, ann, "another-state") is None
    assert take_consent(store, ann, "a-state") is not None


def test_a_consent_taken_twice_at_once_counts_once(store: Store, ann: int) -> None:
    keep_consent(store, ann, pending())
    taken: list[PendingConsent | None] = []
    at_once(*[lambda: taken.append(take_consent(store, ann, "a-state"))] * 4)
    assert len(taken) == 4
    assert taken.count(None) == 3


def test_the_consents_of_a_removed_user_are_gone(store: Store, ann: int) -> None:
    accept_invitation(store, invite(store, BOB, ANN), "a hash")
    bob = find_user(store, BOB)
    assert bob is not None
    name = keep_consent(store, bob.id, pending())
    remove_user(store, BOB)
    assert read_consent(store, bob.id, name) is None
