"""First start, log-in, log-out, and the links by which people choose a password."""

import re
from dataclasses import dataclass
from typing import Any

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug import Response

from engine.errors import SetupError
from engine.store import users
from engine.store.invitations import accept_invitation, find_invitation, open_invitations
from web.account_forms import LogInForm, NewPasswordForm, SetUpForm
from web.passwords import hashed, is_right
from web.site import site

bp = Blueprint("accounts", __name__)

#: Pages that may be seen by someone who isn't logged in.
OPEN = frozenset(
    {
        "static",
        "bootstrap.static",
        "accounts.set_up",
        "accounts.log_in",
        "accounts.welcome",
        "health.show",
        "hooks.take",
    }
)
#: What one address may ask for how often: nobody tries many passwords.
LIMITS = dict.fromkeys(("accounts.log_in", "people.password"), "10 per minute; 60 per hour")
#: What one person may: other apps are asked by hand, so that their own limits aren't spent; and the
#: editor looks over a text as it is typed. A whole office may have one address.
LIMITS_EACH = {
    **dict.fromkeys(("connections.test", "connections.refresh", "trying.show"), "30 per minute"),
    **dict.fromkeys(
        ("recipe_text.check", "recipe_text.fix", "recipe_text.complete", "recipe_text.about_word"),
        "300 per minute",
    ),
}
#: Areas that ask for something else than a log-in: API tokens, or the token of the metrics.
OPEN_AREAS = frozenset({"api", "metrics"})


@dataclass(frozen=True)
class Visitor:
    """A logged-in user, with the attributes Flask-Login asks for."""

    user: users.User
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def email(self) -> str:
        return self.user.email

    def get_id(self) -> str:
        """Return what the cookie knows: with another password, sessions begun before are over."""
        return f"{self.user.id}.{self.user.stamp}"


@bp.route("/setup", methods=["GET", "POST"])
def set_up() -> Response | str:
    """Make the admin; only while there is no user, and nobody has been chosen to be the first."""
    if not _is_fresh():
        return _to("accounts.log_in")
    form = SetUpForm()
    if not form.validate_on_submit():
        return render_template("accounts/setup.html", form=form)
    try:
        users.add_first_user(site().store, form.email.data, hashed(form.password.data))
    except SetupError as error:
        flash(str(error), "problem")
    else:
        flash("The admin account is made. Log in with it now.", "done")
    return _to("accounts.log_in")


@bp.route("/log-in", methods=["GET", "POST"])
def log_in() -> Response | str | tuple[str, int]:
    if _is_fresh():
        return _to("accounts.set_up")
    if current_user.is_authenticated:
        return _to("home.show")
    form = LogInForm()
    if not form.validate_on_submit():
        return render_template("accounts/log_in.html", form=form)
    user = users.find_user(site().store, form.email.data)
    if not is_right(form.password.data, user) or user is None:
        flash("The e-mail address or the password is wrong.", "problem")
        return render_template("accounts/log_in.html", form=form), 401
    begin_session(user)
    return redirect(_safe_target(request.args.get("next", "")))


@bp.route("/welcome/<token>", methods=["GET", "POST"])
def welcome(token: str) -> Response | str | tuple[str, int]:
    """Let someone who was invited, or forgot theirs, choose a password."""
    invitation = find_invitation(site().store, token)
    if invitation is None:
        return render_template("accounts/no_invitation.html"), 404
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return render_template("accounts/welcome.html", form=form, email=invitation.email)
    accept_invitation(site().store, token, hashed(form.password.data))
    logout_user()
    session.clear()
    flash("Your password is saved. Log in with it now.", "done")
    return _to("accounts.log_in")


def begin_session(user: users.User) -> None:
    session.clear()  # nothing that was there before the log-in stays
    session.permanent = True
    login_user(Visitor(user))


@bp.post("/log-out")
def log_out() -> Response:
    logout_user()
    session.clear()
    flash("You are logged out.", "done")
    return _to("accounts.log_in")


def require_log_in(app: Flask) -> None:
    """Close every page to people who aren't logged in, but for those in :data:`OPEN`."""
    logins = LoginManager(app)
    logins.user_loader(_load)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    for limits, of in ((LIMITS, get_remote_address), (LIMITS_EACH, _who)):
        for endpoint, limit in limits.items():
            view: Any = app.view_functions[endpoint]
            limited = limiter.limit(limit, key_func=of, methods=["POST"])
            app.view_functions[endpoint] = limited(view)

    @app.before_request
    def check_log_in() -> Response | None:
        if request.endpoint in OPEN or request.endpoint is None or current_user.is_authenticated:
            return None
        if request.blueprint in OPEN_AREAS:
            return None
        if request.accept_mimetypes.best == "application/json":
            return current_app.response_class(status=401)
        here = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.log_in", next=None if here == "/" else here))


def _load(known: str) -> Visitor | None:
    number, _, stamp = known.partition(".")
    user = users.get_user(site().store, int(number))
    return Visitor(user) if user is not None and user.stamp == stamp else None


def _safe_target(target: str) -> str:
    """Return ``target`` if it is a page of this site; else home.

    Browsers read a backslash as ``/`` and drop control characters, so both are refused.
    """
    if re.fullmatch(r"/(?![/\\])[^\\\x00-\x1f]*", target):
        return target
    return url_for("home.show")


def _is_fresh() -> bool:
    """Return whether whoever comes may make the admin.

    Not while a link is open that `bridgework users add` printed: pages that anyone can reach are made
    safe by it before they are served.
    """
    return not users.has_users(site().store) and not open_invitations(site().store)


def _who() -> str:
    """Return who asks, where they are logged in."""
    return current_user.get_id() if current_user.is_authenticated else get_remote_address()


def _to(endpoint: str) -> Response:
    return redirect(url_for(endpoint))
