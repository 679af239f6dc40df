"""A way of paging, written as Python."""

from engine.pagination import LastId, NextLink, Offset, PageNumber, Pagination
from engine.scaffold.layout import Code, call, text


def paging_code(way: Pagination) -> Code:
    match way:
        case Offset(param=param, size_param=size, size=number, total=total):
            return call(
                "Offset",
                param=text(param),
                size_param=text(size),
                size=str(number),
                total=text(total) if total else None,
            )
        case PageNumber(param=param, size_param=named, size=number, first=first):
            return call(
                "PageNumber",
                param=text(param),
                size_param=text(named) if named else "None",
                size=str(number),
                first="0" if first == 0 else None,
            )
        case NextLink(path=path, size_param=named, size=number):
            return call(
                "NextLink",
                path=text(path),
                size_param=text(named) if named else None,
                size=str(number) if named else None,
            )
        case LastId():
            return call(
                "LastId",
                param=text(way.param),
                id=text(way.id),
                more=text(way.more) if way.more else None,
                size_param=text(way.size_param) if way.size_param else "None",
                size=str(way.size),
            )
    return call(
        "NextToken",
        path=text(way.path),
        param=text(way.param),
        size_param=text(way.size_param) if way.size_param else None,
        size=str(way.size) if way.size_param else None,
    )
