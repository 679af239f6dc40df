"""A Chromium for the tests beside it, and windows that keep what their console complains about."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from sqlalchemy import insert

from engine.loopback import on_loopback
from engine.notices.sending import send_notices
from engine.store import outbound
from engine.store.answers import mark_answered
from engine.store.api_tokens import list_tokens, make_token
from engine.store.connections import Connection, mark_checked, save_connection
from engine.store.database import Store
from engine.store.invitations import invite
from engine.store.notice_channels import Channel, save_channel
from engine.store.notices import TOPIC_OF, add_notice
from engine.store.runs import log
from engine.store.switches import pause_recipe
from engine.store.tables import recipe_schedules
from engine.store.versions import save_version
from tests.web.changed import seed_change
from tests.web.told import seed_webhook

EMAIL, PASSWORD = "admin@harborlaw.example", "four random little words"
#: Milliseconds: pages answer in a few, but the machine may be busy with other tests.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
DESK = {"width": 1280, "height": 800}

#: Where a Chromium may be; the last resort is Playwright's own.
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_CHROMIUM = "no Chromium"
LOUD = "NO CHROMIUM, SO THE BROWSER TESTS DID NOT RUN: install one, or set BRIDGEWORK_CHROMIUM"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the browser tests where there is no Chromium; in CI they run and fail."""
    found = [item for item in items if item.get_closest_marker("browser")]
    if not found or os.environ.get("CI", "").lower() == "true":
        return
    with sync_playwright() as playwright:
        if chromium_path(playwright) is None:
            for item in found:
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once and loudly what was skipped."""
    if any(
        NO_CHROMIUM in str(report.longrepr) for report in terminalreporter.getreports("skipped")
    ):
        terminalreporter.write_sep("!", LOUD, yellow=True, bold=True)


def chromium_path(playwright: Playwright) -> str | None:
    given = os.environ.get("BRIDGEWORK_CHROMIUM")
    names = (given,) if given else (*CHROMIUMS, playwright.chromium.executable_path)
    return next((path for name in names if (path := shutil.which(name))), None)


#: The browser of this process, while tests of a browser follow each other.
_browser = ExitStack()


@pytest.hookimpl(trylast=True)  # after the windows are closed
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Let the browser go before other tests: Playwright's loop would be theirs, too."""
    if nextitem is None or nextitem.get_closest_marker("browser") is None:
        _browser.close()
        _running.cache_clear()


@cache
def _running() -> Browser:
    playwright = _browser.enter_context(sync_playwright())
    path = chromium_path(playwright)
    if path is None:
        pytest.fail(LOUD)
    # No sandbox: containers and root have none to offer, and the pages are our own.
    found = playwright.chromium.launch(
        executable_path=path,
        args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    )
    _browser.callback(found.close)
    return found


@pytest.fixture
def browser() -> Browser:
    """Give the Chromium that the tests of one process share: starting it takes longer than a test."""
    return _running()


@pytest.fixture
def url(app) -> Iterator[str]:
    with on_loopback(app) as url:
        yield url


