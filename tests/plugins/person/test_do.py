"""Work that no app does: a task with the fields and the answers that the recipe names."""

from pathlib import Path

import pytest

from engine.errors import BridgeworkError
from engine.host import Host, build_host
from engine.recipe.checking.check import check_text
from engine.run.people.tasks import NotAnAnswer, answer_task
from engine.sdk import Connector, hookimpl
from engine.store.questions import list_questions
from engine.store.tasks import task_of
from plugins import person
from plugins.person.tasks import answers
from tests.engine.run.conftest import Office, depot, line, office  # noqa: F401
from tests.engine.run.depot import depot_connector
from tests.engine.run.mill import Mill, mill_connector, order

STEPS = """
- id: filing
  use: person.do
  with:
    title: File the complaint
    instructions: Take it to {{ order.shelf }}.
    fields: {Client: "{{ order.title }}"}
    expects: [docket, filed_on (date), pages (number), sealed (yes or no)]
- id: parcel
  use: depot.store_parcel
  with: {title: "{{ filing.docket }} {{ filing.filed_on | date('%d/%m/%Y') }} {{ filing.pages }}"}
"""


@pytest.fixture
def mill() -> Mill:
    return Mill()


@pytest.fixture
def host(mill: Mill) -> Host:
    class Plugin:
        @hookimpl
        def register_connectors(self) -> list[Connector]:
            return [mill_connector(mill), depot_connector(), person.connector]

    return build_host([Plugin()], strict=True)


def test_a_person_does_it_and_later_steps_read_the_answers(office: Office, mill: Mill) -> None:  # noqa: F811
    recipe = office.recipe(STEPS)
    mill.orders = [order("1", shelf="A")]
    office.run(recipe)
    [asked] = list_questions(office.store)
    assert asked.text == "File the complaint: Order 1"
    task = task_of(asked.task or {})
    assert (task.note, [(f.title, f.value) for f in task.fields]) == (
        "Take it to A.",
        [("Client", "Order 1")],
    )
    assert not task.asks_id
    assert [(f.name, f.required) for f in task.results] == [
        (name, True) for name in ("docket", "filed_on", "pages", "sealed")
    ]
    given = {"docket": "26-001", "filed_on": "soon", "pages": "12", "sealed": "yes"}
    with pytest.raises(NotAnAnswer) as wrong:
        answer_task(office.store, asked.id, "done", given, by="dana@mill")
    assert list(wrong.value.problems) == ["filed_on"]
    given["filed_on"] = "2026-11-26"
    answer_task(office.store, asked.id, "done", given, by="dana@mill")
    assert office.outcomes(office.run(recipe)) == {"1": "created"}
    assert office.depot.parcels["1"]["title"] == "26-001 26/11/2026 12"
    assert office.run(recipe).counts == {"unchanged": 1}
    assert list_questions(office.store) == []


def test_answers_that_are_not_expected_are_found_by_the_check(host: Host) -> None:
    head = "name: A\ntrigger: {use: mill.order_changed, as: order}\nsteps:\n"
    text = head + "".join(f"  {row}\n" for row in STEPS.strip().splitlines())
    assert check_text(text, Path("r.yaml"), host, ["mill", "depot"]) == []
    [found] = check_text(
        text.replace("filing.docket", "filing.dockett"), Path("r.yaml"), host, ["mill", "depot"]
    )
    assert found.code == "unknown-field"
    assert "docket" in found.as_text()


def test_an_expected_answer_has_a_name_and_a_kind_that_there_is() -> None:
    with pytest.raises(BridgeworkError, match="'filed on' is no name of an answer"):
        answers(None, ["filed on"])  # type: ignore[arg-type]
    assert answers(None, ["a (date)"])["properties"] == {  # type: ignore[arg-type]
        "a": {"type": "string", "format": "date"}
    }


def test_an_account_for_it_is_a_mistake_and_none_that_is_still_to_be_connected(
    office: Office,  # noqa: F811
) -> None:
    text = office.recipe(STEPS.replace("use: person.do", "use: person.do\n  connection: clio")).text
    [found] = check_text(text, office.library.folder / "it.yaml", office.host, ["depot", "mill"])
    assert found.code == "needless-connection"
    assert not found.is_setup
