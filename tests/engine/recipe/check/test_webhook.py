"""A recipe that wants to be told at once is checked for whether its trigger can be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.host import Host, build_host
from engine.recipe.checking.check import check_file
from engine.sdk import Connector, Context, Delivery, HookRequest, Record, hookimpl

RECIPE = """
name: Calls are written down
trigger:
  use: phone.{trigger}
  schedule: {schedule}
steps:
  - use: phone.note
    with: {{text: "{{{{ record.id }}}}"}}
"""


@pytest.fixture
def host() -> Host:
    phone = Connector(name="phone", title="Phone")

    @phone.trigger("Rang", key="id", sample={"id": "1"})
    def rang(ctx: Context) -> Iterator[Record]:
        """Start with each call."""
        yield from ()

    @phone.trigger("Listed", key="id", sample={"id": "1"})
    def listed(ctx: Context) -> Iterator[Record]:
        """Start with each call in the list."""
        yield from ()

    @phone.action("Note", sample={"id": "1"})
    def note(ctx: Context, text: str) -> Record:
        """Write something down."""
        return {}

    @phone.webhook(rang).deliveries
    def told(request: HookRequest) -> Iterator[Delivery]:
        yield Delivery("1", record=request.json())

    class Plugin:
        @hookimpl
        def register_connectors(self) -> list[Connector]:
            return [phone]

    return build_host([Plugin()], strict=True)


@pytest.mark.parametrize("schedule", ["instant", "instant and every day at 20:30"])
def test_a_trigger_without_a_webhook_cant_be_instant(
    host: Host, tmp_path: Path, schedule: str
) -> None:
    path = tmp_path / "calls.yaml"
    path.write_text(RECIPE.format(trigger="listed", schedule=schedule))
    (finding,) = check_file(path, host)
    assert (finding.code, finding.position.line) == ("no-webhook", 5)
    assert finding.message == "phone.listed can't be told at once: it has no webhook."
    assert "`every 15 minutes`" in finding.hint
    assert "phone.rang" in finding.hint


@pytest.mark.parametrize(
    ("trigger", "schedule"),
    [("rang", "instant"), ("rang", "instant, and every hour"), ("listed", "every hour")],
)
def test_what_can_be_told_or_is_asked_for_by_the_clock_is_fine(
    host: Host, tmp_path: Path, trigger: str, schedule: str
) -> None:
    path = tmp_path / "calls.yaml"
    path.write_text(RECIPE.format(trigger=trigger, schedule=schedule))
    assert check_file(path, host) == []
