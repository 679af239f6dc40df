"""The forms of accounts: first start, log-in, new passwords, invitations."""

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SubmitField
from wtforms.validators import EqualTo, InputRequired, Length, Regexp

from engine.store.users import EMAIL

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200  # hashing a longer one is work an attacker could ask for


def _email(autocomplete: str) -> EmailField:
    return EmailField(
        "E-mail address",
        validators=[
            InputRequired("Type an e-mail address."),
            Regexp(EMAIL.pattern + "$", message="This is no e-mail address."),
            Length(max=200, message="An e-mail address has at most 200 characters."),
        ],
        render_kw={"autocomplete": autocomplete},
    )


def _new_password(label: str) -> PasswordField:
    return PasswordField(
        label,
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


class NewPasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF brings no types
    password = _new_password("Password")
    again = PasswordField(
        "The same password again",
        validators=[
            InputRequired("Type it once more."),
            EqualTo("password", "The two passwords differ."),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField("Save the password")


class SetUpForm(NewPasswordForm):
    email = _email("username")
    submit = SubmitField("Make the admin account")


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(
        "Your password now",
        validators=[InputRequired("Type your password."), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    password = _new_password("New password")
    submit = SubmitField("Change the password")


class LogInForm(FlaskForm):  # type: ignore[misc]  # as above
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


class InviteForm(FlaskForm):  # type: ignore[misc]  # as above
    email = _email("off")
    submit = SubmitField("Make an invitation link")
