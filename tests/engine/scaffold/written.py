"""Connectors written from everything they can be written from, once for all tests."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.scaffold.curl import read_commands
from engine.scaffold.design import Design
from engine.scaffold.documents import read_description
from engine.scaffold.from_curl import design_of_requests
from engine.scaffold.openapi import design_of
from engine.scaffold.plain import plain_design
from engine.scaffold.writing import write
from tests.engine.scaffold.apis import api

#: Every log-in and every way of paging, with those of the other three, at least once.
PAIRS = (("basic", "offset"), ("oauth", "page"), ("client", "link"), ("bearer", "last"))

HERE = Path(__file__).parent
_PLACE = TemporaryDirectory(prefix="bridgework-written-")


@cache
def designs() -> list[Design]:
    return [
        plain_design("jottings"),
        design_of(read_description(HERE / "contactbook.yaml"), "contactbook"),
        design_of_requests(read_commands((HERE / "curls.txt").read_text()), "todo"),
        *(design_of(api(log_in, pages), f"{log_in}_{pages}") for log_in, pages in PAIRS),
    ]


@cache
def plugins() -> Path:
    """Return the folder they are in."""
    folder = Path(_PLACE.name)
    for design in designs():
        write(design, folder)
    return folder
