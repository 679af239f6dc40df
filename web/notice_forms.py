"""The forms of the notices' settings."""

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
    SubmitField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from engine.local_time import zone_called

ADDRESS = r"\s*[^@\s<>]+@[^@\s<>]+\s*$"
#: An address with or without a name before it.
SENDER = r"(?:[^<>@\r\n]+<[^@\s<>]+@[^@\s<>]+>|\s*[^@\s<>]+@[^@\s<>]+)\s*$"


class ServerForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF brings no types
    host = StringField(
        "Mail server",
        description="For example smtp.office365.com.",
        validators=[
            InputRequired("Type the server's name."),
            Regexp(r"\s*[A-Za-z0-9.\-:]+\s*$", message="This is no server's name."),
            Length(max=200),
        ],
    )
    security = SelectField(
        "Encryption",
        choices=[
            SelectChoice("starttls", "STARTTLS, usually at port 587"),
            SelectChoice("tls", "TLS from the start, usually at port 465"),
        ],
    )
    port = IntegerField("Port", validators=[Optional(), NumberRange(1, 65535, "1 to 65535.")])
    user = StringField("User", validators=[Length(max=200)], render_kw={"autocomplete": "off"})
    password = PasswordField(
        "Password",
        description="Left empty, it stays as it was for the same server and user.",
        validators=[Length(max=500)],
        render_kw={"autocomplete": "new-password"},
    )
    sender = StringField(
        "Mails come from",
        description="An address that the server may send for.",
        validators=[
            InputRequired("Type the address that mails come from."),
            Regexp(SENDER, message="This is no e-mail address."),
            Length(max=200),
        ],
    )
    submit = SubmitField("Save the mail server")


class ReportForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF brings no types
    enabled = BooleanField("Make a report every day")
    at = TimeField("At", validators=[InputRequired("Choose a time.")])
    zone = StringField(
        "Time zone",
        description="For example America/New_York. Left empty: that of most recipes.",
        validators=[Length(max=80)],
    )
    on_quiet_days = BooleanField("Also when nothing happened and nothing needs attention")
    submit = SubmitField("Save the daily report")

    def validate_zone(self, field: StringField) -> None:
        if field.data.strip() and zone_called(field.data.strip()) is None:
            raise ValidationError("There is no such time zone. Write it like America/New_York.")


class ChannelForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF brings no types
    """What all channels have; each kind adds where it goes."""

    name = StringField(
        "Name",
        description="What you call it here.",
        validators=[InputRequired("Give it a name."), Length(max=80)],
    )


class MailForm(ChannelForm):
    address = StringField(
        "E-mail address",
        validators=[
            InputRequired("Type an e-mail address."),
            Regexp(ADDRESS, message="This is no e-mail address."),
            Length(max=200),
        ],
    )


class SlackForm(ChannelForm):
    url = StringField(
        "Address of the incoming webhook",
        description="From Slack: it begins with https://hooks.slack.com/services/. It is kept encrypted "
        "and not shown again.",
        validators=[Length(max=1000)],
        render_kw={"autocomplete": "off"},
    )


class WebhookForm(ChannelForm):
    url = StringField(
        "Address to post to",
        description="Notices are posted there as JSON. It is kept encrypted and not shown again.",
        validators=[Length(max=1000)],
        render_kw={"autocomplete": "off"},
    )
    key = StringField(
        "Key that signs what is posted",
        description="Copy it to the receiver now; it is not shown again.",
        validators=[Length(max=200)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
