"""The server takes large files from people who are logged in, and from nobody else."""

import re
import threading
from collections.abc import Iterator

import httpx2
import pytest
from waitress import create_server

from web.large_bodies import LARGEST_BODY, is_logged_in, take_uploads

RECIPE = """\
name: Uploads are kept
trigger:
  use: csv.row_read
  with: {file: people.csv, key: number}
  as: person
steps:
  - use: csv.append_rows
    with: {file: kept.csv, columns.number: "{{ person.number }}"}
"""
LARGE = b"number,text\n" + b"".join(b"%d,%s\n" % (n, b"x" * 1000) for n in range(3000))


@pytest.fixture
def served(app) -> Iterator[str]:
    """The pages as `bridgework serve` serves them."""
    parts: dict[int, object] = {}
    server = create_server(
        app, map=parts, host="127.0.0.1", port=0, threads=2, max_request_body_size=LARGEST_BODY
    )
    take_uploads(app, parts.values())
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.task_dispatcher.shutdown()
    with server.trigger.lock:
        server.trigger.thunks.append(lambda: server.asyncore.close_all(server._map))
        server.pull_trigger()
    thread.join(timeout=5)


@pytest.fixture
def cookie(admin) -> str:
    return admin.client.get_cookie("bridgework").value


@pytest.fixture
def page(served: str, recipes_folder) -> str:
    (recipes_folder / "uploads.yaml").write_text(RECIPE, "utf-8")
    return f"{served}/recipes/uploads/upload"


def test_a_large_file_is_uploaded_through_the_real_server(page: str, cookie: str) -> None:
    assert len(LARGE) > LARGEST_BODY
    with httpx2.Client(timeout=30) as browser:
        browser.cookies.set("bridgework", cookie, domain="127.0.0.1")
        form = browser.get(page).text
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', form)
        assert found
        answer = browser.post(
            page, data={"csrf_token": found[1]}, files={"file": ("people.csv", LARGE)}
        )
    assert answer.status_code == 200
    assert "people.csv (3.0 MB)" in answer.text


@pytest.mark.parametrize("given", ["", "forged", "e30.aaaa.bbbb"])
def test_nobody_else_may_send_as_much(page: str, given: str) -> None:
    with httpx2.Client(cookies={"bridgework": given} if given else {}) as stranger:
        assert stranger.post(page, files={"file": ("people.csv", LARGE)}).status_code == 413


def test_other_pages_take_no_large_bodies(served: str, cookie: str) -> None:
    with httpx2.Client(cookies={"bridgework": cookie}) as browser:
        answer = browser.post(f"{served}/recipes/", content=b"x" * (LARGEST_BODY + 1))
    assert answer.status_code == 413


def test_only_a_cookie_of_somebody_counts(app, cookie: str) -> None:
    assert is_logged_in(app, f"a=b; bridgework={cookie}")
    assert not is_logged_in(app, f"bridgework={cookie[:-2]}xx")
    assert not is_logged_in(app, f"other={cookie}")
    nobody = app.session_interface.get_signing_serializer(app).dumps({"csrf_token": "x"})
    assert not is_logged_in(app, f"bridgework={nobody}")
