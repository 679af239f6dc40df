"""First start, log-in and log-out."""

import re
from dataclasses import dataclass
from functools import cache

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
from flask_wtf import FlaskForm
from werkzeug import Response
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import EmailField, PasswordField, SubmitField
from wtforms.validators import EqualTo, InputRequired, Length, Regexp

from engine.errors import SetupError
from engine.store import users
from web.site import site

bp = Blueprint("accounts", __name__)

#: Pages that may be seen by someone who isn't logged in.
OPEN = frozenset({"static", "bootstrap.static", "accounts.set_up", "accounts.log_in", "hooks.take"})
#: Areas that ask for something else than a log-in: API tokens.
OPEN_AREAS = frozenset({"api"})
LOG_IN_LIMIT = "10 per minute; 60 per hour"
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200  # hashing a longer one is work an attacker could ask for


class SetUpForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF brings no types
    email = EmailField(
        "E-mail address",
        validators=[
            InputRequired("Type your e-mail address."),
            Regexp(r"\s*[^@\s]+@[^@\s]+\s*$", message="This is no e-mail address."),
            Length(max=200, message="An e-mail address has at most 200 characters."),
        ],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        description=f"At least {SHORTEST_PASSWORD} characters. Four random words are good.",
        validators=[
            InputRequired("Choose a password."),
            Length(
                SHORTEST_PASSWORD,
                LONGEST_PASSWORD,
                f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
            ),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "The same password again",
        validators=[EqualTo("password", "The two passwords differ.")],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField("Make the admin account")


class LogInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF brings no types
    email = EmailField(
        "E-mail address",
        validators=[InputRequired("Type your e-mail address."), Length(max=200)],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        validators=[InputRequired("Type your password."), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    submit = SubmitField("Log in")


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
        return str(self.user.id)


@bp.route("/setup", methods=["GET", "POST"])
def set_up() -> Response | str:
    """Make the admin; only while there is no user."""
    if users.has_users(site().store):
        return _to("accounts.log_in")
    form = SetUpForm()
    if not form.validate_on_submit():
        return render_template("accounts/setup.html", form=form)
    try:
        users.add_first_user(
            site().store, form.email.data, generate_password_hash(form.password.data)
        )
    except SetupError as error:
        flash(str(error), "problem")
    else:
        flash("The admin account is made. Log in with it now.", "done")
    return _to("accounts.log_in")


@bp.route("/log-in", methods=["GET", "POST"])
def log_in() -> Response | str | tuple[str, int]:
    if not users.has_users(site().store):
        return _to("accounts.set_up")
    if current_user.is_authenticated:
        return _to("home.show")
    form = LogInForm()
    if not form.validate_on_submit():
        return render_template("accounts/log_in.html", form=form)
    user = users.find_user(site().store, form.email.data)
    kept = user.password_hash if user else _hash_of_nobody()  # takes as long for an unknown address
    if not check_password_hash(kept, form.password.data) or user is None:
        flash("The e-mail address or the password is wrong.", "problem")
        return render_template("accounts/log_in.html", form=form), 401
    session.clear()  # nothing that was there before the log-in stays
    session.permanent = True
    login_user(Visitor(user))
    return redirect(_safe_target(request.args.get("next", "")))


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
    app.view_functions["accounts.log_in"] = limiter.limit(LOG_IN_LIMIT, methods=["POST"])(log_in)

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


def _load(user_id: str) -> Visitor | None:
    user = users.get_user(site().store, int(user_id))
    return None if user is None else Visitor(user)


def _safe_target(target: str) -> str:
    """Return ``target`` if it is a page of this site; else home.

    Browsers read a backslash as ``/`` and drop control characters, so both are refused.
    """
    if re.fullmatch(r"/(?![/\\])[^\\\x00-\x1f]*", target):
        return target
    return url_for("home.show")


@cache
def _hash_of_nobody() -> str:
    return generate_password_hash("nobody has this password")


def _to(endpoint: str) -> Response:
    return redirect(url_for(endpoint))
