"""Every address there is: closed to who isn't logged in, and deaf to forms of other sites."""

import re

from flask import Flask
from werkzeug.routing import Rule

#: What may be seen without a log-in; whoever adds to it has thought about it.
OPEN = {
    "static",
    "bootstrap.static",
    "accounts.set_up",
    "accounts.log_in",
    "accounts.welcome",
    "health.show",
    "hooks.take",
}
#: Other systems ask here, without a browser's session that another site could use.
WITHOUT_FORMS = ("hooks.", "api.")


def address(rule: Rule) -> str:
    """Return an address that leads to a rule's view."""
    return re.sub(
        r"<(int:|path:)?\w+>", lambda found: "1" if found[1] == "int:" else "x", rule.rule
    )


def requests(app: Flask) -> list[tuple[str, str, str]]:
    return [
        (rule.endpoint, method, address(rule))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"OPTIONS"})
    ]


def test_everything_but_a_few_addresses_wants_a_log_in(app, admin):
    app.config["WTF_CSRF_ENABLED"] = False  # else it is that which refuses
    stranger = app.test_client()
    found = requests(app)
    assert len(found) > 100
    for endpoint, method, path in found:
        if endpoint in OPEN:
            continue
        answer = stranger.open(path, method=method)
        if endpoint.startswith("api."):
            assert answer.status_code == 401, (endpoint, method)
        elif endpoint == "metrics.show":  # there are none unless a token is set
            assert answer.status_code == (405 if method == "POST" else 404), method
        else:
            assert answer.status_code == 302, (endpoint, method)
            assert answer.headers["Location"].startswith("/log-in"), (endpoint, method)


def test_open_addresses_are_those_that_are_meant(app):
    from web import accounts

    assert accounts.OPEN == OPEN
    assert {"api", "metrics"} == accounts.OPEN_AREAS
    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= OPEN


def test_nothing_is_done_for_a_form_that_isnt_ours(app, admin):
    changing = [
        (endpoint, method, path)
        for endpoint, method, path in requests(app)
        if method not in ("GET", "HEAD") and not endpoint.startswith(WITHOUT_FORMS)
    ]
    assert len(changing) > 30
    for endpoint, method, path in changing:
        answer = admin.client.open(path, method=method, data={"csrf_token": "of another site"})
        assert answer.status_code == 400, (endpoint, method)
        assert "This page was out of date" in answer.text, (endpoint, method)


def test_pages_for_other_systems_dont_know_a_log_in(admin):
    assert admin.get("/api/hooks").status_code == 401
