"""What a load balancer is told."""

from sqlalchemy import event
from sqlalchemy.exc import OperationalError


def test_it_is_well_while_the_database_answers_and_sets_no_cookie(app):
    answer = app.test_client().get("/health")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.content_type.startswith("text/plain")
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_says_so_while_the_database_is_away_and_is_well_again_after(app, store, caplog):
    def cut_off(*_statement):
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    event.listen(store.engine, "before_cursor_execute", cut_off)
    answer = app.test_client().get("/health")
    event.remove(store.engine, "before_cursor_execute", cut_off)
    assert answer.status_code == 503
    assert "database can't be used" in answer.text
    assert not caplog.records  # it is asked every few seconds
    assert app.test_client().get("/health").status_code == 200
