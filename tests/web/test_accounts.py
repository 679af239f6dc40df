"""First start, log-in, log-out, and who may see what."""

import stat
from collections.abc import Callable

import pytest
from flask import Flask

from engine.store.database import Store
from engine.store.users import add_first_user, find_user, has_users

GOOD = {"email": "Admin@HarborLaw.example", "password": "four random little words"}


def set_up(visitor, **changes):
    form = {**GOOD, "again": GOOD["password"], **changes}
    return visitor.post("/setup", **form)


def test_the_first_start_leads_to_the_setup_page(visitor):
    page = visitor.client.get("/", follow_redirects=True)
    assert page.request.path == "/setup"
    assert "Make the admin account" in page.text


def test_the_admin_is_made_once_and_the_page_is_closed_afterwards(visitor, store):
    assert set_up(visitor).location == "/log-in"
    user = find_user(store, "admin@harborlaw.example")
    assert user is not None
    assert GOOD["password"] not in user.password_hash
    assert visitor.get("/setup").location == "/log-in"
    again = visitor.client.post("/setup", data={"csrf_token": visitor.token(), **GOOD})
    assert again.location == "/log-in"
    assert find_user(store, "intruder@example.com") is None


def test_two_who_set_up_at_once_make_one_admin(store):
    add_first_user(store, "first@example.com", "x")
    with pytest.raises(Exception, match="There is an admin already"):
        add_first_user(store, "second@example.com", "x")
    assert find_user(store, "second@example.com") is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"password": "short", "again": "short"}, "A password has 12 to 200 characters."),
        ({"password": "x" * 201, "again": "x" * 201}, "A password has 12 to 200 characters."),
        ({"again": "another password"}, "The two passwords differ."),
        ({"email": "nobody"}, "This is no e-mail address."),
        ({"email": ""}, "Type an e-mail address."),
    ],
)
def test_setup_says_what_is_wrong_and_makes_nobody(visitor, store, changes, sentence):
    page = set_up(visitor, **changes)
    assert page.status_code == 200
    assert sentence in page.text
    assert not has_users(store)


def test_a_password_is_never_written_into_a_page(visitor):
    page = set_up(visitor, again="different little words!")
    assert GOOD["password"] not in page.text


def test_log_in_takes_the_address_in_any_capitals_and_leads_where_one_was_going(visitor):
    set_up(visitor)
    wanted = visitor.get("/runs/?recipe=contacts").location
    assert wanted == "/log-in?next=/runs/?recipe%3Dcontacts"
    form = {**GOOD, "email": " ADMIN@harborlaw.EXAMPLE "}
    assert visitor.post(wanted, **form).location == "/runs/?recipe=contacts"
    assert "admin@harborlaw.example" in visitor.get("/").text


@pytest.mark.parametrize("password", ["four random little word", "", "x" * 500])
def test_a_wrong_password_is_refused_without_saying_which_half_is_wrong(visitor, password):
    set_up(visitor)
    page = visitor.post("/log-in", email=GOOD["email"], password=password)
    assert visitor.get("/").location.startswith("/log-in")
    assert "no such user" not in page.text.lower()


def test_an_unknown_address_gets_the_same_answer_as_a_wrong_password(visitor):
    set_up(visitor)
    unknown = visitor.post("/log-in", email="who@example.com", password=GOOD["password"])
    wrong = visitor.post("/log-in", email=GOOD["email"], password="some other password")
    assert (unknown.status_code, wrong.status_code) == (401, 401)
    sentence = "The e-mail address or the password is wrong."
    assert sentence in unknown.text
    assert sentence in wrong.text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example/",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil",
    ],
)
def test_nobody_is_sent_to_another_site_after_the_log_in(visitor, target):
    set_up(visitor)
    answer = visitor.client.post(
        "/log-in", query_string={"next": target}, data={"csrf_token": visitor.token(), **GOOD}
    )
    assert answer.location == "/"


def test_log_out_ends_the_session(admin):
    assert admin.get("/").status_code == 200
    assert admin.post("/log-out").location == "/log-in"
    assert admin.get("/").location.startswith("/log-in")


def test_the_session_starts_anew_at_log_in(visitor):
    set_up(visitor)
    with visitor.client.session_transaction() as session:
        session["planted"] = "by someone else"
    visitor.post("/log-in", **GOOD)
    with visitor.client.session_transaction() as session:
        assert "planted" not in session


def test_a_user_who_is_gone_is_logged_out(admin, store):
    from sqlalchemy import delete

    from engine.store.tables import users

    with store.writing() as connection:
        connection.execute(delete(users))
    assert admin.get("/recipes/").status_code == 302


def test_a_live_page_whose_session_ended_is_told_so_in_its_own_language(visitor):
    set_up(visitor)
    answer = visitor.get("/runs/1/progress", headers={"Accept": "application/json"})
    assert answer.status_code == 401


def test_guessing_passwords_is_slowed_down(visitor):
    set_up(visitor)
    answers = [
        visitor.post("/log-in", email=GOOD["email"], password=f"guess number {n} of many")
        for n in range(12)
    ]
    assert [answer.status_code for answer in answers].count(429) >= 2
    assert "Wait a minute, then try again." in answers[-1].text


@pytest.fixture
def new_app(store: Store, host, library) -> Callable[[], Flask]:
    from web import create_app

    return lambda: create_app(store, host, library)


def test_passwords_are_kept_so_that_guessing_takes_years(new_app, visitor, store):
    there = type(visitor)(new_app().test_client())
    set_up(there)
    kept = find_user(store, "admin@harborlaw.example").password_hash
    method, cost, *_ = kept.split("$")[0].split(":")
    assert method == "scrypt"
    assert int(cost) >= 2**15
    assert there.post("/log-in", **{**GOOD, "password": "a guess that is wrong"}).status_code == 401
    assert there.post("/log-in", **GOOD).location == "/"


def test_the_cookie_key_is_kept_private_and_lasts(new_app, store):
    first = new_app().config["SECRET_KEY"]
    file = store.home / "keys" / "web.secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(first) == 64
    assert new_app().config["SECRET_KEY"] == first


def test_a_damaged_cookie_key_is_named_with_a_remedy(new_app, store):
    (store.home / "keys" / "web.secret").write_text("short")
    with pytest.raises(Exception, match=r"web\.secret' is damaged.*Delete the file"):
        new_app()


def test_the_cookie_key_is_no_key_of_the_vault(new_app, store):
    from engine.store.database import open_store

    new_app()
    sealed = store.vault.seal({"a": 1})
    again = open_store(store.home)
    assert again.vault.open(sealed) == {"a": 1}
    again.close()
