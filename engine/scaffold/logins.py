"""How an API's description says that its users log in, as one of the log-ins that connectors have."""

from collections.abc import Mapping
from typing import Any

from engine.scaffold.design import Login
from engine.scaffold.schemas import ReferenceProblem, Schemas

#: The best first: what one person can set up alone, before what needs an app at the vendor.
BEST = ("key", "bearer", "basic", "oauth", "client")


def login_of(document: Mapping[str, Any], schemas: Schemas, base: str) -> tuple[Login, list[str]]:
    """Return the log-in to use, and a sentence on each that isn't.

    :param base: the API's address, which OAuth addresses may be relative to.
    """
    components = document.get("components")
    declared = components.get("securitySchemes") if isinstance(components, Mapping) else None
    schemes = declared if isinstance(declared, Mapping) else {}
    wanted = _wanted(document, schemes)
    found: list[tuple[str, Login]] = []
    remarks: list[str] = []
    for name in wanted:
        try:
            scheme, _ = schemas.followed(schemes.get(name))
        except ReferenceProblem as error:
            remarks.append(f"The log-in {name!r} is left out: {error}.")
            continue
        login, problem = _login(scheme, base)
        if login is None:
            remarks.append(f"The log-in {name!r} is left out: {problem}.")
        else:
            found.append((name, login))
    if not found:
        if remarks:
            remarks.append("No log-in is left, so requests are sent without one: add `auth=`.")
        return Login(), remarks
    found.sort(key=lambda pair: BEST.index(pair[1].kind))
    for name, _ in found[1:]:
        remarks.append(f"The log-in {name!r} isn't used: {found[0][0]!r} is enough.")
    return found[0][1], remarks


def _wanted(document: Mapping[str, Any], schemes: Mapping[str, Any]) -> list[str]:
    """Return the names of the schemes that are asked for, else all there are."""
    required = document.get("security")
    if not isinstance(required, list):
        return list(schemes)
    names = [name for one in required if isinstance(one, Mapping) for name in one]
    return [name for name in dict.fromkeys(names) if name in schemes] or (
        list(schemes) if required == [] and not _open(document) else []
    )


def _open(document: Mapping[str, Any]) -> bool:
    """Say whether no operation asks for a log-in of its own."""
    for path in document.get("paths", {}).values():
        for operation in path.values() if isinstance(path, Mapping) else ():
            if isinstance(operation, Mapping) and operation.get("security"):
                return False
    return True


def _login(scheme: Mapping[str, Any], base: str) -> tuple[Login | None, str]:
    match str(scheme.get("type")), str(scheme.get("scheme", "")).lower(), scheme.get("in"):
        case "apiKey", _, "header":
            header = str(scheme.get("name") or "Authorization")
            return Login("key", header=header, prefix=str(scheme.get("x-prefix") or "")), ""
        case "apiKey", _, place:
            return None, f"its key goes into the {place}, where logs would show it"
        case "http", "bearer", _:
            return Login("bearer", header="Authorization", prefix="Bearer "), ""
        case "http", "basic", _:
            return Login("basic"), ""
        case "http", word, _:
            return None, f"HTTP {word or 'without a scheme'} isn't known"
        case "oauth2", _, _:
            return _oauth(scheme.get("flows"), base)
        case kind, _, _:
            return None, f"the kind {kind!r} isn't known"


def _oauth(flows: Any, base: str) -> tuple[Login | None, str]:
    flows = flows if isinstance(flows, Mapping) else {}
    for name, kind in (("authorizationCode", "oauth"), ("clientCredentials", "client")):
        flow = flows.get(name)
        if not isinstance(flow, Mapping) or not isinstance(flow.get("tokenUrl"), str):
            continue
        page = str(flow.get("authorizationUrl") or "")
        if kind == "oauth" and not page:
            continue
        scopes = flow.get("scopes")
        return (
            Login(
                "oauth" if kind == "oauth" else "client",
                authorize_url=_whole(page, base) if kind == "oauth" else "",
                token_url=_whole(flow["tokenUrl"], base),
                scopes=tuple(map(str, scopes)) if isinstance(scopes, Mapping) else (),
            ),
            "",
        )
    return None, f"of OAuth it offers only {', '.join(map(str, flows)) or 'nothing'}"


def _whole(url: str, base: str) -> str:
    if "://" in url:
        return url
    scheme, _, rest = base.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/{url.lstrip('/')}"
