"""After a run people hear what they should: failure once, recovery, much rejected, the report."""

import pytest

from engine.errors import RetryableError
from engine.run.start import request_run
from engine.store.notices import Notice, add_notice, list_notices
from engine.store.runs import RunRequest, request_cancel

DOWN = RetryableError("The mill is out of reach.", hint="Try again later.")
REPORT = "report: {{send_to: [intake@firm.example], when: {when}}}"


@pytest.fixture
def told(office):
    """Return the notices since the last look, oldest first."""
    seen: set[int] = set()

    def look(topic: str | None = None) -> list[Notice]:
        new = [n for n in reversed(list_notices(office.store, topic=topic)) if n.id not in seen]
        seen.update(n.id for n in new)
        return new

    return look


def kinds(found: list[Notice]) -> list[str]:
    return [notice.kind for notice in found]


def test_a_good_run_is_no_news(office, single, make_order, told) -> None:
    office.mill.orders = [make_order("1")]
    office.run(single)
    assert told() == []


def test_a_failure_is_told_once_and_its_end_too(office, single, make_order, told) -> None:
    office.mill.orders = [DOWN]
    run = office.run(single)
    [failed] = told()
    assert (failed.kind, failed.about) == ("run_failed", "recipe:parcels")
    assert failed.subject == "Orders become parcels could not run"
    assert failed.body == "The mill is out of reach.\nTry again later."
    assert failed.link == f"/runs/{run.id}/report"
    office.clock.pass_by(minutes=15)
    office.run(single)
    assert told() == []
    office.mill.orders = [make_order("1")]
    office.run(single)
    [well] = told()
    assert (well.kind, well.subject) == ("run_well", "Orders become parcels works again")
    assert well.body == "1 order became a parcel."
    office.run(single)
    assert told() == []


def test_what_goes_on_failing_is_told_again_once_a_day(office, single, told) -> None:
    office.mill.orders = [DOWN]
    office.run(single)
    told()
    said = []
    for _ in range(16):  # every three hours for two days
        office.clock.pass_by(hours=3)
        office.run(single)
        said += told()
    assert [(notice.kind, notice.reminder) for notice in said] == [("run_failed", True)] * 2
    assert said[0].subject == "Orders become parcels still can't run: 2 days now"
    assert said[0].body.endswith("It failed 8 times in a row.")
    assert said[1].subject == "Orders become parcels still can't run: 3 days now"


def test_a_run_that_was_stopped_by_hand_is_no_news(office, single, make_order, told) -> None:
    office.mill.orders = [make_order("1")]
    run_id = request_run(office.store, office.host, single)
    request_cancel(office.store, run_id)
    assert office.go(run_id).status == "cancelled"
    assert told() == []


def test_a_retry_is_looked_at_by_whoever_asked_for_it(office, single, make_order, told) -> None:
    office.mill.orders = [make_order(str(n), colour="refused") for n in range(6)]
    run = office.run(single)
    assert kinds(told()) == ["rejected_share"]
    office.mill.orders = [DOWN]
    office.run(single)
    assert kinds(told()) == ["run_failed"]
    office.retry(run)
    assert told() == []


def test_much_rejected_is_told_with_its_causes(office, single, make_order, told) -> None:
    good = [make_order(f"g{n}") for n in range(15)]
    office.mill.orders = good + [make_order(f"b{n}", colour="refused") for n in range(5)]
    run = office.run(single)
    [notice] = told()
    assert (notice.kind, notice.about) == ("rejected_share", "recipe:parcels")
    assert notice.subject == "Orders become parcels: 5 of 20 orders did not come over"
    first, second = notice.body.split("\n")
    assert first == "5 of 20 new or changed orders did not come over (25%)."
    assert second.startswith("5 orders: ")
    assert notice.link == f"/runs/{run.id}/report"


def test_a_few_rejected_are_no_news_of_their_own(office, single, make_order, told) -> None:
    office.mill.orders = [make_order(f"b{n}", colour="refused") for n in range(4)]
    office.run(single)
    office.mill.orders = [make_order(f"g{n}") for n in range(30)]
    office.mill.orders += [make_order(f"x{n}", colour="refused") for n in range(6)]
    office.run(single)  # 6 of 36 are less than a fifth
    assert told() == []


def test_old_problems_tried_again_are_no_news(office, single, make_order, told) -> None:
    office.mill.orders = [make_order(f"g{n}") for n in range(50)]
    office.mill.orders += [make_order(f"b{n}", colour="refused") for n in range(8)]
    office.run(single)
    later = "2026-11-24T21:00:00+00:00"
    office.mill.orders += [make_order(f"n{n}", changed_at=later) for n in range(3)]
    office.clock.pass_by(days=1)
    run = office.run(single)
    assert run.counts["rejected"] == 8
    assert told() == []


