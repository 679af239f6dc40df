"""``practice``: one line of JSON, then a server until it is asked to end."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
import pytest
from click.testing import Result

Bridgework = Callable[..., Result]


@contextmanager
def practice(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, object]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.cli", "practice", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_prints_its_address_and_credentials_serves_and_ends_when_asked(
    number: signal.Signals,
) -> None:
    with practice("casestatus") as (process, said):
        assert set(said) == {"url", "credentials"}
        answer = httpx2.get(
            f"{said['url']}/reporting/firm",
            headers={"Authorization": f"ApiKey {said['credentials']['api_key']}"},
        )
        assert answer.status_code == 200
        (request,) = httpx2.get(f"{said['url']}/_practice/requests").json()
        assert request["path"] == "/reporting/firm"
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""


def test_seed_decides_the_sample_data_and_port_the_address() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    names = {}
    for seed in ("1", "1", "2"):
        with practice("clio", "--seed", seed, "--port", str(port)) as (_, said):
            assert said["url"] == f"http://127.0.0.1:{port}"
            matters = httpx2.get(f"{said['url']}/_practice/records").json()["matters"]
            found = [(matter["display_number"], matter["description"]) for matter in matters]
            assert names.setdefault(seed, found) == found
    assert names["1"] != names["2"]


def test_taken_port_is_one_clear_sentence(bridgework: Bridgework) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = bridgework("practice", "clio", "--port", port)
    assert result.exit_code == 3
    assert f"can't listen on port {port}" in result.stderr
    assert result.stdout == ""


def test_connector_without_a_practice_server(bridgework: Bridgework) -> None:
    result = bridgework("practice", "csv")
    assert result.exit_code == 3
    assert "CSV file has no practice server." in result.stderr
    assert "Recipes use it as it is, without a connection." in result.stderr