@dataclass
class Watched:
    """A page and everything its console complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Open a window in New York; what its console complains about is kept."""
    contexts = []

    def open_one(url: str, **options: Any) -> Watched:
        context = browser.new_context(
            base_url=url, timezone_id="America/New_York", **{"viewport": DESK, **options}
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        watched = Watched(context.new_page())

        def note(message: Any) -> None:
            if message.type in ("error", "warning"):
                watched.complaints.append(message.text)

        watched.page.on("console", note)
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        return watched

    yield open_one
    for context in contexts:
        context.close()


def enter(page: Page) -> None:
    """Make the admin at first start, then log in."""
    page.goto("/")
    if page.get_by_role("heading", name="Make the admin account").is_visible():
        page.get_by_label("E-mail address").fill(EMAIL)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The same password again").fill(PASSWORD)
        page.get_by_role("button", name="Make the admin account").click()
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


@pytest.fixture
def page(url: str, open_page: Callable[..., Watched], app: Flask, session_of_admin: Any) -> Page:
    """Give a page on the seeded home, logged in; test_real_run.py logs in by hand."""
    page = open_page(url).page
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    name, value = app.config["SESSION_COOKIE_NAME"], signer.dumps(session_of_admin)
    page.context.add_cookies([{"name": name, "value": str(value), "url": url}])
    page.goto("/")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    return page


def tell_of_everything(store: Store, long_word: str) -> int:
    """Leave a notice of every kind, sent in vain over a channel; return the channel's id."""
    channel = Channel(name=long_word[:80], kind="slack", place="x", secrets={"url": "http://[no"})
    number = save_channel(store, channel)
    save_channel(store, Channel(name="Intake", kind="mail", place="intake@harborlaw.example"))
    with store.writing() as connection:
        for kind in TOPIC_OF:
            said = {"subject": f"{kind} {long_word}", "body": f"What happened.\n{long_word}"}
            add_notice(connection, kind=kind, about=f"recipe:{kind}", link="/runs/1/report", **said)
    send_notices(store)
    return number


@pytest.fixture
def everything(
    session_of_admin, seed, sample_rows, store, recipes_folder, broken_recipe, ask, task
) -> list[str]:
    """Seed one of everything a page can show; return the addresses of all pages."""
    (recipes_folder / "unsubscribes.yaml").write_text(broken_recipe, "utf-8")
    long_word = "W" * 300
    rows = [*sample_rows, seed.row(long_word, long_word, "rejected", reason=long_word)]
    run = seed.run(rows, unchanged=[("u1", "Quiet matter")], fixed=4)
    log(store, run, f"Reading {long_word}")
    mark_checked(store, "mailchimp", problem=f"The key is no longer accepted. {long_word}")
    save_connection(store, Connection(name="clio", connector="clio", label="Harbor Law"))
    questions = _every_kind_of_question(store, ask, long_word)
    tasks = [task("8"), task("9", target_id=long_word, note=long_word)]
    tell_another_system(store, long_word)
    seed.recipe = "unsubscribes"
    seed_webhook(store, recipes_folder)
    failed = seed.run(status="failed", message="Mailchimp did not answer.", hint="Try at noon.")
    with store.writing() as connection:
        pause_recipe(connection, "unsubscribes", f"It failed 10 times in a row. {long_word}")
        connection.execute(
            insert(recipe_schedules).values(
                recipe="contacts",
                words="every day at 20:30",
                timezone="America/New_York",
                jitter=0,
                note=f"The run of 20:30 was left out. {long_word}",
                noted_at=datetime.now(UTC),
            )
        )
    with store.writing() as connection:
        changed = (recipes_folder / "contacts.yaml").read_text().replace("Albany", long_word)
        path = recipes_folder / "contacts.yaml"
        save_version(connection, "contacts", path, changed, by=EMAIL, note=long_word)
    live = seed.run(status="running", finished_at=None, read=9, counts={"created": 5})
    channel = tell_of_everything(store, long_word)
    seed_change(store, long_word)
    return [
        "/",
        "/recipes/",
        "/gallery/",
        "/recipes/contacts",
        "/recipes/unsubscribes",
        "/recipes/contacts/explained",
        "/recipes/unsubscribes/explained",
        "/recipes/contacts/whatif",
        "/recipes/contacts/whatif?field=contact.email",
        "/recipes/unsubscribes/whatif",
        "/recipes/contacts/preview",
        "/recipes/contacts/upload",
        "/recipes/unsubscribes/preview",
        "/recipes/contacts/problems/",
        "/recipes/contacts/edit",
        "/recipes/unsubscribes/edit",
        "/new-recipe",
        "/new-recipe?trigger=clio.contact_changed&action=mailchimp.upsert_members",
        "/blueprints/",
        "/blueprints/clio-contacts-to-csv",
        "/recipes/contacts/rename",
        "/recipes/contacts/delete",
        "/recipes/contacts/versions",
        "/recipes/contacts/versions/2",
        "/runs/",
        f"/runs/{run}",
        f"/runs/{live}",
        f"/runs/{run}/report",
        f"/runs/{run}/report?outcome=rejected&q=W",
        f"/runs/{run}/report?print=1",
        f"/runs/{failed}/report",
        "/connections/",
        "/connectors/",
        "/connectors/?q=contact",
        "/connectors/clio",
        "/connectors/mailchimp",
        "/connectors/mailchimp/add_member/try",
        "/connectors/clio/matter_changed/try",
        "/connections/add",
        "/connections/add/casestatus",
        "/connections/add/clio",
        "/connections/add/http",
        "/connections/add/http?log_in=machine",
        "/connections/clio/reconnect",
        "/connections/mailchimp/change",
        "/connections/mailchimp/remove",
        "/other-systems/",
        "/drift/",
        "/drift/?of=contacts",
        "/questions/",
        "/questions/?list=closed",
        "/questions/alike/contacts/approval",
        *(f"/questions/{id}" for id in questions),
        "/tasks/contacts/approval",
        *(f"/tasks/{id}" for id in tasks),
        "/recipes/told",
        "/hooks/deliveries/",
        "/hooks/deliveries/?recipe=told&failed=1",
        "/people/",
        "/people/password",
        f"/welcome/{invite(store, 'ann@harborlaw.example', EMAIL)}",
        "/welcome/used",
        "/notices/",
        "/notices/?standing=1",
        "/notices/settings/",
        f"/notices/settings/channels/{channel}",
        "/notices/settings/channels/new/mail",
        "/notices/settings/channels/new/webhook",
        "/nowhere",
    ]


def _every_kind_of_question(store, ask, long_word) -> list[int]:
    answered = ask("Was that right?", key="1")
    mark_answered(store, [answered], "yes", by=EMAIL, note=long_word, now=datetime.now(UTC))
    kinds = {"text": "2", "number": "3", "date": "4"}
    return [
        answered,
        ask(long_word, key="5", details=((long_word, long_word),), within=timedelta(days=3)),
        ask("Whose is it?", key="6", people=("lawyer@harborlaw.example",)),
        ask("Which stage?", key="7", choices=("Getting started", "Discovery", "W" * 60), on_no=""),
        *(ask(f"Which {kind}?", key=key, kind=kind, choices=()) for kind, key in kinds.items()),
    ]


def tell_another_system(store, long_word) -> None:
    """Let a token have a subscription that works, one that fails and one that is given up."""
    now = datetime.now(UTC)
    make_token(store, long_word, "admin@harborlaw.example", now)
    for recipe, retry_at in (("contacts", None), (long_word[:120], now + timedelta(hours=1))):
        subscriber, _ = outbound.subscribe(
            store,
            token_id=list_tokens(store)[0].id,
            target=f"https://hooks.example/{recipe}",
            host=long_word,
            event="run.finished",
            recipe=recipe,
            now=now,
        )
        outbound.note_failure(store, subscriber, [], long_word, now, retry_at=retry_at)
    outbound.subscribe(
        store,
        token_id=list_tokens(store)[0].id,
        target="https://hooks.example/",
        host="hooks.example",
        event="record.created",
        recipe="",
        now=now,
    )


@pytest.fixture
def log_in() -> Callable[[Page], None]:
    return enter
