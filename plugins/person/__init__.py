"""A person: does by hand what no app does, as a task with the fields and answers a recipe names."""

from engine.sdk import Connector, Examples, hookimpl
from plugins.person import tasks

connector = Connector(name="person", title="A person")

connector.action(
    "Do something by hand",
    noun="task",
    sample=tasks.SAMPLE,
    schema=tasks.answers,
)(tasks.do)


#: Checks of operations that are called: this one never is.
CALLED = ("an_example_is_taken", "answers_fit_their_schema", "refusals_say_why")

connector.examples(
    Examples(
        parameters={"do": {"title": "File the complaint", "expects": ["number"]}},
        exempt={f"{check}[do]": "A person does it: the engine asks them." for check in CALLED},
    )
)


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
