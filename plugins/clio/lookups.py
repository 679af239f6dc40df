"""The firm's lists that records refer to: users, practice areas and stages, and pickers of them.

Clio wants ids where people know names, so each list is read once a run and looked up here.
"""

from collections.abc import Callable, Iterator

from engine.sdk import Context, Field, InputError, Option
from plugins.clio.asking import Json, Wanted, rows

USERS = Wanted("user", dict.fromkeys(("id", "name", "email", "enabled"), ""))
AREAS = Wanted("practice area", dict.fromkeys(("id", "name"), ""))
STAGES = Wanted("matter stage", dict.fromkeys(("id", "name", "practice_area_id"), ""))


def users(ctx: Context) -> list[Json]:
    return ctx.kept.once("clio: users", lambda: _list(ctx, "users.json", USERS, order=True))


def areas(ctx: Context) -> list[Json]:
    url = "practice_areas.json"
    return ctx.kept.once("clio: practice areas", lambda: _list(ctx, url, AREAS, order=True))


def stages(ctx: Context) -> list[Json]:
    return ctx.kept.once("clio: stages", lambda: _list(ctx, "matter_stages.json", STAGES))


def _list(ctx: Context, url: str, wanted: Wanted, order: bool = False) -> list[Json]:
    # Stages take no order (spec).
    return list(rows(ctx, url, wanted, {"order": "id(asc)"} if order else {}))


# -- pickers ---------------------------------------------------------------------------------------


def user_options(ctx: Context) -> Iterator[Option]:
    """Offer the firm's users, those who may log in."""
    for user in users(ctx):
        if user.get("enabled", True):
            email = user.get("email")
            yield Option(email or str(user["id"]), f"{user.get('name')} ({email or 'no e-mail'})")


def area_options(ctx: Context) -> Iterator[Option]:
    """Offer the firm's practice areas."""
    for area in areas(ctx):
        yield Option(area["name"], area["name"], (str(area["id"]),))


def stage_options(ctx: Context) -> Iterator[Option]:
    """Offer the stages of all practice areas, each name once."""
    ids: dict[str, list[str]] = {}
    for stage in stages(ctx):
        ids.setdefault(stage["name"], []).append(str(stage["id"]))
    yield from (Option(name, name, tuple(its)) for name, its in ids.items())


USER = Field("User", "Id or e-mail address of a user of Clio.", options=user_options)
AREA = Field("Practice area", "Its name, or its id in Clio.", options=area_options, only=True)
STAGE = Field(
    "Stage", "Its name in the matter's practice area, or its id.", options=stage_options, only=True
)


# -- looking up ------------------------------------------------------------------------------------


def user_id(ctx: Context, wanted: str, field: str) -> int:
    """Return the id of the user with this id or e-mail address.

    :raises InputError: there is none.
    """
    for user in users(ctx):
        if wanted == str(user["id"]) or wanted.casefold() == (user.get("email") or "").casefold():
            return int(user["id"])
    raise InputError(
        f"Clio has no user '{wanted}'.",
        hint="Add this person as a user in Clio, or name another one in the recipe.",
        field=field,
        code="unknown_user",
    )


def area_id(ctx: Context, wanted: str) -> int:
    """Return the id of a practice area.

    :raises InputError: there is none.
    """
    known = areas(ctx)
    if (found := _named(known, wanted)) is not None:
        return found
    raise InputError(
        f"Clio has no practice area '{wanted}'.",
        hint=f"It has {_names(known)}.",
        field="practice_area",
        code="unknown_practice_area",
    )


def stage_id(ctx: Context, wanted: str, area: int | None) -> int:
    """Return the id of a stage of a practice area: other areas may have one of the same name.

    :raises InputError: there is none.
    """
    known = [s for s in stages(ctx) if area is None or str(s.get("practice_area_id")) == str(area)]
    if (found := _named(known, wanted)) is not None:
        return found
    where = "" if area is None else " in the matter's practice area"
    raise InputError(
        f"Clio has no stage '{wanted}'{where}.",
        hint=f"It has {_names(known)}.",
        field="stage",
        code="unknown_stage",
    )


def _named(known: list[Json], wanted: str) -> int | None:
    """Return the id of what has this id, this name, or this name but for capitals."""
    text = wanted.strip().casefold()
    tests: tuple[Callable[[Json], bool], ...] = (
        lambda row: str(row["id"]) == wanted,
        lambda row: bool(row.get("name") == wanted),
        lambda row: bool((row.get("name") or "").casefold() == text),
    )
    for same in tests:
        for row in known:
            if same(row):
                return int(row["id"])
    return None


def _names(known: list[Json]) -> str:
    return ", ".join(dict.fromkeys(f"'{row.get('name')}'" for row in known)) or "none"
