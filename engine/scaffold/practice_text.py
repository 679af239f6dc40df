"""A new connector's practice server: its routes, its sample data, what it checks, and what it is tried with."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from engine.scaffold.connector_text import practice_class
from engine.scaffold.design import Design, Input, Listing, Lookup, Sending
from engine.scaffold.imports import module
from engine.scaffold.layout import (
    WIDTH,
    Code,
    Glued,
    call,
    function,
    group,
    laid_out,
    literal,
    text,
)
from engine.scaffold.names import quoted
from engine.scaffold.paging_text import paging_code
from engine.scaffold.requests import key_at_end
from engine.scaffold.samples_text import static_answer
from engine.scaffold.servers import VARIABLE

#: Columns that there are within a class.
WITHIN = WIDTH - 4
SECRETS = {
    "key": ("API_KEY", "api-key"),
    "bearer": ("ACCESS", "access-token"),
    "basic": ("ANYONE", "password"),
}


def init_text(design: Design) -> str:
    return module(
        f"A practice copy of {quoted(design.title)}: a server, and invented records for it."
    )


def server_text(design: Design) -> str:
    """Return ``server.py``."""
    has_bodies = any(one.body for one in design.sendings)
    constants = ["HERE = Path(__file__).parent"]
    if design.login.kind in SECRETS:
        name, spelling = SECRETS[design.login.kind]
        constants += [
            "#: All that this server accepts; its spelling says that it opens nothing.",
            f"{name} = {text(f'practice-{design.name}-{spelling}'.replace('_', '-'))}",
        ]
    if has_bodies:
        constants += [
            "#: By action: the schema of what it sends.",
            'BODIES = json.loads((HERE / "bodies.json").read_text(encoding="utf-8"))',
        ]
    parts = [_class_head(design), *_log_in(design), *_routes(design)]
    body = "\n\n".join("\n".join(_indented(part)) for part in parts)
    title = quoted(design.title)
    header = f'class {practice_class(design)}(ShelfServer):\n    """{title}, as its API\'s description has it; what that leaves open is made up."""\n\n    name: ClassVar[str] = {text(design.name)}'
    return module(
        f"A practice copy of {title}: it answers from memory.",
        "\n".join(constants),
        f"{header}\n\n{body}",
    )


def _class_head(design: Design) -> str:
    shelves: list[Code] = []
    for kind in design.kinds:
        required = [text(name) for name in kind.schema.get("required", ())]
        shelf = call(
            "Shelf",
            f"rows[{text(kind.shelf)}]",
            key=text(kind.key) if kind.key != "id" else None,
            changed=text(kind.changed) if kind.changed else None,
            required=group("[", required, "]") if required else None,
        )
        shelves.append(Glued(f"{text(kind.shelf)}: ", shelf))
    lines = ["def __init__(self, seed: int = 1, clock: Callable[[], float] = time.time) -> None:"]
    if design.kinds:
        lines.append(
            '    rows = json.loads((HERE / "sample_data.json").read_text(encoding="utf-8"))'
        )
    built = group("super().__init__(", ["seed", "clock", Glued("shelves=", group("{", shelves, "}"))], ")")  # fmt: skip
    lines.append(_laid(built, 4))
    if design.login.kind in ("oauth", "client"):
        lines.append(f"    self.consent = PracticeConsent({text(design.title)}, clock)")
    credentials = _credentials(design)
    if credentials is not None:
        lines += ["", "def credentials(self) -> dict[str, Any]:"]
        lines.append(_laid(Glued("return ", credentials), 4))
    return "\n".join(lines)


def _credentials(design: Design) -> Code | None:
    settings = [f"{text(one.name)}: {text(one.choices[0] if one.choices else one.example)}" for one in design.settings]  # fmt: skip
    match design.login.kind:
        case "key" | "bearer":
            entries = [f"{text(design.login.setting)}: {SECRETS[design.login.kind][0]}"]
        case "basic":
            entries = ['"username": "practice"', '"password": ANYONE']
        case "oauth":
            entries = ["**self.consent.credentials()"]
        case "client":
            entries = ["**self.consent.credentials(tokens=False)"]
        case _:
            entries = []
    entries += settings
    return group("{", entries, "}") if entries else None


def _log_in(design: Design) -> list[str]:
    login = design.login
    wrong = 'return json_response({"error": "The log-in is missing or wrong."}, 401)'
    match login.kind:
        case "key" | "bearer":
            name = SECRETS[login.kind][0]
            wanted = f"{text(login.prefix)} + {name}" if login.prefix else name
            test = f"request.headers.get({text(login.header)}) == {wanted}"
            before: list[str] = []
        case "basic":
            before = ["    given = request.authorization"]
            test = "given is not None and given.password == ANYONE"
        case "oauth" | "client":
            before, test = [], "self.consent.accepts(request)"
        case _:
            return []
    head = "def refusal(self, request: Request) -> Response | None:"
    parts = ["\n".join([head, *before, f"    if {test}:", "        return None", f"    {wrong}"])]
    if login.kind == "oauth":
        page = _route_path(urlsplit(login.authorize_url).path or "/")
        parts.append(_open_route("GET", page, "consent_page", "self.consent.page(request)"))
        parts.append(_open_route("POST", page, "consent_given", "self.consent.decide(request)"))
    if login.kind in ("oauth", "client"):
        token = _route_path(urlsplit(login.token_url).path or "/")
        parts.append(_open_route("POST", token, "issue_token", "self.consent.token(request)"))
    return parts