def test_a_recipe_may_ask_to_be_told_sooner_or_later(office, make_order, told) -> None:
    orders = [make_order(f"g{n}") for n in range(9)] + [make_order("b", colour="refused")]
    office.mill.orders = orders
    office.run(
        office.recipe(office.SINGLE, name="strict", more="report: {tell_if_rejected_over: 5%}")
    )
    assert [n.about for n in told()] == ["recipe:strict"]
    office.mill.orders = [make_order(f"x{n}") for n in range(5)]
    office.mill.orders += [make_order(f"y{n}", colour="refused") for n in range(6)]
    office.run(
        office.recipe(office.SINGLE, name="mild", more="report: {tell_if_rejected_over: 60%}")
    )
    assert told() == []


def test_the_next_bad_share_is_news_only_after_a_good_run(office, single, make_order, told) -> None:
    def night(name: str, colour: str) -> None:
        office.clock.pass_by(days=1)
        at = office.clock.now.isoformat()
        office.mill.orders = [
            make_order(f"{name}{n}", colour=colour, changed_at=at) for n in range(6)
        ]
        office.run(single)

    night("a", "refused")
    night("b", "refused")
    assert kinds(told()) == ["rejected_share"]
    night("c", "red")
    night("d", "refused")
    assert kinds(told()) == ["rejected_share"]


@pytest.mark.parametrize(
    ("when", "sent"),
    [
        ("always", ["good", "refused", "down"]),
        ("anything needs attention", ["refused", "down"]),
        ("failure", ["down"]),
    ],
)
def test_the_report_is_sent_after_the_runs_the_recipe_names(
    office, make_order, told, when: str, sent: list[str]
) -> None:
    recipe = office.recipe(office.SINGLE, more=REPORT.format(when=when))
    nights = {
        "good": [make_order("1")],
        "refused": [make_order("2", colour="refused")],
        "down": [DOWN],
    }
    reports = {}
    for name, orders in nights.items():
        office.mill.orders = orders
        run = office.run(recipe)
        for notice in told("report"):
            assert notice.send_to == ("intake@firm.example",)
            assert (notice.about, notice.link) == (
                f"recipe:parcels/run:{run.id}",
                f"/runs/{run.id}/report",
            )
            reports[name] = notice.subject
    assert list(reports) == sent
    assert reports["down"] == "Orders become parcels: The mill is out of reach."


def test_nothing_new_is_reported_once_a_day(office, make_order, told) -> None:
    recipe = office.recipe(office.SINGLE, more=REPORT.format(when="anything needs attention"))
    office.mill.orders = [make_order("1", colour="refused")]
    office.run(recipe)
    assert len(told("report")) == 1
    for _ in range(4):
        office.clock.pass_by(hours=4)
        assert office.run(recipe).status == "partial"
    assert told("report") == []
    office.mill.orders.append(make_order("2", colour="refused"))
    office.run(recipe)
    assert len(told("report")) == 1  # one more needs attention
    office.clock.pass_by(hours=21)
    office.run(recipe)
    assert len(told("report")) == 1


def test_a_trial_with_a_limit_still_tells_what_failed(office, single, told) -> None:
    office.mill.orders = [DOWN]
    office.run(single, RunRequest(limit=5))
    assert kinds(told()) == ["run_failed"]


def test_a_broken_connection_is_told_instead_of_every_run_it_fails(
    office, single, make_order, told
) -> None:
    with office.store.writing() as connection:
        said = {"subject": "Reconnect the depot", "body": "It holds up: Orders become parcels."}
        add_notice(connection, kind="connection_broke", about="connection:depot", **said)
    told()
    office.mill.orders = [DOWN]
    office.run(single)
    office.run(single)
    assert told() == []
    with office.store.writing() as connection:
        said = {"subject": "The depot works again", "body": "b"}
        add_notice(connection, kind="connection_well", about="connection:depot", **said)
    told()
    office.run(single)
    assert kinds(told()) == ["run_failed"]


def test_a_time_that_could_not_be_started_is_told_like_a_failure(night) -> None:
    path = night.recipe().path
    night.look()
    good = path.read_text()
    path.write_text("name: [\n")
    night.look(minutes=15)
    path.write_text(good.replace("mill.order_changed", "mill.order_chnged"))
    night.look(minutes=15)
    [notice] = list_notices(night.office.store)
    assert (notice.kind, notice.repeats, notice.link) == ("run_failed", 1, "/recipes/parcels")
    assert notice.subject == "parcels could not be started"
    assert "The recipe has mistakes" in notice.body
    path.write_text(good)
    night.look(minutes=15)
    night.office.go(night.runs()[-1].id)
    assert kinds(list_notices(night.office.store)) == ["run_well", "run_failed"]
