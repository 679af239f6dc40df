"""Connecting in the browser: the app, its form, its consent page, and what is refused."""

from dataclasses import replace
from html import unescape
from re import search
from urllib.parse import urlsplit

import httpx2
import pytest

from engine.cli.practice_process import stop_practice
from engine.loopback import on_loopback
from engine.store.connections import (
    Connection,
    get_connection,
    list_connections,
    mark_checked,
    remove_connection,
    save_connection,
)

KEY = "practice-mailchimp-key-us19"


@pytest.fixture
def mailchimp(host):
    """A Mailchimp that takes :data:`KEY`; returns the address to give in the form."""
    with on_loopback(host.connector("mailchimp").practice_function(1)) as url:
        yield f"{url}/3.0"


def test_the_apps_are_offered_with_what_they_are_for(admin):
    page = admin.get("/connections/add").text
    assert "Matter added or changed" in page
    assert "Add or update members" in page
    assert "Experimental: Case Status" in page
    assert "Connected already" in page
    assert "Connect CSV file" in page  # of an SFTP server; files of this computer need none


def test_a_form_asks_for_what_the_connector_declares(admin):
    page = admin.get("/connections/add/mailchimp?log_in=api_key").text
    assert "Mailchimp: Profile, Extras, API keys. Copy it whole." in page
    assert search(r'<input[^>]*type="password"[^>]*|<input[^>]*setting_api_key', page)
    assert 'value="mailchimp-2"' in page  # mailchimp is taken
    assert "redirect address" not in page
    assert admin.get("/connections/add/nothing").status_code == 404


def test_a_form_takes_the_name_that_a_recipe_looks_for(admin):
    page = admin.get("/connections/add/mailchimp?log_in=api_key&name=news").text
    assert 'value="news"' in page
    assert "/connections/add/mailchimp/practice?name=news" in page
    for name in ("mailchimp", "no name"):  # taken; impossible
        assert (
            'value="mailchimp-2"'
            in admin.get(f"/connections/add/mailchimp?log_in=api_key&name={name}").text
        )


def test_a_connection_is_tested_and_saved(admin, store, mailchimp):
    page = admin.post(
        "/connections/add/mailchimp?log_in=api_key",
        follow=True,
        name="news",
        setting_api_key=f" {KEY}\n",
        base_url=mailchimp,
    ).text
    assert "“news” is connected to Mailchimp: Harbor Law" in page
    made = get_connection(store, "news")
    assert (made.secrets, made.settings["base_url"]) == ({"api_key": KEY}, mailchimp)
    assert made.checked_at is not None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Give the connection a name."),
        ({"name": "mailchimp"}, "There is a connection of this name already."),
        ({"name": "../etc"}, "Use letters, digits, - and _, at most 80."),
        ({"setting_api_key": ""}, "Fill in “API key”."),
        ({"base_url": "proxy.example"}, "An address begins with https:// or http://."),
        ({"setting_api_key": "without-a-data-centre-"}, "has no data centre at its end"),
        ({"setting_api_key": "another-wrong-key-us19"}, "Mailchimp"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    admin, store, mailchimp, changes, sentence
):
    form = {"name": "news", "setting_api_key": KEY, "base_url": mailchimp, **changes}
    page = admin.post("/connections/add/mailchimp?log_in=api_key", **form)
    assert page.status_code == 200
    (wrong,) = changes
    said = search(rf'id="{wrong}-wrong">([^<]*)<', page.text)
    assert said, page.text
    assert sentence in said[1]
    assert f'aria-describedby="{wrong}-wrong' in page.text
    assert [connection.name for connection in list_connections(store)] == ["mailchimp"]


def test_an_account_is_not_connected_twice(admin, store, mailchimp):
    form = {"setting_api_key": KEY, "base_url": mailchimp}
    admin.post("/connections/add/mailchimp?log_in=api_key", name="news", **form)
    page = admin.post("/connections/add/mailchimp?log_in=api_key", name="again", **form).text
    assert search(r'role="alert">.*is connected already, as &#39;news&#39;', page)
    assert {connection.name for connection in list_connections(store)} == {"mailchimp", "news"}


def test_another_account_takes_the_place_of_one_only_if_told_so(admin, store, mailchimp):
    old = Connection(
        name="mailchimp",
        connector="mailchimp",
        label="Another Firm",
        account_id="another",
        address=f"{mailchimp}/3.0",
        settings={"base_url": mailchimp},
        secrets={"api_key": KEY},
    )
    save_connection(store, old)
    page = admin.post("/connections/mailchimp/change", base_url=mailchimp).text
    assert search(r'replace_account-wrong">[^<]*belongs to another account, Another Firm', page)
    assert get_connection(store, "mailchimp").label == "Another Firm"
    admin.post("/connections/mailchimp/change", base_url=mailchimp, replace_account="y")
    assert get_connection(store, "mailchimp").label == "Harbor Law"


def test_a_server_that_is_down_is_told_above_the_form(admin, store):
    page = admin.post(
        "/connections/add/mailchimp?log_in=api_key",
        name="news",
        setting_api_key=KEY,
        base_url="http://127.0.0.1:9/3.0",
    ).text
    assert search(r'role="alert">.*can&#39;t be reached', page)
    assert "Traceback" not in page


