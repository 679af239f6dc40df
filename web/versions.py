"""A recipe's versions: the list, one of them compared with another, and back to an earlier one."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from engine.errors import BridgeworkError
from engine.recipe.editing.compare import ChangedLine, changes, files_changed, hunks
from engine.run.recipes.editing import present_version, restore_version
from engine.store.runs import Run
from engine.store.switches import switches
from engine.store.versions import (
    Version,
    find_version,
    get_version,
    list_versions,
    newest_version,
    runs_per_version,
)
from web.editor import what_next
from web.pages import plural
from web.recipe_text import look_over, mistakes_of, path_of
from web.site import site
from web.times import When, when

bp = Blueprint("versions", __name__, url_prefix="/recipes")


@dataclass(frozen=True)
class VersionLine:
    """One version in the list.

    :param runs: how many of the runs that are still known ran on it.
    """

    number: int
    saved: When
    who: str
    note: str
    runs: int


@dataclass(frozen=True)
class RunVersion:
    """The version that a run is on.

    :param now: the recipe's newest one; the same where it hasn't changed since.
    """

    recipe: str
    number: int
    now: int

    @property
    def url(self) -> str:
        return url_for("versions.show", name=self.recipe, number=self.number)

    @property
    def changed_url(self) -> str:
        return url_for("versions.show", name=self.recipe, number=self.now, against=self.number)


@bp.get("/<name>/versions")
def index(name: str) -> str:
    """List the versions of a recipe, also of one that was deleted."""
    newest = _present(name)
    ran = runs_per_version(site().store, name)
    return render_template(
        "recipes/versions.html",
        name=name,
        there=name in site().library.everything(),
        runs=name in site().library.names(),
        newest=newest.number,
        versions=[_line(version, ran) for version in list_versions(site().store, name)],
    )


@bp.get("/<name>/versions/<int:number>")
def show(name: str, number: int) -> str:
    """Show a version and what changed in it; ``?against=`` is the version to compare it with."""
    newest = _present(name)
    version = find_version(site().store, name, number) or abort(404)
    other = request.args.get("against", type=int) or number - 1
    against = find_version(site().store, name, other) if 0 < other <= newest.number else None
    return render_template(
        "recipes/version.html",
        name=name,
        there=name in site().library.everything(),
        runs=name in site().library.names(),
        newest=newest.number,
        version=_line(version, runs_per_version(site().store, name)),
        lines=version.text.splitlines(),
        against=against.number if against else None,
        hunks=hunks(against.text, version.text) if against else (),
        changes=changes(against.text, version.text) if against else (),
        files=_files(against, version) if against else (),
        numbers=range(newest.number, 0, -1),
        on=switches(site().store).get(name, False),
        sure="sure" in request.args,
    )


@bp.post("/<name>/versions/<int:number>/restore")
def restore(name: str, number: int) -> Response:
    """Let the recipe be again what it was; that is a new version."""
    found = find_version(site().store, name, number) or abort(404)
    mistakes = mistakes_of(look_over(site(), path_of(site(), name), found.text))
    on = switches(site().store).get(name, False)
    if mistakes and on and request.form.get("sure") != "1":
        count = plural(len(mistakes), "mistake", "mistakes")
        flash(
            f"Version {number} has {count}, and the recipe is switched on: its next run couldn't "
            "start. Nothing is restored yet.",
            "problem",
        )
        return redirect(url_for("versions.show", name=name, number=number, sure=1))
    try:
        now = restore_version(site().store, site().library, name, number, by=current_user.email)
    except BridgeworkError as error:
        flash(str(error), "problem")
        return redirect(url_for("versions.show", name=name, number=number))
    flash(
        f"“{name}” is as it was in version {number}; that is version {now.number} now. "
        f"{what_next(mistakes, on)}",
        "done",
    )
    return redirect(url_for("versions.index", name=name))


def run_version(run: Run) -> RunVersion:
    """Return which version a run is on, and which one its recipe has now."""
    number = get_version(site().store, run.version_id).number
    newest = present_version(site().store, site().library, run.recipe)
    return RunVersion(run.recipe, number, newest.number if newest else number)


def _present(name: str) -> Version:
    """Return a recipe's newest version, noticing what was changed outside; 404 where it has none."""
    if name in site().library.everything():
        found = present_version(site().store, site().library, name)
    else:
        found = newest_version(site().store, name)
    return found or abort(404)


def _files(earlier: Version, later: Version) -> list[tuple[str, list[list[ChangedLine]]]]:
    """Return what changed in the files that the recipe reads beside itself."""
    old, new = earlier.beside, later.beside
    return [(name, hunks(old.get(name, ""), new.get(name, ""))) for name in files_changed(old, new)]


def _line(version: Version, ran: dict[int, int]) -> VersionLine:
    return VersionLine(
        version.number,
        when(version.saved_at),
        version.who,
        version.note,
        ran.get(version.id, 0),
    )
