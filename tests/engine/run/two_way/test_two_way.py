"""Bridges in both directions between two practice servers: echoes end, and pairs stay pairs."""

from datetime import UTC, datetime

import httpx2
import pytest

from engine.host import build_host
from engine.recipe.library import Library
from engine.run.preview import preview
from engine.run.runner import execute
from engine.run.start import check_before_run, request_run
from engine.sdk import (
    Accepted,
    ApiKey,
    Connector,
    Context,
    PracticeServer,
    Record,
    hookimpl,
    json_response,
    route,
)
from engine.store.connections import Connection, save_connection
from engine.store.ledger import entries
from engine.store.runs import RunRequest

KEY = "two-way-key-91c2"


class Book(PracticeServer):
    """People with a name and a city; each says when it changed last."""

    name = "book"

    def __init__(self, precise: bool = True, tells: bool = True) -> None:
        super().__init__()
        self.precise, self.tells = precise, tells
        self.people: dict[str, Record] = {}
        self.ahead = 0.0  # seconds that its clock has moved on by itself
        self.writes = 0

    def put(self, id: str, **fields) -> Record:
        """Change a person, as somebody does who works with the app."""
        self.ahead += 1.5 if self.tells else 0.0
        at = datetime.fromtimestamp(self.clock() + self.ahead, UTC)
        at = at if self.precise else at.replace(microsecond=0)
        found = {**self.people.get(id, {}), **fields, "id": id, "updated_at": at.isoformat()}
        self.people[id] = found
        return found

    @route("GET", "/people")
    def list_people(self, request):
        return json_response({"people": list(self.people.values())})

    @route("PUT", "/people/<id>")
    def change(self, request, id):
        return self._keep(id, request)

    @route("POST", "/people")
    def add(self, request):
        return self._keep(f"{len(self.people) + 100}", request)

    def _keep(self, id, request):
        self.writes += 1
        person = self.put(id, **request.get_json())
        shown = {**person, "updated_at": person["updated_at"].replace("+00:00", "Z")}
        return json_response(shown if self.tells else {"id": id})


def book_connector(name: str) -> Connector:
    connector = Connector(
        name=name,
        title=name.title(),
        base_url="https://book.example",
        auth=ApiKey(header="X-Key"),
    )

    @connector.check
    def account(ctx: Context) -> str:
        return name

    sample = {"id": "1", "name": "Ada", "city": "Bath", "updated_at": "2026-11-24T10:00:00Z"}

    @connector.trigger("Person changed", cursor="updated_at", key="id", label="name", noun="person",
                       sample=sample)  # fmt: skip
    def person_changed(ctx: Context, since: datetime | None):
        """Start with each person that changed."""
        for person in ctx.http.get("/people").json()["people"]:
            if since is None or datetime.fromisoformat(person["updated_at"]) >= since:
                yield person

    @connector.action("Keep a person", noun="person", idempotent=True, sample=sample)
    def keep_person(ctx: Context, name: str, city: str | None = None) -> Accepted:
        """Add a person, or change the one this record became before."""
        body = {"name": name, "city": city}
        if ctx.target_id:
            return Accepted(ctx.http.put(f"/people/{ctx.target_id}", json=body).json())
        return Accepted(ctx.http.post("/people", json=body).json(), created=True)

    return connector


class Bridges:
    """Two books, and a recipe in each direction."""

    def __init__(self, store, folder, **how) -> None:
        self.store, self.library = store, Library(folder)
        self.left, self.right = Book(**how), Book(**how)
        connectors = [book_connector("left"), book_connector("right")]

        class Plugin:
            @hookimpl
            def register_connectors(self):
                return connectors

        self.host = build_host([Plugin()], strict=True)
        for name in ("left", "right"):
            save_connection(store, Connection(
                name=name, connector=name, secrets={"api_key": KEY},
                checked_at=datetime(2999, 1, 1, tzinfo=UTC),
            ))  # fmt: skip
        for here, there in (("left", "right"), ("right", "left")):
            self.write(here, there)

    def write(self, here: str, there: str, two_way: str = "two_way: {there}-{here}") -> None:
        text = (
            f"name: {here} to {there}\ntrigger: {{use: {here}.person_changed, as: person}}\n"
            f"{two_way.format(here=here, there=there)}\nsteps:\n  - id: kept\n"
            f"    use: {there}.keep_person\n"
            '    with: {name: "{{ person.name }}", city: "{{ person.city }}"}\n'
        )
        (self.library.folder / f"{here}-{there}.yaml").write_text(text)

    @property
    def transports(self):
        return {
            "left": httpx2.WSGITransport(app=self.left),
            "right": httpx2.WSGITransport(app=self.right),
        }

    def run(self, name: str, request: RunRequest | None = None):
        recipe = self.library.load(name)
        run_id = request_run(self.store, self.host, recipe, request=request)
        return execute(self.store, self.host, run_id, transports=self.transports)

    def settle_down(self) -> int:
        """Run both until neither writes any more; return how many writes that took."""
        before = self.left.writes + self.right.writes
        for _ in range(6):
            writes = self.left.writes + self.right.writes
            self.run("left-right")
            self.run("right-left")
            if writes == self.left.writes + self.right.writes:
                return writes - before
        raise AssertionError("they send to and fro for ever")

    @staticmethod
    def said(book: Book) -> dict[str, tuple[str, str | None]]:
        return {id: (one["name"], one.get("city")) for id, one in book.people.items()}


@pytest.fixture
def make(store, tmp_path):
    folder = tmp_path / "recipes"
    folder.mkdir()
    return lambda **how: Bridges(store, folder, **how)


@pytest.fixture
def bridges(make):
    return make()


