"""What every test may ask for: an empty home with its database, and a clock that stands still."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine import redaction
from engine.store.database import URL_VARIABLE, Store, open_store
from engine.store.keys import KEYS_VARIABLE


@dataclass
class Clock:
    """Tells the time it was set to; tests move it by hand."""

    now: datetime = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def pass_by(self, **length: float) -> None:
        """Move on by ``minutes=5``, ``days=1`` and so on."""
        self.now += timedelta(**length)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _nobodys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own database and keys are never touched by a test."""
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    monkeypatch.delenv(KEYS_VARIABLE, raising=False)


@pytest.fixture(autouse=True)
def _nobodys_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test hides its own secrets only; one that is called "another" would change sentences."""
    monkeypatch.setattr(redaction, "_secrets", redaction._secrets.copy())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A home made for this test."""
    store = open_store(tmp_path / "home")
    yield store
    store.close()