def test_a_secret_is_never_written_into_a_page(admin, store, mailchimp):
    form = {"name": "", "setting_api_key": "typed-secret-us19", "base_url": mailchimp}
    assert (
        "typed-secret" not in admin.post("/connections/add/mailchimp?log_in=api_key", **form).text
    )
    form["name"] = "news"
    assert (
        "typed-secret" not in admin.post("/connections/add/mailchimp?log_in=api_key", **form).text
    )
    assert KEY not in admin.get("/connections/mailchimp/change").text


def test_a_key_is_replaced_without_making_the_connection_anew(admin, store, mailchimp):
    save_connection(
        store,
        Connection(
            name="mailchimp",
            connector="mailchimp",
            settings={"base_url": mailchimp},
            secrets={"api_key": "an-old-key-us19"},
        ),
    )
    mark_checked(store, "mailchimp", problem="The key is no longer accepted.")
    assert f'value="{mailchimp}"' in admin.get("/connections/mailchimp/change").text
    refused = admin.post(
        "/connections/mailchimp/change", setting_api_key="still-wrong-us19", base_url=mailchimp
    ).text
    assert "setting_api_key-wrong" in refused
    assert get_connection(store, "mailchimp").secrets == {"api_key": "an-old-key-us19"}
    page = admin.post(
        "/connections/mailchimp/change", follow=True, setting_api_key=KEY, base_url=mailchimp
    ).text
    assert "“mailchimp” is connected to Mailchimp" in page
    kept = get_connection(store, "mailchimp")
    assert (kept.secrets, kept.problem) == ({"api_key": KEY}, "")


def test_a_secret_left_empty_stays_as_it_was(admin, store, mailchimp):
    kept = get_connection(store, "mailchimp")
    save_connection(store, replace(kept, settings={"base_url": mailchimp}))
    page = admin.post("/connections/mailchimp/change", follow=True, base_url=mailchimp).text
    assert "“mailchimp” is connected to Mailchimp" in page
    assert get_connection(store, "mailchimp").secrets == {"api_key": KEY}


def test_a_secret_that_nobody_typed_goes_to_no_other_server(admin, store, mailchimp):
    page = admin.post("/connections/mailchimp/change", follow=True, base_url=mailchimp).text
    assert "Type it again: it goes to another address from now on." in page
    assert "base_url" not in get_connection(store, "mailchimp").settings
    page = admin.post(
        "/connections/mailchimp/change", follow=True, base_url=mailchimp, setting_api_key=KEY
    ).text
    assert "“mailchimp” is connected to Mailchimp" in page


def test_an_apps_secret_goes_to_no_other_server_either(admin, store, clio, server, url):
    changed = clio_form(server, "http://127.0.0.1:9")
    del changed["name"], changed["setting_client_secret"]
    page = admin.post("/connections/clio/change", follow=True, **changed).text
    assert "Type it again" in page
    assert "Continue to Clio</a>" not in page


def test_an_app_without_a_consent_page_is_reconnected_by_its_key(admin):
    assert admin.get("/connections/mailchimp/reconnect").location == "/connections/mailchimp/change"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it outlives us
def test_a_practice_server_is_one_button_away(admin, store):
    remove_connection(store, "mailchimp")
    try:
        page = admin.post("/connections/add/mailchimp/practice", follow=True).text
        assert "“mailchimp” is connected to a practice server: Harbor Law" in page
        assert get_connection(store, "mailchimp").practice
        again = admin.post("/connections/add/mailchimp/practice", follow=True).text
        assert "“mailchimp-2” is not connected:" in again  # one account is connected once
        assert "Connect Mailchimp" in again
    finally:
        stop_practice(store.home, "mailchimp")


# -- the consent round trip ------------------------------------------------------------------------


@pytest.fixture
def server(host):
    return host.connector("clio").practice_function(1)


@pytest.fixture
def url(server):
    with on_loopback(server) as url:
        yield url


@pytest.fixture
def clio(server, url, store):
    """A Clio connection whose access was withdrawn, and the server it belongs to."""
    settings = {**server.credentials()}
    secret = {"client_secret": settings.pop("client_secret")}
    save_connection(
        store,
        Connection(
            name="clio", connector="clio", settings={**settings, "base_url": url}, secrets=secret
        ),
    )
    mark_checked(store, "clio", problem="Clio no longer accepts this connection.")
    return server


def consent_page(admin) -> str:
    """Return the page that links to Clio's consent page."""
    return admin.client.get("/connections/clio/reconnect", follow_redirects=True).text


def consent(page: str, decision: str = "allow") -> str:
    """Follow the link and decide; return the address the browser is sent back to."""
    found = search(r'href="([^"]*oauth/authorize[^"]*)"', page)
    answer = httpx2.post(unescape(found[1]), data={"decision": decision})
    assert answer.is_redirect, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def clio_form(server, url, **changes) -> dict[str, str]:
    given = server.credentials()
    return {
        "name": "clio",
        "setting_region": "us",
        "setting_client_id": given["client_id"],
        "setting_client_secret": given["client_secret"],
        "base_url": url,
        **changes,
    }


