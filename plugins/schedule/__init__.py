"""The clock starts a recipe: one record for each time of its schedule."""

from engine.sdk import Connector, Examples, hookimpl
from plugins.schedule import triggers

connector = Connector(name="schedule", title="Schedule")

connector.trigger(
    "Scheduled time",
    key="id",
    cursor="time",
    label="title",
    noun="time",
    sorted=True,
    fetch=triggers.fetch_tick,
    sample=triggers.SAMPLE,
)(triggers.tick)

connector.examples(
    Examples(
        exempt={
            "nothing_new_since_the_last_cursor[tick]": (
                "Asked by hand, it yields the time it is; by the clock, the engine says which."
            ),
            "the_sample_is_like_the_records[tick]": (
                "Without a recipe there is no schedule, and so no time before or after."
            ),
        }
    )
)


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
