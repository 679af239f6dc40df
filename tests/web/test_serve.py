"""The command ``serve``, as the process that people start."""

import signal
import socket
import subprocess
import sys

import httpx2
import pytest


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_answers_and_stops_cleanly(serving, stop):
    with serving() as served:
        page = httpx2.get(served.url, follow_redirects=True)
        assert page.url.path == "/setup"
        assert "Make the admin account" in page.text
        assert "server" not in page.headers
        served.process.send_signal(stop)
        assert served.process.wait(timeout=20) == 0
        assert "Traceback" not in served.said()


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "engine.cli", "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_port_in_use_is_named_with_a_way_out(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = command("--port", str(port), "--home", str(tmp_path / "home"))
    assert result.returncode == 3
    assert f"Port {port} of '127.0.0.1' can't be used" in result.stderr
    assert "Choose another with --port or --host." in result.stderr
    assert "Traceback" not in result.stderr


def test_an_address_that_leads_nowhere_is_named(tmp_path):
    result = command("--host", "no such host", "--port", "0", "--home", str(tmp_path / "home"))
    assert result.returncode == 3
    assert "There is no address 'no such host' on this computer." in result.stderr


def test_two_in_one_home_would_run_everything_twice_so_the_second_is_refused(serving, tmp_path):
    with serving() as served:
        result = command("--port", "0", "--home", str(served.home))
    assert result.returncode == 3
    assert "Another `bridgework serve` already works" in result.stderr


@pytest.mark.parametrize("wrong", [("--port", "99999"), ("--port", "x"), ("--nonsense",)])
def test_wrong_usage_is_told_apart(tmp_path, wrong):
    result = command(*wrong, "--home", str(tmp_path / "home"))
    assert result.returncode == 2
