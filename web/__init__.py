"""The pages: what an admin sees of recipes, runs, reports and connections."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect

from engine.host import Host
from engine.recipe.library import Library
from engine.store.database import Store
from web import (
    accounts,
    api_hooks,
    api_recipes,  # noqa: F401 - adds its addresses to the blueprint of api_hooks
    blueprints,
    connecting,
    connections,
    deliveries,
    directory,
    drift,
    edge_cases,
    editor,
    errors,
    explaining,
    gallery,
    health,
    home,
    hooks,
    metrics,
    notice_channels,
    notice_settings,
    notices,
    other_systems,
    pages,
    people,
    previews,
    problems,
    questions,
    recipe_files,
    recipe_text,
    recipes,
    reports,
    runs,
    tasks,
    trying,
    uploads,
    versions,
)
from web.hosts import answer_to_known_names
from web.security import harden
from web.site import Site


def create_app(
    store: Store,
    host: Host,
    library: Library,
    *,
    enqueue: Callable[[int], None] = lambda run_id: None,
    settings: dict[str, Any] | None = None,
    listening: str = "",
) -> Flask:
    """Build the WSGI application.

    :param enqueue: is told of each run that is asked for; without it, whoever looks finds it soon.
    :param settings: Flask's, over the defaults; for tests.
    :param listening: the name that ``serve --host`` was told; the pages answer to it, too.
    """
    app = Flask(__name__)
    app.extensions["bridgework"] = Site(store, host, library, enqueue)
    app.config.update(BOOTSTRAP_SERVE_LOCAL=True)
    harden(app, store.home)
    answer_to_known_names(app, listening=listening)
    app.config.update(settings or {})
    Bootstrap5(app)
    forms = CSRFProtect(app)
    for area in (
        home,
        recipes,
        edge_cases,
        explaining,
        previews,
        uploads,
        editor,
        blueprints,
        gallery,
        recipe_text,
        recipe_files,
        versions,
        problems,
        drift,
        runs,
        reports,
        questions,
        tasks,
        connections,
        connecting,
        directory,
        trying,
        accounts,
        people,
        hooks,
        deliveries,
        other_systems,
        api_hooks,
        metrics,
        health,
        notices,
        notice_settings,
        notice_channels,
    ):
        app.register_blueprint(area.bp)
    for open_area in (hooks, api_hooks):  # asked by programs, which nobody's log-in lets in
        forms.exempt(open_area.bp)
    api_hooks.limit_requests(app)
    accounts.require_log_in(app)
    questions.count_on_every_page(app)
    notices.show_unread(app)
    errors.explain(app)
    pages.teach_templates(app)
    return app
