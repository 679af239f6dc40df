"""Users: one's own password, invitations by a link, log-ins taken away."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from engine.backup.making import make_backup
from engine.store.invitations import find_invitation, invite, open_invitations
from engine.store.tables import invitations
from engine.store.users import find_user, list_users

LONG = "four random little words"

EMAIL, PASSWORD = "admin@harborlaw.example", "four random little words"
OTHER, ANOTHER = "ann@harborlaw.example", "five other random little words"


@pytest.fixture
def stranger(app, visitor):
    """Another browser."""
    return type(visitor)(app.test_client())


def link_in(page: str) -> str:
    found = re.search(r'value="http://localhost(/welcome/[^"]+)"', page)
    assert found, page
    return found[1]


def join(admin, stranger) -> None:
    """Invite Ann, who chooses a password and logs in."""
    link = link_in(admin.post("/people/invite", email=OTHER).text)
    stranger.post(link, password=ANOTHER, again=ANOTHER)
    stranger.post("/log-in", email=OTHER, password=ANOTHER)


def test_an_invited_person_chooses_a_password_and_logs_in(admin, stranger, store):
    page = admin.post("/people/invite", email=f" {OTHER.upper()} ").text
    link = link_in(page)
    assert OTHER in page
    welcome = stranger.get(link).text
    assert "Choose a password" in welcome
    assert OTHER in welcome
    assert find_user(store, OTHER) is None  # a link alone is no log-in
    assert stranger.post(link, password=ANOTHER, again=ANOTHER).location == "/log-in"
    assert stranger.post("/log-in", email=OTHER, password=ANOTHER).location == "/"
    assert stranger.get("/people/").status_code == 200


def test_a_link_works_once(admin, stranger, store):
    link = link_in(admin.post("/people/invite", email=OTHER).text)
    stranger.post(link, password=ANOTHER, again=ANOTHER)
    for answer in (stranger.get(link), stranger.post(link, password=PASSWORD, again=PASSWORD)):
        assert answer.status_code == 404
        assert "This link no longer counts" in answer.text
    assert stranger.post("/log-in", email=OTHER, password=ANOTHER).location == "/"


def test_a_link_is_good_for_three_days(admin, stranger, store):
    link = link_in(admin.post("/people/invite", email=OTHER).text)
    (open_one,) = open_invitations(store)
    assert timedelta(days=2.9) < open_one.expires_at - datetime.now(UTC) < timedelta(days=3)
    with store.writing() as connection:
        connection.execute(update(invitations).values(expires_at=datetime.now(UTC)))
    assert stranger.get(link).status_code == 404
    assert open_invitations(store) == []


def test_a_link_is_kept_as_a_hash_and_shown_once(admin, store):
    link = link_in(admin.post("/people/invite", email=OTHER).text)
    token = link.rpartition("/")[2]
    with store.reading() as connection:
        assert token not in str(connection.execute(invitations.select()).all())
    page = admin.get("/people/").text
    assert token not in page
    assert OTHER in page


def test_a_newer_link_replaces_the_older(admin, store):
    old = invite(store, OTHER, EMAIL)
    new = invite(store, OTHER, EMAIL)
    assert find_invitation(store, old) is None
    assert find_invitation(store, new).email == OTHER


def test_a_link_is_taken_back(admin, stranger):
    link = link_in(admin.post("/people/invite", email=OTHER).text)
    admin.post("/people/take-back", email=OTHER)
    assert stranger.get(link).status_code == 404


@pytest.mark.parametrize(
    ("email", "sentence"),
    [("", "Type an e-mail address."), ("ann", "This is no e-mail address."),
     (EMAIL, "This address is a user already.")],
)  # fmt: skip
def test_an_invitation_says_what_is_wrong(admin, store, email, sentence):
    assert sentence in admin.post("/people/invite", email=email).text
    assert open_invitations(store) == []


def test_a_short_password_is_refused_and_the_link_still_counts(admin, stranger):
    link = link_in(admin.post("/people/invite", email=OTHER).text)
    page = stranger.post(link, password="short", again="short").text
    assert "A password has 12 to 200 characters." in page
    assert stranger.get(link).status_code == 200


def test_a_changed_password_logs_out_everywhere_else(admin, app, visitor, store):
    elsewhere = type(visitor)(app.test_client())
    elsewhere.post("/log-in", email=EMAIL, password=PASSWORD)
    assert elsewhere.get("/people/").status_code == 200
    page = admin.post(
        "/people/password", follow=True, current=PASSWORD, password=ANOTHER, again=ANOTHER
    )
    assert "Your password is changed." in page.text
    assert admin.get("/people/").status_code == 200
    assert elsewhere.get("/people/").location.startswith("/log-in")
    assert elsewhere.post("/log-in", email=EMAIL, password=PASSWORD).status_code == 401
    assert elsewhere.post("/log-in", email=EMAIL, password=ANOTHER).location == "/"


def test_a_password_is_changed_only_by_who_knows_it(admin, store):
    before = find_user(store, EMAIL).password_hash
    page = admin.post("/people/password", current="a guess", password=ANOTHER, again=ANOTHER)
    assert "This is not your password." in page.text
    assert find_user(store, EMAIL).password_hash == before


def test_guessing_it_is_slowed_down(admin):
    form = {"password": ANOTHER, "again": ANOTHER}
    answers = [admin.post("/people/password", current=f"guess {n}", **form) for n in range(12)]
    assert [answer.status_code for answer in answers].count(429) == 2


def test_a_user_who_is_removed_is_logged_out_at_once(admin, stranger, store):
    join(admin, stranger)
    assert stranger.get("/").status_code == 200
    page = admin.post("/people/remove", follow=True, email=OTHER).text
    assert f"{OTHER} is removed" in page
    assert stranger.get("/").location.startswith("/log-in")
    assert [user.email for user in list_users(store)] == [EMAIL]
    assert "There is no such user any more." in (
        admin.post("/people/remove", follow=True, email=OTHER).text
    )


def test_nobody_removes_themselves(admin, store):
    page = admin.post("/people/remove", follow=True, email=EMAIL.upper()).text
    assert "You can&#39;t remove yourself." in page
    assert find_user(store, EMAIL) is not None


def test_who_forgot_a_password_gets_a_link_and_old_sessions_end(admin, stranger):
    join(admin, stranger)
    link = link_in(admin.post("/people/link", email=OTHER).text)
    assert stranger.get("/").status_code == 200  # until another password is chosen
    admin_again = type(admin)(admin.client.application.test_client())
    admin_again.post(link, password=PASSWORD, again=PASSWORD)
    assert stranger.get("/").location.startswith("/log-in")
    assert stranger.post("/log-in", email=OTHER, password=PASSWORD).location == "/"


def test_a_removed_users_link_is_gone_too(admin, stranger):
    join(admin, stranger)
    link = link_in(admin.post("/people/link", email=OTHER).text)
    admin.post("/people/remove", email=OTHER)
    assert stranger.get(link).status_code == 404


def test_pages_whose_first_admin_is_chosen_already_let_nobody_else_be_it(visitor, store):
    token = invite(store, "ann@harborlaw.example", "the command line")
    assert visitor.get("/").location.startswith("/log-in")
    assert visitor.get("/setup").location == "/log-in"
    form = {"email": "eve@x.example", "password": LONG, "again": LONG}
    visitor.client.post("/setup", data={"csrf_token": visitor.token(), **form})
    assert list_users(store) == []
    visitor.post(f"/welcome/{token}", password=LONG, again=LONG)
    assert [user.email for user in list_users(store)] == ["ann@harborlaw.example"]


def test_once_that_link_is_too_old_the_first_who_comes_makes_the_admin_again(visitor, store):
    invite(store, "ann@harborlaw.example", "the command line")
    with store.writing() as connection:
        connection.execute(update(invitations).values(expires_at=datetime.now(UTC) - timedelta(1)))
    assert visitor.get("/log-in").location == "/setup"


def test_the_page_says_when_the_last_backup_was_made(admin, store, tmp_path):
    assert "None was made of this home yet" in admin.get("/people/").text
    made = make_backup(store, tmp_path / "recipes", tmp_path / "all.tar")
    page = admin.get("/people/").text
    assert "None was made" not in page
    assert f"{made.manifest.made_at:%Y-%m-%dT%H:%M}" in page
