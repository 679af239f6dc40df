"""What a connector's function is given: HTTP, the connection's public side, a log, the time."""

import logging
import os
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Protocol, TypedDict, TypeVar

import httpx2
from typing_extensions import Unpack

from engine.errors import InputError, SetupError
from engine.files import File, Files, NoFiles
from engine.pagination import Pagination

T = TypeVar("T")


class Asked(TypedDict, total=False):
    """What any request may have."""

    params: Any
    headers: Any


class Sent(Asked, total=False):
    """What a request with a body may have: ``json``, a form (``data``), or ``content`` as it is.

    :ivar content: bytes, or a file, which is read piece by piece while it is sent.
    :ivar files: by the name of their field: sent with ``data`` as ``multipart/form-data``.
    """

    json: Any
    data: Any
    content: bytes | File | None
    files: Mapping[str, File] | None


class Http(Protocol):
    """Requests with credentials, retries and errors already seen to.

    Relative paths join the connector's base URL. Credentials go only to hosts the connector
    declared. Every method raises a :class:`~engine.errors.ConnectorError` for a status of 400 or
    more; what it returns succeeded.
    """

    def get(self, url: str, **asked: Unpack[Asked]) -> httpx2.Response: ...

    def post(self, url: str, *, idempotent: bool = False, **sent: Unpack[Sent]) -> httpx2.Response:
        """Send a body.

        :param idempotent: a repeat does no harm, so that a lost answer is asked for again.
        """
        ...

    def put(self, url: str, **sent: Unpack[Sent]) -> httpx2.Response: ...

    def patch(self, url: str, **sent: Unpack[Sent]) -> httpx2.Response: ...

    def delete(self, url: str, **asked: Unpack[Asked]) -> httpx2.Response: ...

    def download(self, url: str, *, name: str = "", **asked: Unpack[Asked]) -> File:
        """Get a file, which goes to ``ctx.files`` piece by piece.

        :param name: default: as the answer names it, else the end of the address.
        :raises InputError: it is larger than Bridgework takes.
        """
        ...

    def paginate(
        self,
        url: str,
        *,
        items: str,
        params: Mapping[str, Any] | None = None,
        pagination: Pagination | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the items of every page; ``items`` is the dotted path of the list in an answer,
        empty where the answer is the list itself.

        :raises RemoteError: a page without that list, or the same next page twice.
        """
        ...

    def pages(
        self,
        url: str,
        *,
        items: str,
        params: Mapping[str, Any] | None = None,
        pagination: Pagination | None = None,
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield whole pages, for connectors that look something up once a page."""
        ...


@dataclass(frozen=True)
class Folders:
    """Where a recipe's files are: first match wins for reading, ``output`` is for writing.

    :param search: folders in which a relative name is looked up.
    :param output: the folder a relative name is written to.
    :param named: names that stand in the recipe as they are; any other came out of a record, and
        whoever fills in a record must not choose where on this computer is written. None: whoever
        asks is trusted.
    :param roots: further folders in which records may name a file, since the recipe names those.
    """

    search: tuple[Path, ...] = (Path(),)
    output: Path = Path()
    named: frozenset[str] | None = None
    roots: tuple[Path, ...] = ()

    def to_read(self, name: str) -> Path:
        """Return the existing file called ``name``.

        :raises SetupError: it is in none of the folders.
        """
        path = Path(name).expanduser()
        candidates = [path] if path.is_absolute() else [folder / path for folder in self.search]
        for candidate in candidates:
            if candidate.is_file():
                return candidate
        places = ", ".join(dict.fromkeys(f"'{c.parent.resolve()}'" for c in candidates))
        raise SetupError(
            f"There is no file {name!r}.",
            hint=f"Looked in {places}. Put the file there or give its full path.",
        )

    def to_write(self, name: str) -> Path:
        """Return the path to write ``name`` to; its folder is made.

        :raises SetupError: a relative name leads out of the output folder.
        :raises InputError: a name out of a record leads out of the folders that the recipe names.
        """
        path = Path(os.path.expanduser(name))  # noqa: PTH111 - Path's raises for unknown users
        if self.named is not None and name not in self.named:
            self._check_named_by_record(name, self.output / path)
        if not path.is_absolute():
            path = self.output / path
            if not path.resolve().is_relative_to(self.output.resolve()):
                raise SetupError(
                    f"The file {name!r} would be outside '{self.output}'.",
                    hint="Give a name without '..', or the full path.",
                )
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _check_named_by_record(self, name: str, path: Path) -> None:
        allowed = (self.output, *self.roots)
        if not any(path.resolve().is_relative_to(folder.resolve()) for folder in allowed):
            raise InputError(
                f"The file {name!r}, which the record names, would be outside '{self.output}'.",
                hint="Where that is meant, write the folder into the recipe before the {{ }}.",
                code="outside",
            )


class Kept:
    """What a connector looks up once in a while, such as the ids that names stand for.

    It lasts as long as the connection's line is open: a run at most. Its threads share it. What is
    kept and has a ``close``, such as a line of its own to a server, is closed at the end.
    """

    def __init__(self) -> None:
        self._asking = threading.RLock()
        self._found: dict[str, Any] = {}

    def once(self, name: str, look_up: Callable[[], T]) -> T:
        """Return what ``look_up`` returned when this name was first asked for.

        Where it raises, nothing is kept.
        """
        with self._asking:
            if name not in self._found:
                self._found[name] = look_up()
            found: T = self._found[name]
            return found

    def forget(self, *names: str) -> None:
        """Have these looked up anew, since something was changed."""
        with self._asking:
            for name in names:
                self._found.pop(name, None)

    def close(self) -> None:
        """Forget all; what has a ``close``, such as a line to a mail server, is closed."""
        with self._asking:
            while self._found:
                _, found = self._found.popitem()
                if callable(close := getattr(found, "close", None)):
                    close()


class Timing:
    """When a recipe runs by the clock; this one is that of a recipe which never does.

    Its moments are in the recipe's time zone.

    :ivar zone: of the recipe.
    """

    zone: tzinfo = UTC

    def due(self) -> list[datetime]:
        """Return the times this run stands for, the oldest first.

        That is one time, and those before it that were missed; none for a run by hand.
        """
        return []

    def previous(self, moment: datetime) -> datetime | None:
        """Return the last time before a moment; None where there is none within five years."""
        return None

    def following(self, moment: datetime) -> datetime | None:
        """Return the first time after a moment; None where no more will come."""
        return None


@dataclass(frozen=True)
class Context:
    """Given to every trigger, action, search, check and option function.

    :param http: requests in the connection's name.
    :param connection: the connection's settings without its secrets.
    :param secrets: its secret settings, where the connector logs in by itself (``OwnAuth``, or
        ``NoAuth`` with a connection); else empty, for the engine logs in.
    :param log: goes to the run's log.
    :param now: the time this run started, with a zone; the same throughout the run.
    :param idempotency_key: of this call; a repeat of it has the same, also in a later run.
    :param idempotency_keys: of the rows of a batch, in their order.
    :param key: the record's key in this recipe, e.g. to be kept as the other system's external id.
    :param target_id: the id this key got from this action before; None the first time.
    :param folders: where the recipe's files are.
    :param kept: for what is looked up once a run, as in ``ctx.kept.once("users", lambda: …)``.
    :param files: keeps the contents of files that records name; see :class:`engine.files.File`.
    :param unread: given names of parts of the source, returns those that weren't read to their end
        before; see :class:`engine.results.PartRead`. Everything, outside a run.
    :param timing: of a trigger: when its recipe runs by the clock.
    :param on_vanished: the engine's; connectors call :meth:`vanished`.
    """

    http: Http
    now: datetime
    connection: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("bridgework.plugin"))
    idempotency_key: str = ""
    idempotency_keys: tuple[str, ...] = ()
    key: str = ""
    target_id: str | None = None
    folders: Folders = field(default_factory=Folders)
    kept: Kept = field(default_factory=Kept, repr=False)
    timing: Timing = field(default_factory=Timing, repr=False)
    files: Files = field(default_factory=NoFiles)
    unread: Callable[[Collection[str]], set[str]] = field(default=set, repr=False)
    on_vanished: Callable[[str, str], None] = field(default=lambda path, reason: None, repr=False)

    def vanished(self, path: str, reason: str) -> None:
        """Say that a field of this operation's records can't be had any more.

        For what only the connector can know, e.g. that the other system refuses a name it took
        before. Call it before yielding or returning records without the field. What recipes fill
        from it is paused in this run already, and people are told; once records have the field
        again, that ends by itself.

        :param path: the field as recipes write it: ``description``, ``client.phones[].number``.
        :param reason: one sentence on how it is known.
        """
        self.on_vanished(path, reason)
