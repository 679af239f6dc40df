"""Who may log in: one's own password, invitations, and log-ins taken away."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from engine.backup.last import last_backup
from engine.errors import SetupError
from engine.files import size_words
from engine.store import users
from engine.store.invitations import invite as make_link
from engine.store.invitations import open_invitations, take_back
from web.account_forms import ChangePasswordForm, InviteForm
from web.accounts import begin_session
from web.passwords import hashed, is_right
from web.site import outside_url, site
from web.times import when

bp = Blueprint("people", __name__, url_prefix="/people")


@bp.get("/")
def show() -> str:
    return _page(InviteForm())


@bp.route("/password", methods=["GET", "POST"])
def password() -> str | Response:
    """Change one's own password; all other sessions of it end."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        user: users.User = current_user.user
        if is_right(form.current.data, user):
            users.set_password(site().store, user.id, hashed(form.password.data))
            changed = users.get_user(site().store, user.id)
            assert changed is not None
            begin_session(changed)
            flash("Your password is changed. Everywhere else you are logged out.", "done")
            return redirect(url_for("people.show"))
        form.current.errors = ["This is not your password."]
    return render_template("accounts/password.html", form=form)


@bp.post("/invite")
def invite() -> str:
    """Make a link for a new user; it is shown once, and handed over by whoever asked for it."""
    form = InviteForm()
    if not form.validate_on_submit():
        return _page(form)
    if users.find_user(site().store, form.email.data) is not None:
        form.email.errors = ["This address is a user already."]
        return _page(form)
    return _page(InviteForm(formdata=None), link_for=users.normal(form.email.data))


@bp.post("/link")
def link() -> str | Response:
    """Make a link by which a user chooses another password."""
    user = users.find_user(site().store, _email())
    return _gone() if user is None else _page(InviteForm(formdata=None), link_for=user.email)


@bp.post("/take-back")
def take_link_back() -> Response:
    take_back(site().store, _email())
    flash(f"The link for {_email()} no longer counts.", "done")
    return redirect(url_for("people.show"))


@bp.post("/remove")
def remove() -> Response:
    if _email() == current_user.email:
        flash("You can't remove yourself. Ask another user to.", "problem")
        return redirect(url_for("people.show"))
    try:
        users.remove_user(site().store, _email())
    except SetupError:
        return _gone()
    flash(f"{_email()} is removed and can't log in any more.", "done")
    return redirect(url_for("people.show"))


def _page(form: InviteForm, *, link_for: str = "") -> str:
    made = ""
    if link_for:
        token = make_link(site().store, link_for, current_user.email)
        made = outside_url("accounts.welcome", token=token)
    found = users.list_users(site().store)
    known = {user.email for user in found}
    saved = last_backup(site().store.home)
    return render_template(
        "accounts/people.html",
        form=form,
        link=made,
        link_for=link_for,
        people=[(user.email, when(user.created_at)) for user in found],
        invited=[
            (item.email, item.email in known, when(item.expires_at))
            for item in open_invitations(site().store)
        ],
        saved=saved and (when(saved.made_at), size_words(saved.size)),
    )


def _email() -> str:
    return users.normal(request.form.get("email", ""))


def _gone() -> Response:
    flash("There is no such user any more.", "note")
    return redirect(url_for("people.show"))
