"""kill -9 while notices are sent: none is lost, and what comes twice is known by its Message-ID."""

import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from engine.notices.mail import save_mail_server
from engine.notices.sending import send_notices
from engine.store.notice_channels import Channel, save_channel
from engine.store.notice_deliveries import LEASE
from tests.engine.notices.conftest import Mailbox

NOTICES = 60
KILLS = 5


def killed_while_sending(home: Path, mailbox: Mailbox, after: int) -> None:
    """Let a process send until so many more mails have come, then end it without a word."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.engine.notices.victim", str(home)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        enough = len(mailbox.mails) + after
        until = time.monotonic() + 20
        while len(mailbox.mails) < enough and time.monotonic() < until:
            time.sleep(0.001)
        process.kill()


def test_kill_9_loses_no_notice(store, mailbox, tell, clock, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    clock.now = datetime.now(UTC)
    save_mail_server(store, mailbox.server())
    save_channel(store, Channel(name="ann", kind="mail", place="ann@firm.example"))
    for number in range(NOTICES):
        tell(about=f"recipe:{number}", subject=f"Notice {number}")
    for kill in range(KILLS):
        killed_while_sending(store.home, mailbox, after=3 + kill)
    assert len(mailbox.mails) < NOTICES  # it was in the middle of it
    clock.now = datetime.now(UTC) + LEASE  # what a dead process had taken is free by then
    send_notices(store, clock=clock)
    send_notices(store, clock=clock)  # a line sends fifty in a row
    came = Counter(mail["Subject"] for mail in mailbox.mails)
    assert set(came) == {f"Notice {number}" for number in range(NOTICES)}
    assert came.total() <= NOTICES + KILLS
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == NOTICES
