"""The command ``serve``, as the process that people start."""

import gc
import signal
import socket
import subprocess
import sys

import httpx2
import pytest
from click.testing import CliRunner

from engine.cli.commands import cli
from engine.memory import IN_A_RUN, program_memory


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


def test_it_looks_for_garbage_before_the_first_run_too(tmp_path, monkeypatch):
    looked = []

    class Server:
        effective_port = 0

        def run(self):
            looked.append(gc.get_threshold()[0])

        def close(self):
            pass

    monkeypatch.setattr("web.serve.create_server", lambda *_, **__: Server())
    monkeypatch.setattr("web.serve.signal.signal", lambda *_: None)
    before = gc.get_threshold()
    try:
        with program_memory():
            result = CliRunner().invoke(cli, ["serve", "--home", str(tmp_path / "home")])
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
    assert result.exit_code == 0, result.output
    assert looked == [IN_A_RUN]


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


def statuses(url: str, times: int, asker: str) -> list[int]:
    with httpx2.Client() as client:
        headers = {"X-Forwarded-For": asker}
        return [client.get(f"{url}/api/me", headers=headers).status_code for _ in range(times)]


@pytest.mark.parametrize("trusted", [True, False])
def test_who_asks_is_taken_from_a_proxy_only_where_it_is_trusted(serving, monkeypatch, trusted):
    if trusted:
        monkeypatch.setenv("BRIDGEWORK_TRUSTED_PROXY", "127.0.0.1")
    with serving() as served:
        assert statuses(served.url, 121, "198.51.100.7")[-2:] == [401, 429]
        assert statuses(served.url, 1, "198.51.100.8") == [401 if trusted else 429]


def test_a_trusted_proxy_is_an_address(monkeypatch, tmp_path):
    monkeypatch.setenv("BRIDGEWORK_TRUSTED_PROXY", "proxy.firm.example")
    result = command("--port", "0", "--home", str(tmp_path / "home"))
    assert result.returncode == 3
    assert "BRIDGEWORK_TRUSTED_PROXY is no address" in result.stderr


def test_what_no_page_and_no_webhook_could_hold_is_not_even_received(serving):
    with serving() as served:
        port = int(served.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(b"POST /hooks/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
            assert b" 413 " in line.recv(100)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 70_000)
            assert b" 431 " in line.recv(100)


def test_in_a_folder_that_others_may_read_they_still_read_nothing(serving, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    with serving() as served:
        httpx2.get(served.url)
        files = [file for file in home.rglob("*") if file.is_file() and file.name != "serve.lock"]
        names = {file.name for file in files}
        assert names >= {"bridgework.db", "bridgework.db-wal", "engine.db", "bridgework.log"}
        assert {file.name for file in files if file.stat().st_mode & 0o077} == set()
