"""The module ``answers.py`` of a new connector: what its operations share."""

from engine.scaffold.design import Design
from engine.scaffold.imports import module
from engine.scaffold.layout import Glued, call, laid_out, text
from engine.scaffold.names import quoted

ADDRESS = '''def address(path: str, /, **parts: object) -> str:
    """Fill the ``{names}`` of a path; no value leads to another path."""
    quoted = {name: quote(str(part), safe="") for name, part in parts.items()}
    return path.format(**quoted)'''

GIVEN = '''def given(fields: Record) -> Record:
    """Return the fields that were given; the others stay as they are in the app."""
    return {name: value for name, value in fields.items() if value is not None}'''

RECORD_OF = '''def record_of(document: Any, path: str = "") -> Record:
    """Return the record of an answer.

    :param path: where it stands in there, dotted; empty: the answer is the record.
    """
    found = dig(document, path)
    if not isinstance(found, dict):
        {raise record}
    return found'''

ROWS_OF = '''def rows_of(document: Any, path: str = "", most: int = 0) -> list[Record]:
    """Return the records of an answer that isn't cut into pages.

    :param most: as many as this, and the list may go on: nothing is left out silently.
    """
    found = dig(document, path)
    if not isinstance(found, list):
        {raise list}
    if most and len(found) >= most:
        {raise more}
    return found'''

FIND_RECORD = '''def find_record(
    ctx: Context, path: str, at: str = "", params: Any = None, headers: Any = None
) -> Record | None:
    """Read one record; None when the app has no such thing."""
    with tolerating("not_found"):
        return record_of(ctx.http.get(path, params=params, headers=headers).json(), at)
    return None'''

REFUSE_PAGES = '''def refuse_pages(content_type: str) -> None:
    """Notice a log-in or error page where an action answers nothing."""
    if "html" in content_type:
        {raise page}'''


CHANGED = '''#: What to do about an answer that makes no sense.
CHANGED = "Its API may have changed, or a log-in page answered in its place."'''


def answers_text(design: Design, used: str) -> str:
    """Return ``answers.py``: what the operations share.

    :param used: the text of the modules that use it.
    """
    helpers = {
        "address": ADDRESS,
        "given": GIVEN,
        "record_of": RECORD_OF,
        "rows_of": ROWS_OF,
        "find_record": FIND_RECORD,
        "refuse_pages": REFUSE_PAGES,
    }
    wanted = {name for name in helpers if f"answers.{name}(" in used}
    if "find_record" in wanted:
        wanted.add("record_of")
    parts = [_with_errors(one, design) for name, one in helpers.items() if name in wanted]
    if "CHANGED" in "\n".join(parts):
        parts.insert(0, CHANGED)
    return module(f"How requests to {quoted(design.title)} are put, and its answers read.", *parts)


#: What is said where an answer makes no sense, and what to do then.
ERRORS = {
    "record": ("answered without a record.", "CHANGED"),
    "list": ("answered without a list.", "CHANGED"),
    "page": ("answered with a web page.", "CHANGED"),
    "more": (
        "has more than one page of this list, and the next can't be asked for.",
        text("Its pages have to be read: see triggers.py of the connector."),
    ),
}


def _with_errors(written: str, design: Design) -> str:
    for name, (said, hint) in ERRORS.items():
        message = text(f"{quoted(design.title)} {said}")
        error = Glued("raise ", call("RemoteError", message, hint=hint))
        written = written.replace(f"        {{raise {name}}}", laid_out(error, 8))
    return written
