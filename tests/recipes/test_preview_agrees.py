"""A preview and the run after it agree, record by record, on every shipped recipe."""

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from engine.cli.connecting import connect
from engine.host import build_host
from engine.store.database import open_store
from plugins.csv.places import place, sftp
from plugins.csv.practice.sftp_server import SftpPractice
from tests.recipes.conftest import FOLDER, RUNNING, Bench

#: By hand these have one record, of the moment at which they begin: each run's is another.
OF_THE_MOMENT = {"weekly-reminder-to-slack"}
#: These read files that are put somewhere.
WATCHING = {
    "new-client-files-to-case-status",
    "sftp-files-to-csv",
    "excel-contacts-to-mailchimp",
}
CONTACTS = FOLDER / "samples" / "contacts.csv"


def change_something(bench: Bench) -> None:
    """Let a few records change at each source."""
    clio, mailchimp = bench.servers.get("clio"), bench.servers.get("mailchimp")
    there = clio.records() if clio else {"matters": [], "contacts": []}
    for kind, field in (("matters", "description"), ("contacts", "last_name")):
        for record in there[kind][:3]:
            clio.edit(kind, str(record["id"]), {field: "Something else entirely"})
    for member in mailchimp.records()["members"][:3] if mailchimp else ():
        mailchimp.edit(
            "members", f"{member['list_id']}/{member['email_address']}", {"status": "unsubscribed"}
        )


@pytest.fixture
def places(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put files where recipes look for them, on this computer and on a server."""
    monkeypatch.setattr(sftp, "PAUSE", 0.05)
    monkeypatch.setattr(place.settled, "__kwdefaults__", {"clock": lambda: 0.0})
    people = "\n".join(CONTACTS.read_text("utf-8").splitlines()[:5])
    for folder in (bench.home / "files" / "new-clients", tmp_path / "server" / "outgoing"):
        folder.mkdir(parents=True)
        (folder / "may.csv").write_text(people.replace("phone", "number", 1), "utf-8")
    book = Workbook()
    sheet = book.create_sheet("Contacts")
    for first, last, email, _, newsletter in csv.reader(people.splitlines()):
        sheet.append([first, last, email.replace("Email", "E-Mail"), newsletter])
    book.save(bench.home / "files" / "contacts.xlsx")
    with SftpPractice(tmp_path / "server").serving() as server:
        with closing(open_store(bench.home)) as store:
            connect(store, build_host().connector("csv"), "firm-sftp", server.settings())
        yield


@pytest.mark.parametrize("recipe", [one for one in RUNNING if one not in OF_THE_MOMENT])
def test_a_preview_says_what_the_run_then_does(
    bench: Bench, recipe: str, request: pytest.FixtureRequest
) -> None:
    if recipe in WATCHING:
        request.getfixturevalue("places")
    rounds: list[tuple[Callable[[Bench], None], tuple[str, ...]]] = [
        (lambda bench: None, ()),
        (change_something, ()),
        (lambda bench: None, ("--full",)),
    ]
    for prepare, options in rounds:
        prepare(bench)
        shown = bench.preview(recipe, *options)
        bench.run(recipe, *options)
        done = {without_number(record["key"]): record for record in bench.records()}
        shown = {without_number(key): record for key, record in shown.items()}
        assert shown.keys() == done.keys()
        for key, record in shown.items():
            agree(record, done[key])
    # Everything once more, and nothing changed meanwhile: nothing is sent.
    assert not bench.keys("created") | bench.keys("updated") | bench.keys("unsure")


def without_number(key: str) -> str:
    """Return the key of a message of collected records as a preview knows it before it is made."""
    return re.sub(r":(new )?\d+$", "", key)


def agree(shown: dict[str, Any], done: dict[str, Any]) -> None:
    """Compare a preview's record with the report's; what only the target knows may differ."""
    if shown["outcome"] in SENT and done["outcome"] == "rejected":
        assert done["code"] in REFUSED_THERE
    elif shown["outcome"] in SENT:
        there_already = ("updated", "unchanged")  # as only the target knew
        assert done["outcome"] in (shown["outcome"], *there_already)
    else:
        parts = ["outcome", "code", "step", "field"]
        if done["outcome"] != "waiting":  # a preview says that it would ask, or wait
            parts.append("reason")
        assert [shown[part] for part in parts] == [done[part] for part in parts]


SENT = ("created", "updated")
#: What a practice server refused, by the connectors' own codes.
REFUSED_THERE = frozenset(
    {"invalid_phone", "compliance_state", "permanently_deleted", "fake_address", "invalid_address"}
    | {"conflict", "field_custom_validation_exception", "duplicates_detected"}
)