def test_the_redirect_address_to_register_is_shown_first(admin, monkeypatch):
    assert "<code>http://localhost/connections/come-back</code>" in (
        admin.get("/connections/add/clio").text
    )
    monkeypatch.setenv("BRIDGEWORK_PUBLIC_URL", "https://bridgework.firm.example/")
    assert "<code>https://bridgework.firm.example/connections/come-back</code>" in (
        admin.get("/connections/add/clio").text
    )


def test_an_account_is_connected_through_its_consent_page(admin, store, server, url):
    page = admin.post("/connections/add/clio", follow=True, **clio_form(server, url)).text
    assert "Continue to Clio" in page
    assert [connection.name for connection in list_connections(store)] == ["mailchimp"]
    page = admin.client.get(consent(page), follow_redirects=True).text
    assert "“clio” is connected: " in page
    made = get_connection(store, "clio")
    assert made.tokens is not None
    for secret in (*made.secrets.values(), made.tokens["access_token"]):
        assert secret not in page


def test_nothing_secret_is_in_the_browsers_cookie(admin, store, server, url):
    admin.post("/connections/add/clio", follow=True, **clio_form(server, url))
    with admin.client.session_transaction() as session:
        kept = str(dict(session))
    for word in ("verifier", "state", "secret", "clio"):
        assert word not in kept


def test_a_consent_that_was_refused_can_be_asked_for_again(admin, store, server, url):
    page = admin.post("/connections/add/clio", follow=True, **clio_form(server, url)).text
    page = admin.client.get(consent(page, "deny"), follow_redirects=True).text
    assert "“clio” is not connected: " in page
    page = admin.client.get(consent(page), follow_redirects=True).text
    assert "“clio” is connected: " in page


def test_who_was_logged_out_meanwhile_logs_in_and_is_connected(admin, store, server, url):
    page = admin.post("/connections/add/clio", follow=True, **clio_form(server, url)).text
    back = consent(page)
    admin.post("/log-out")
    asked = admin.get(back).location
    assert asked.startswith("/log-in?next=")
    form = {"email": "admin@harborlaw.example", "password": "four random little words"}
    page = admin.post(asked, follow=True, **form).text
    assert "“clio” is connected: " in page


def test_another_user_can_not_finish_the_consent(admin, app, store, server, url):
    from sqlalchemy import update

    from engine.store.tables import consents, users

    page = admin.post("/connections/add/clio", follow=True, **clio_form(server, url)).text
    with store.writing() as database:
        row = {"email": "b@example.com", "password_hash": "x"}
        from datetime import UTC, datetime

        made = database.execute(users.insert().values(**row, created_at=datetime.now(UTC)))
        database.execute(update(consents).values(user_id=made.inserted_primary_key[0]))
    page = admin.client.get(consent(page), follow_redirects=True).text
    assert "That consent was finished or given up already." in page


def test_reconnecting_explains_itself_and_links_to_the_consent_page(admin, clio):
    page = consent_page(admin)
    assert "Reconnect Clio" in page
    assert "/oauth/authorize?" in page
    assert "client_secret" not in page
    assert "http://localhost/connections/come-back" in page


def test_coming_back_from_the_consent_page_connects_again(admin, clio, store):
    page = admin.client.get(consent(consent_page(admin)), follow_redirects=True).text
    assert "“clio” is connected again: " in page
    renewed = get_connection(store, "clio")
    assert renewed.tokens is not None
    assert renewed.problem == ""
    for secret in (renewed.tokens["access_token"], renewed.tokens["refresh_token"]):
        assert secret not in page


def test_a_consent_counts_once(admin, clio):
    back = consent(consent_page(admin))
    admin.get(back)
    page = admin.client.get(back, follow_redirects=True).text
    assert "That consent was finished or given up already." in page


def test_a_forged_return_is_refused(admin, clio, store):
    forged = consent(consent_page(admin)).replace("state=", "state=x")
    page = admin.client.get(forged, follow_redirects=True).text
    assert "That consent was finished or given up already." in page
    assert get_connection(store, "clio").tokens is None


def test_a_consent_lasts_an_hour(admin, clio, store):
    from datetime import UTC, datetime, timedelta

    from sqlalchemy import update

    from engine.store.tables import consents

    back = consent(consent_page(admin))
    with store.writing() as database:
        database.execute(update(consents).values(expires_at=datetime.now(UTC) - timedelta(1)))
    page = admin.client.get(back, follow_redirects=True).text
    assert "That consent was finished or given up already." in page
    consent_page(admin)
    with store.reading() as database:
        assert len(database.execute(consents.select()).all()) == 1  # the old one is gone


def test_a_refused_consent_leaves_the_connection_as_it_was(admin, clio, store):
    page = admin.client.get(consent(consent_page(admin), "deny"), follow_redirects=True).text
    assert "“clio” is not connected: " in page
    assert get_connection(store, "clio").problem
