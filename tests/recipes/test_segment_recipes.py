"""The recipes for Segment, run against practice servers: each event once, also when they run again."""

from tests.recipes.conftest import Bench


def test_people_of_a_file_are_identified_once(bench: Bench) -> None:
    first = bench.run("csv-people-to-segment")
    segment = bench.servers["segment"].records()
    assert segment["dropped"] == []
    assert len(segment["events"]) == first["created"] > 30
    ada = next(one for one in segment["events"] if one["userId"] == "ada.okafor@mail.example")
    assert ada["traits"] == {
        "email": "ada.okafor@mail.example",
        "firstName": "Ada",
        "lastName": "Okafor",
        "newsletter": True,
    }
    again = bench.run("csv-people-to-segment")
    assert again["unchanged"] == first["created"]
    assert len(bench.servers["segment"].records()["events"]) == first["created"]


def test_matters_become_events_of_their_clients(bench: Bench) -> None:
    first = bench.run("clio-matters-to-segment")
    segment = bench.servers["segment"].records()
    assert segment["dropped"] == []
    assert len(segment["events"]) == first["created"] > 200
    assert {one["event"] for one in segment["events"]} == {
        "Matter Open", "Matter Pending", "Matter Closed"
    }  # fmt: skip
    assert all(one["timestamp"].endswith("+00:00") for one in segment["events"])
    # One matter was edited while the list was read, and so happened once more.
    again = bench.run("clio-matters-to-segment", "--full")
    assert again == {"updated": 1, "unchanged": first["created"] - 1, "skipped": first["skipped"]}
    assert len(bench.servers["segment"].records()["events"]) == first["created"] + 1
