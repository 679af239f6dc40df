"""The modules of a new connector beside its operations: what it is, how it logs in, what it reads."""

from engine.scaffold.design import Design, Listing
from engine.scaffold.imports import module
from engine.scaffold.layout import Code, Glued, call, function, group, laid_out, text
from engine.scaffold.names import camel, quoted, sentence
from engine.scaffold.operations_text import fetch_name
from engine.scaffold.samples_text import sample_name, sample_of, samples
from engine.scaffold.type_names import Types

#: What a written connector calls the address at which tokens are given out.
TOKENS = "TOKENS_AT"


def connection_text(design: Design) -> str:
    """Return ``connection.py``: what a connection needs, and how it is tested; it may be empty."""
    parts = []
    fields = _settings(design)
    if fields:
        lines = ["class Settings(TypedDict):", '    """What a connection needs."""', ""]
        parts.append("\n".join([*lines, *(laid_out(one, 4) for one in fields)]))
    if _has_check(design):
        parts.append(_account_function(design))
    if not parts:
        return ""
    return module(f"How a connection to {quoted(design.title)} is made and tested.", *parts)


def _has_check(design: Design) -> bool:
    return design.account is not None or design.login.kind != "none"


def _settings(design: Design) -> list[Code]:
    title = design.title
    secrets = {
        "key": [("api_key", "API key", f"From your account at {title}.", True)],
        "bearer": [("token", "Access token", f"From your account at {title}.", True)],
        "basic": [("username", "User name", "", False), ("password", "Password", "", True)],
        "oauth": [
            ("client_id", "App key", f"Of the app you registered at {title}.", False),
            ("client_secret", "App secret", "Of the same app.", True),
        ],
        "client": [
            ("client_id", "Client id", f"Of the app you registered at {title}.", False),
            ("client_secret", "Client secret", "Of the same app.", True),
        ],
        "none": [],
    }[design.login.kind]
    fields: list[Code] = []
    for name, label, help, secret in secrets:
        texts = [text(label), *([text(help)] if help else [])]
        field = call("Field", *texts, secret="True" if secret else None)
        fields.append(Glued(f"{name}: ", group("Annotated[", ["str", field], "]")))
    for one in design.settings:
        label = one.name.replace("_", " ").capitalize()
        field = call("Field", text(label), text(sentence(one.help)))
        kind: Code = "str"
        if one.choices:
            kind = group("Literal[", [text(choice) for choice in one.choices], "]")
        fields.append(Glued(f"{one.name}: ", group("Annotated[", [kind, field], "]")))
    return fields


def _account_function(design: Design) -> str:
    head = function("account", ["ctx: Context"], "str")
    account, title = design.account, text(design.title)
    if account is None:
        return "\n".join(
            [
                head,
                '    """Return the app\'s name: no request of its API only looks."""',
                f"    return {title}",
            ]
        )
    headers: Code | None = None
    if account.constants:
        headers = group("{", [f"{text(n)}: {text(v)}" for n, v in account.constants.items()], "}")
    get = call("ctx.http.get", text(account.path), headers=headers)
    if not account.label:
        about = "Return the app's name, if it lets us in; it doesn't say whose account this is."
        return "\n".join([head, f'    """{about}"""', laid_out(get, 4), f"    return {title}"])
    return "\n".join(
        [
            head,
            '    """Return the label shown beside the connection."""',
            laid_out(Glued("found = ", get, ".json()"), 4),
            f"    return str(dig(found, {text(account.label)}) or {title})",
        ]
    )


def fields_text(design: Design, types: Types) -> str:
    """Return ``fields.py``: the types of what operations take and give; empty where there are none."""
    if not types.defined:
        return ""
    return module(
        f"What {quoted(design.title)}'s operations take and give.", *types.defined.values()
    )


def init_text(design: Design) -> str:
    """Return ``__init__.py``: the connector, and everything it declares."""
    registered: list[str] = []
    for listing in design.listings:
        registered.append(_registered(design, listing))
    for lookup in design.lookups:
        searched = call(
            "connector.search",
            text(f"Find {_article(lookup.kind.one)}"),
            noun=_noun(lookup.kind.one, lookup.kind.many),
            sample=f"samples.{sample_name(lookup.kind)}",
        )
        registered.append(laid_out(Glued("", searched, f"(actions.{lookup.name})")))
    known = samples(design)
    for sending in design.sendings:
        made = call(
            "connector.action",
            text(sending.title),
            noun=_noun(sending.noun, sending.kind.many if sending.kind else ""),
            idempotent="True" if sending.method == "put" else None,
            idempotency_key="True" if sending.keyed else None,
            sample=f"samples.{sample_of(known, sending)}",
        )
        registered.append(laid_out(Glued("", made, f"(actions.{sending.name})")))
    check = ["connector.check(connection.account)"] if _has_check(design) else []
    tried = [
        f'connector.practice(f"{{__name__}}.practice.server:{practice_class(design)}")',
        'connector.examples(f"{__name__}.practice.examples:EXAMPLES")',
    ]
    doc = quoted(design.summary) or "records in, records out."
    doc = doc if len(doc) < 100 else f"{doc[:97]}..."
    return module(
        f"{quoted(design.title)}: {doc}",
        "\n".join([_declaration(design), *check, "", *registered, "", *tried]),
        "@hookimpl\ndef register_connectors() -> list[Connector]:\n    return [connector]",
        own={".": ("actions", "connection", "samples", "triggers")},
    )


def _declaration(design: Design) -> str:
    login = design.login
    auth: Code | None = None
    match login.kind:
        case "key" | "bearer":
            auth = call(
                "ApiKey",
                header=text(login.header),
                prefix=text(login.prefix) if login.prefix else None,
                setting=text(login.setting) if login.setting != "api_key" else None,
            )
        case "basic":
            auth = "Basic()"
        case "oauth":
            auth = call(
                "OAuth2",
                authorize_url=text(login.authorize_url),
                token_url=TOKENS,
                scopes=_scopes(login.scopes),
            )
        case "client":
            auth = call(
                "ClientCredentials",
                token_url=TOKENS,
                scopes=_scopes(login.scopes),
            )
    made = call(
        "Connector",
        name=text(design.name),
        title=text(design.title),
        auth=auth,
        base_url=text(design.base_url),
        settings="connection.Settings" if _settings(design) else None,
    )
    before = ""
    if login.token_url:
        before = f"#: Where tokens are given out.\n{TOKENS} = {text(login.token_url)}\n\n"
    return before + laid_out(Glued("connector = ", made))


def _scopes(scopes: tuple[str, ...]) -> Code | None:
    if not scopes:
        return None
    if len(scopes) == 1:
        return f"({text(scopes[0])},)"
    return group("(", [text(scope) for scope in scopes], ")")


def _registered(design: Design, listing: Listing) -> str:
    kind = listing.kind
    fetched = any(one.fetches == listing.name for one in design.lookups)
    declared = call(
        "connector.trigger",
        text(listing.title),
        key=text(kind.key),
        cursor=text(kind.changed) if listing.since else None,
        label=text(kind.label) if kind.label else None,
        noun=_noun(kind.one, kind.many),
        fetch=f"triggers.{fetch_name(design, listing)}" if fetched else None,
        sample=f"samples.{sample_name(kind)}",
    )
    return laid_out(Glued("", declared, f"(triggers.{listing.name})"))


def _noun(one: str, many: str) -> Code:
    if not many or many == f"{one}s":
        return text(one)
    return group("(", [text(one), text(many)], ")")


def _article(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def practice_class(design: Design) -> str:
    return f"Practice{camel(design.name)}"
