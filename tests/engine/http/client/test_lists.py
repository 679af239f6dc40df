"""ctx.http walks lists page by page, to their end and no further."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Request, Response

from engine.errors import RemoteError
from engine.sdk import (
    Fault,
    LastId,
    NextLink,
    NextToken,
    Offset,
    PageNumber,
    Pagination,
    json_response,
    route,
)
from tests.engine.http.client.archive import NEXT, Archive, Line


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("/by-offset", lambda size: Offset(size=size)),
        ("/by-offset", lambda size: Offset(size=size, total="total")),
        ("/by-number", lambda size: PageNumber(size=size)),
        ("/by-token", lambda size: NextToken(path="after", param="after", size_param="limit", size=size)),
        ("/by-last", lambda size: LastId(param="after", more="more", size=size)),
        ("/by-last", lambda size: LastId(param="after", size=size)),
        ("/by-link", lambda size: NextLink(path="meta.next", size_param="limit", size=size)),
    ],
    ids=["offset", "offset and total", "page number", "token", "last id", "last id of full pages", "link"],
)  # fmt: skip
@given(total=st.integers(0, 40), size=st.integers(1, 15))
def test_every_way_of_paging_yields_each_item_once(
    path: str, way: Callable[[int], Pagination], total: int, size: int
) -> None:
    archive, line = Archive(total), Line()
    with line.stack:
        http = line.to(archive)
        pages = list(http.pages(path, items="papers", pagination=way(size)))
    assert [item["id"] for page in pages for item in page] == list(range(total))
    assert [len(page) for page in pages if not 0 < len(page) <= size] == []
    assert len(archive.requests) <= total // size + 1


def test_a_number_of_any_length_keeps_every_digit() -> None:
    archive, line = Archive(), Line()
    archive.papers = [{"id": 2**63}, {"id": 10**30 + 7}, {"id": "9" * 40}]
    with line.stack:
        pages = list(
            line.to(archive).pages("/by-offset", items="papers", pagination=Offset(size=2))
        )
    assert [item["id"] for page in pages for item in page] == [2**63, 10**30 + 7, "9" * 40]


def test_with_a_total_short_pages_do_not_end_a_list(line: Line) -> None:
    class Stingy(Archive):
        def page(self, start: int, size: int) -> list[dict[str, Any]]:
            return super().page(start, min(size, 4))

    http = line.to(Stingy(total=10))
    found = list(http.paginate("/by-offset", items="papers", pagination=Offset(total="total")))
    assert len(found) == 10


def test_the_connectors_own_way_and_the_callers_parameters_are_kept(
    line: Line, archive: Archive
) -> None:
    list(line.to(archive).paginate("/by-offset", items="papers", params={"since": "x", "limit": 2}))
    assert [entry["query"] for entry in archive.requests] == [
        {"since": ["x"], "limit": ["2"], "offset": [offset]} for offset in ("0", "2")
    ]


def test_a_list_that_turns_in_a_circle_is_an_error(line: Line) -> None:
    class Circle(Archive):
        @route("GET", "/v1/circle")
        def circle(self, request: Request) -> Response:
            follow = "https://archive.test/v1/circle?page=2"
            return json_response({"papers": [{"id": 1}], "meta": {"next": follow}})

    circle = Circle()
    with pytest.raises(RemoteError, match="same next page twice"):
        list(line.to(circle).paginate("/circle", items="papers", pagination=NEXT))
    assert len(circle.requests) == 2


def test_a_web_page_instead_of_json_is_an_error(line: Line, archive: Archive) -> None:
    archive.faults = [Fault("/v1", status=200, body="<html>Please log in</html>")]
    with pytest.raises(RemoteError, match="isn't JSON") as caught:
        list(line.to(archive).paginate("/by-offset", items="papers"))
    assert "log-in" in caught.value.hint


@pytest.mark.parametrize("body", ['{"other": []}', '{"papers": {}}', "[]", "null"])
def test_an_answer_without_the_list_is_an_error(line: Line, archive: Archive, body: str) -> None:
    archive.faults = [Fault("/v1", status=200, body=body)]
    with pytest.raises(RemoteError, match="without the list 'papers'"):
        list(line.to(archive).paginate("/by-offset", items="papers"))


def test_pages_are_read_as_they_are_needed(line: Line) -> None:
    archive = Archive(total=1000)
    reading: Iterable[Any] = line.to(archive).paginate("/by-offset", items="papers")
    next(iter(reading))
    assert len(archive.requests) == 1


@pytest.mark.parametrize("papers", [[], [{"title": "no id"}]], ids=["empty page", "no id"])
def test_a_list_that_goes_on_after_nothing_is_an_error(
    line: Line, archive: Archive, papers: list[Any]
) -> None:
    answer = json.dumps({"papers": papers, "more": True})
    archive.faults = [Fault("/v1", status=200, body=answer)]
    way = LastId(param="after", more="more")
    with pytest.raises(RemoteError, match="goes on, but not after which item"):
        list(line.to(archive).paginate("/by-last", items="papers", pagination=way))