def _open_route(method: str, path: str, name: str, answer: str) -> str:
    marked = _laid(call("@route", text(method), text(path), open="True"))
    head = function(name, ["self", "request: Request"], "Response", width=WITHIN)
    return f"{marked}\n{head}\n    return {answer}"


def _routes(design: Design) -> list[str]:
    base = urlsplit(VARIABLE.sub(r"{base_\1}", design.base_url)).path.rstrip("/")
    parts = []
    for listing in design.listings:
        names = {one.name for one in listing.inputs if one.place == "query"}
        filters = [text(n) for n in listing.kind.schema.get("properties", {}) if n in names]
        answer = call(
            "self.listed",
            "request",
            text(listing.kind.shelf),
            items=text(listing.items) if listing.items else None,
            paging=paging_code(listing.paging) if listing.paging else None,
            filters=group("[", filters, "]") if filters else None,
            since=text(listing.since) if listing.since else None,
        )
        parts.append(_route("GET", base, listing, f"list_{listing.kind.shelf}", answer, ""))
    for lookup in design.lookups:
        key = _last(lookup.path, lookup.inputs)
        answer = call(
            "self.one",
            "request",
            text(lookup.kind.shelf),
            key,
            at=text(lookup.at) if lookup.at else None,
        )
        parts.append(_route("GET", base, lookup, lookup.name, answer, key))
    for sending in design.sendings:
        parts.append(_sending_route(base, sending))
    read = {one.path for one in design.listings} | {one.path for one in design.lookups}
    if (account := design.account) is not None and account.path not in read:
        answer = call("self.answered", "request", "None", literal(account.answer or {}))
        parts.append(
            "\n".join(
                [
                    f'@route("GET", {text(_route_path(base + account.path))})',
                    "def whose_account(self, request: Request) -> Response:",
                    _laid(Glued("return ", answer), 4),
                ]
            )
        )
    return parts


def _sending_route(base: str, sending: Sending) -> str:
    body = f"BODIES[{text(sending.name)}]" if sending.body else "{}"
    wrap = text(sending.wrap) if sending.wrap else None
    at = text(sending.at) if sending.at else None
    key = ""
    if sending.kind is not None and sending.changes:
        key = _last(sending.path, sending.inputs)
        answer = call("self.changed", "request", text(sending.kind.shelf), key, body, wrap=wrap, at=at)  # fmt: skip
    elif sending.kind is not None:
        answer = call("self.added", "request", text(sending.kind.shelf), body, wrap=wrap, at=at)
    else:
        shown: Any = static_answer(sending) if sending.answer is not None else None
        for name in reversed(sending.at.split(".") if sending.at else []):
            shown = {name: shown}
        if sending.answer is None:
            answer = call("self.answered", "request", body if sending.body else "None", "None")
        else:
            answer = call("self.answered", "request", body if sending.body else "None", literal(shown))  # fmt: skip
    return _route(sending.method.upper(), base, sending, sending.name, answer, key)


def _route(
    method: str, base: str, one: Listing | Lookup | Sending, name: str, answer: Code, key: str
) -> str:
    path = base + one.path
    for part in one.inputs:
        if part.place == "path":
            path = path.replace(f"{{{part.name}}}", f"{{{_variable(part)}}}")
    parameters = ["self", "request: Request", *([f"{key}: str"] if key else [])]
    return "\n".join(
        [
            _laid(call("@route", text(method), text(_route_path(path)))),
            function(name, parameters, "Response", width=WITHIN),
            _laid(Glued("return ", answer), 4),
        ]
    )


def _route_path(path: str) -> str:
    """Return a path as the practice server's routes write it."""
    return VARIABLE.sub(r"<\1>", path)


def _last(path: str, inputs: Sequence[Input]) -> str:
    last = key_at_end(path)
    return next((_variable(one) for one in inputs if one.name == last), "")


def _variable(part: Input) -> str:
    """Return what a route calls a part of its path, beside the parameter it always has."""
    return f"{part.argument}_" if part.argument == "request" else part.argument


def _indented(part: str) -> list[str]:
    return [f"    {line}" if line else "" for line in part.split("\n")]


def _laid(code: Code, indent: int = 0) -> str:
    return laid_out(code, indent, width=WITHIN)
