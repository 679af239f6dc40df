"""Who may read the metrics."""

import pytest

from engine.errors import SetupError
from web.metrics import TOKEN_VARIABLE, metrics_token

TOKEN = "a-token-of-the-metrics"


def scrape(app, token=None):
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return app.test_client().get("/metrics", headers=headers)


def test_there_are_none_unless_a_token_is_set(app):
    assert scrape(app).status_code == 404
    assert scrape(app, "").status_code == 404


def test_only_the_token_opens_them(app, monkeypatch):
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    for wrong in (None, "", "another", TOKEN + "x", "ü"):
        refused = scrape(app, wrong)
        assert refused.status_code == 401
        assert "bridgework_" not in refused.text
    answer = scrape(app, TOKEN)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    assert "bridgework_runs_queued 0.0" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert TOKEN not in answer.text


def test_a_token_that_could_be_guessed_is_refused_at_the_start(monkeypatch):
    monkeypatch.setenv(TOKEN_VARIABLE, "secret")
    with pytest.raises(SetupError, match="could be guessed"):
        metrics_token()
