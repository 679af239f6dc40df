"""A file is uploaded for a recipe: its columns are checked, its first rows shown, then it runs."""

from collections.abc import Iterator
from contextlib import closing
from typing import IO

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug import Response

from engine.errors import BridgeworkError
from engine.files import File, file_words, media_type_of, safe_name
from engine.recipe.model import Recipe
from engine.redaction import redact
from engine.run.recipes.uploading import Look, look_at, take_in, upload_of
from engine.run.start import request_run
from engine.store.kept_files import largest_file
from engine.store.runs import RunRequest
from web.cards import name_or_404, recipe_card
from web.large_bodies import AROUND
from web.site import site

bp = Blueprint("uploads", __name__, url_prefix="/recipes")

PIECE = 1 << 18


@bp.url_value_preprocessor
def allow_large_files(endpoint: str | None, _: object) -> None:
    """Say how much a form may hold, before anything reads it."""
    if endpoint == "uploads.look" and request.method == "POST":
        request.max_content_length = largest_file() + AROUND


@bp.get("/<name>/upload")
def ask(name: str) -> str:
    """Offer to choose a file."""
    _recipe(name)
    return _page(name)


@bp.post("/<name>/upload")
def look(name: str) -> str:
    """Keep the file for now, and show what is in it."""
    recipe = _recipe(name)
    given = request.files.get("file")
    if given is None or not given.filename:
        flash("Choose a file first.", "problem")
        return _page(name)
    try:
        with closing(given):
            file = site().store.files.save(given.filename, _pieces(given.stream), given.mimetype)
        return _page(name, file, look_at(site().store, site().host, recipe, file))
    except BridgeworkError as error:
        flash(redact(str(error)), "problem")
        return _page(name)


@bp.post("/<name>/upload/import")
def start(name: str) -> Response:
    """Put the file where the recipe reads it, and run the recipe."""
    recipe = _recipe(name)
    file = File(
        name=safe_name(request.form.get("name", "")),
        media_type=media_type_of(request.form.get("media_type", "")),
        size=request.form.get("size", 0, type=int),
        file=request.form.get("file", ""),
    )
    try:
        site().store.files.open(file).close()
        take_in(site().store, site().host, recipe, file)
        new = request_run(site().store, site().host, recipe, request=RunRequest())
    except BridgeworkError as error:
        flash(redact(str(error)), "problem")
        return redirect(url_for("uploads.ask", name=name))
    site().enqueue(new)
    return redirect(url_for("runs.show", run_id=new))


@bp.app_template_global()
def takes_uploads(name: str) -> bool:
    """Say whether people can upload a file for a recipe."""
    try:
        return upload_of(site().host, site().library.load(name)) is not None
    except BridgeworkError:
        return False


def _recipe(name: str) -> Recipe:
    name_or_404(site(), name)
    try:
        recipe = site().library.load(name)
    except BridgeworkError:
        abort(404)
    if upload_of(site().host, recipe) is None:
        abort(404)
    return recipe


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def _page(name: str, file: File | None = None, found: Look | None = None) -> str:
    return render_template(
        "recipes/upload.html",
        card=recipe_card(site(), name),
        file=file,
        words="" if file is None else file_words(file).removeprefix("file "),
        found=found,
        largest=largest_file() // 1_000_000,
    )
