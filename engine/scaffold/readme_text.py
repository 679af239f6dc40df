"""A new connector's README: how it is set up, what became of what, and what is still to be looked at."""

from engine.scaffold.design import Design, Listing, Lookup, Sending
from engine.scaffold.names import sentence

STEPS = {
    "key": "Get an API key from your account at {title}.",
    "bearer": "Get an access token from your account at {title}.",
    "basic": "Have a user name and its password at {title}.",
    "oauth": "Register an app at {title}, with the redirect address "
    "`http://127.0.0.1:8731/callback`; note its key and secret.",
    "client": "Register an app at {title}; note its id and secret.",
    "none": "Nothing is needed: requests are sent without a log-in.",
}
SETTINGS = {
    "key": " --set api_key=…",
    "bearer": " --set token=…",
    "basic": " --set username=… --set password=…",
    "oauth": " --set client_id=… --set client_secret=…",
    "client": " --set client_id=… --set client_secret=…",
    "none": "",
}


def readme_text(design: Design) -> str:
    """Return ``README.md``."""
    title, name = _cell(design.title), design.name
    more = "".join(f" --set {one.name}=…" for one in design.settings)
    lines = [
        f"# {title}",
        "",
        _cell(design.summary) or f"A connector for {title}.",
        f"Written by `bridgework connectors new` from {_cell(design.origin)}.",
        "",
        "## Setting up",
        "",
        f"1. {STEPS[design.login.kind].format(title=title)}",
        f"2. `bridgework connections add {name} --connector {name}{SETTINGS[design.login.kind]}{more}`",
        f"3. To try it without an account: `bridgework connections add {name} --connector {name} "
        "--practice`.",
        "",
        f"To remove it: `bridgework connections remove {name}`, then revoke the access at {title}.",
        "",
        "## What it does",
        "",
        "| Operation | Request | What it does | Sent twice |",
        "|---|---|---|---|",
        *(_row(one) for one in design.operations),
        "",
    ]
    if design.account is not None:
        lines += [f"A connection is tested with `GET {_cell(design.account.path)}`.", ""]
    if design.left_out:
        lines += ["## What is left out", ""]
        lines += [f"- `{_cell(what)}`: {_cell(why)}." for what, why in design.left_out]
        lines += [""]
    lines += ["## To look at", ""]
    lines += [f"- {_cell(remark)}" for remark in design.remarks]
    lines += [
        "- Everything here is as the description says; nobody has tried it against the real service.",
        "- The limits of the service aren't known: give them with `limits=` and `concurrency=`.",
        "- Refusals are told by their status alone: `@connector.explain` gives the service's own words.",
        "",
        "## Quality",
        "",
        "| Rule | State |",
        "|---|---|",
        *(f"| {rule} | {state} |" for rule, state in _quality(design)),
        "",
        "## Practice server",
        "",
        f"`bridgework practice {name}` starts one. Its records are in `practice/sample_data.json`; what",
        "actions send is checked by the schemas in `practice/bodies.json`. Both are made up from the",
        "description: put records in their place that look as the real ones do, the awkward ones too.",
        "",
    ]
    return "\n".join(lines)


def _row(one: Listing | Lookup | Sending) -> str:
    match one:
        case Listing():
            about, twice = f"starts with each {one.kind.one}; {_how(one)}", "–"
        case Lookup():
            about, twice = f"finds one {one.kind.one}", "–"
        case Sending():
            about = sentence(one.title).rstrip(".")
            about = about[:1].lower() + about[1:]
            if one.method == "put":
                twice = "no harm"
            else:
                twice = "taken once, by its key" if one.keyed else "a person looks"
    return f"| `{one.name}` | `{one.source}` | {_cell(about)} | {twice} |"


def _how(one: Listing) -> str:
    paged = f"pages by {type(one.paging).__name__}" if one.paging else "one page"
    since = f"what changed by `{one.since}`" if one.since else "read whole each time"
    return f"{paged}, {since}"


def _quality(design: Design) -> list[tuple[str, str]]:
    tested = "done" if design.account is not None else "todo: no request only looks"
    if design.login.kind == "none" and design.account is None:
        tested = "exempt: there is no log-in"
    label = design.account is not None and bool(design.account.label)
    cursor = any(one.since for one in design.listings)
    once = all(one.method == "put" or one.keyed for one in design.sendings)
    return [
        ("tried before it is saved", tested),
        ("duplicate account refused", f"todo: return an `Account` with an id{'' if label else ', if one can be asked for'}"),
        ("reconnect", "done: a refused log-in stops the run and asks for a new one"),
        ("documented errors", "todo: `@connector.explain`"),
        ("paging tested", "done, against the practice server"),
        ("cursor tested", "done, against the practice server" if cursor else "exempt: the service can't be asked for what changed"),
        ("idempotency stated", "done" if once else "todo: `find=`, so that the service is asked where an answer was lost"),
        ("limits documented", "todo: `limits=`"),
        ("setting up and removing", "done"),
        ("sample for every operation", "done"),
        ("webhooks", "todo: docs/webhooks.md says how"),
    ]  # fmt: skip


def _cell(text: str) -> str:
    """Return text that stays within a table's cell and is no markup of its own."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain.replace("|", "/").replace("<", "(").replace(">", ")")