HOW = [{}, {"precise": False}, {"tells": False}]
IDS = ["exactly", "in whole seconds", "by the time of the write"]


@pytest.mark.parametrize("how", HOW, ids=IDS)
def test_what_one_writes_the_other_leaves_alone(make, how):
    bridges = make(**how)
    bridges.left.put("1", name="Ada", city="Bath")
    assert bridges.run("left-right").counts == {"created": 1}
    back = bridges.run("right-left")
    assert back.counts == {"skipped": 1}
    [entry] = entries(bridges.store, back.id)
    assert (entry.code, entry.reason) == (
        "echo",
        "Its latest change is what the recipe 'left to right' wrote itself.",
    )
    assert len(bridges.left.people) == len(bridges.right.people) == 1


def test_a_change_just_after_an_echo_goes_over_to_the_same_record(bridges):
    bridges.left.put("1", name="Ada", city="Bath")
    bridges.run("left-right")
    bridges.right.put("100", city="York")  # a moment after the bridge wrote it
    run = bridges.run("right-left")
    assert run.counts == {"updated": 1}
    assert bridges.said(bridges.left) == {"1": ("Ada", "York")}
    assert bridges.settle_down() == 0
    assert bridges.said(bridges.right) == {"100": ("Ada", "York")}


def test_a_change_back_to_what_was_sent_before_goes_over_too(bridges):
    bridges.left.put("1", name="Ada", city="Bath")
    bridges.run("left-right")
    bridges.right.put("100", city="York")
    bridges.run("right-left")
    bridges.left.put("1", city="Bath")  # just what the first bridge sent last
    assert bridges.run("left-right").counts == {"updated": 1}
    assert bridges.said(bridges.right) == {"100": ("Ada", "Bath")}
    assert bridges.settle_down() == 0


def test_records_of_both_sides_become_pairs_and_none_is_doubled(bridges):
    bridges.left.put("1", name="Ada")
    bridges.right.put("7", name="Grace")
    bridges.run("left-right")
    bridges.run("right-left")
    assert bridges.settle_down() == 0
    bridges.left.put("101", city="Hull")  # Grace, on the other side
    bridges.right.put("101", city="Bath")  # Ada
    bridges.settle_down()
    assert bridges.said(bridges.left) == {"1": ("Ada", "Bath"), "101": ("Grace", "Hull")}
    assert bridges.said(bridges.right) == {"7": ("Grace", "Hull"), "101": ("Ada", "Bath")}


@pytest.mark.parametrize("how", HOW, ids=IDS)
def test_they_come_to_rest_whatever_happens_between(make, how):
    bridges = make(**how)
    for n in range(6):
        bridges.left.put(str(n), name=f"Person {n}")
    bridges.settle_down()
    for n in range(6):
        side, id = (bridges.left, str(n)) if n % 2 else (bridges.right, str(100 + n))
        side.put(id, city=f"City {n}")
    bridges.settle_down()
    assert len(bridges.left.people) == len(bridges.right.people) == 6


def test_what_was_written_before_there_was_a_way_back_is_a_pair_as_well(bridges):
    bridges.write("left", "right", two_way="")
    bridges.left.put("1", name="Ada", city="Bath")
    bridges.run("left-right")
    bridges.write("left", "right")
    bridges.right.put("100", city="York")
    assert bridges.run("right-left").counts == {"updated": 1}
    assert bridges.said(bridges.left) == {"1": ("Ada", "York")}


def test_a_preview_knows_echoes_and_pairs(bridges):
    bridges.left.put("1", name="Ada", city="Bath")
    bridges.run("left-right")
    back = bridges.library.load("right-left")
    look = {"transports": bridges.transports}
    assert preview(bridges.store, bridges.host, back, **look).counts == {"skipped": 1}
    bridges.right.put("100", city="York")
    assert preview(bridges.store, bridges.host, back, **look).counts == {"updated": 1}


def test_a_write_that_changed_nothing_is_no_echo(bridges):
    bridges.left.put("1", name="Ada", city="Bath")
    bridges.run("left-right")
    bridges.right.put("100", city="York")
    bridges.run("left-right", RunRequest(full=True))  # unchanged: it writes nothing
    assert bridges.run("right-left").counts == {"updated": 1}


def test_what_one_made_is_not_new_to_the_limits_of_the_other(bridges):
    limited = "two_way: {there}-{here}\nlimits: {{hold_if_more_than: 1 new}}"
    bridges.write("right", "left", two_way=limited)
    bridges.right.put("7", name="Grace")
    assert bridges.run("right-left").counts == {"created": 1}
    for n in range(3):
        bridges.left.put(str(n), name=f"Person {n}")
    bridges.run("left-right")
    back = bridges.run("right-left")
    assert (back.status, back.counts) == ("succeeded", {"skipped": 3, "unchanged": 1})


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        ("two_way: left-right", None, "A recipe can't be its own other direction."),
        ("two_way: right-lef", None, "There is no recipe 'right-lef' beside this one."),
        (None, "", "The recipe 'right-left' does not name this one."),
        (None, "steps: 3", "The recipe 'right-left' has mistakes."),
    ],
)
def test_each_must_name_the_other(bridges, left, right, message):
    from engine.recipe.checking.check import check_file

    if left is not None:
        bridges.write("left", "right", two_way=left)
    if right is not None:
        bridges.write("right", "left", two_way=right)
    found = check_file(bridges.library.path("left-right"), bridges.host)
    assert [one.message for one in found] == [message]


def test_the_right_pair_has_no_findings(bridges):
    for name in ("left-right", "right-left"):
        check_before_run(bridges.store, bridges.host, bridges.library.load(name))
