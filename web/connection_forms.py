"""The form of a connection, made from what its app's connector declares."""

from collections.abc import Collection, Mapping
from typing import Any

from flask_wtf import FlaskForm
from markupsafe import escape
from wtforms import (
    BooleanField,
    Field,
    PasswordField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
    URLField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NoneOf, Optional, Regexp, ValidationError

from engine.auth import JwtBearer, OAuth2
from engine.cli.connections import NAME
from engine.connector import Connector
from engine.errors import AuthError, BridgeworkError, SetupError
from engine.fields import Schema
from engine.http.accounts import AnotherAccount, ConnectedAlready
from engine.http.settings import (
    LOG_IN,
    TOKENS,
    required_settings,
    secret_settings,
    setting_schemas,
)
from engine.http.urls import addresses, origin_of
from engine.operations import PERSON
from engine.recipe.templates.coerce import CoerceError, coercer

#: Settings' fields are called so, lest one named ``name`` or ``data`` meets a field of the form.
PREFIX = "setting_"
LONGEST = 20_000  # a private key is the longest of them


class SecretArea(TextAreaField):  # type: ignore[misc]  # WTForms brings no types
    """A secret of several lines, which a password's field would drop; never written into a page."""

    def _value(self) -> str:
        return ""


class ConnectionForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF brings no types
    """What is asked of whoever connects an app; subclasses have a field per setting."""

    connector: Connector
    #: Names that are taken; empty where the connection is there already.
    taken: frozenset[str] = frozenset()

    def validate_name(self, field: Field) -> None:
        if field.data in self.taken:
            raise ValidationError("There is a connection of this name already. Choose another.")

    @property
    def given(self) -> dict[str, Any]:
        """Return the settings that were filled in, each of its declared type."""
        found = {}
        for name, schema in setting_schemas(self.connector).items():
            field = self._fields.get(PREFIX + name)
            if field is not None and field.data not in (None, ""):
                found[name] = coercer(schema)(_typed(field.data))
        if self.connector.log_in:
            found[LOG_IN] = self.connector.log_in
        if self.base_url.data:
            found["base_url"] = self.base_url.data.strip().rstrip("/")
        return found

    def settings_after(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """Return all settings of a connection that is changed; secrets left empty stay."""
        hidden = secret_settings(self.connector)
        asked = {name.removeprefix(PREFIX) for name in self._fields} - hidden
        return {**{key: kept[key] for key in kept if key not in asked}, **self.given}

    def sends_kept_secrets_elsewhere(
        self, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> bool:
        """Return whether secrets that nobody typed would go to another server; say so at each.

        A secret can't be read in these pages, so neither may it be had by naming a server of one's
        own.

        :param before: all settings as they are stored.
        :param after: as they are to be.
        """
        try:
            new, old = (
                addresses(self.connector, one, connecting=True).origins | _stand_in(one)
                for one in (after, before)
            )
        except SetupError:  # what is missing is said when it is tried
            new, old = frozenset({""}), frozenset()
        kept = secret_settings(self.connector) & set(before) - set(self.given)
        fields = [field for name in sorted(kept) if (field := self._fields.get(PREFIX + name))]
        if new <= old or not fields:
            return False
        for field in fields:
            field.errors = [*field.errors, "Type it again: it goes to another address from now on."]
        return True

    def tell(self, error: BridgeworkError) -> str:
        """Put an error at the field it concerns; return what is left to say above the form."""
        if isinstance(error, ConnectedAlready):
            return str(error)
        if isinstance(error, AnotherAccount):
            self.replace_account.errors = [f"{error.message} Tick this if it is to take its place."]
            return ""
        secret = [name for name in secret_settings(self.connector) if PREFIX + name in self._fields]
        if isinstance(error, AuthError | SetupError) and len(secret) == 1:
            field = self._fields[PREFIX + secret[0]]
            field.errors = [*field.errors, str(error)]
            return ""
        return str(error)


def _stand_in(settings: Mapping[str, Any]) -> frozenset[str]:
    """Return the address that stands in for all of an app's, also of one without any of its own."""
    given = str(settings.get("base_url") or "")
    return frozenset({origin_of(given)}) if given else frozenset()


def connection_form(
    connector: Connector,
    *,
    name: str = "",
    taken: frozenset[str] = frozenset(),
    settings: Mapping[str, Any] | None = None,
    stored: Collection[str] = (),
) -> ConnectionForm:
    """Return the form for a new connection, or for one that is there.

    :param connector: with the way to log in that was chosen.
    :param name: proposed for a new connection.
    :param taken: names of the connections there are.
    :param settings: public settings of the connection that is changed; None for a new one.
    :param stored: names of its secrets.
    """
    known, required = setting_schemas(connector), required_settings(connector)
    hidden = secret_settings(connector)
    new = settings is None
    fields: dict[str, Any] = {"connector": connector, "taken": taken}
    if new:
        fields["name"] = _name_field(connector, taken=connector.name in taken)
    for setting, schema in known.items():
        if setting not in TOKENS and setting != LOG_IN:
            fields[PREFIX + setting] = _setting_field(
                connector,
                setting,
                schema,
                secret=setting in hidden,
                required=setting in required and setting not in stored,
                kept=setting in stored,
            )
    fields["base_url"] = URLField(
        "Another address than the app's own",
        description="Only for a proxy or a test server, e.g. https://proxy.example:8443",
        validators=[
            Optional(),
            Length(max=500),
            Regexp(r"\s*https?://[^\s/]+", message="An address begins with https:// or http://."),
        ],
    )
    if not new:
        fields["replace_account"] = BooleanField(
            "It may become another account's",
            description="Records sent before are then new to that account.",
        )
    fields["submit"] = SubmitField(_button(connector))
    form_class = type("Form", (ConnectionForm,), fields)
    shown = {PREFIX + key: value for key, value in (settings or {}).items() if key not in hidden}
    form: ConnectionForm = form_class(
        data={"name": name, "base_url": (settings or {}).get("base_url", ""), **shown}
    )
    return form


def _name_field(connector: Connector, *, taken: bool) -> Field:
    return StringField(
        "Name",
        description="Recipes call the connection so."
        if taken
        else f"Recipes call the connection so; they look for “{connector.name}” unless they say else.",
        validators=[
            InputRequired("Give the connection a name."),
            Regexp(rf"(?:{NAME.pattern})$", message="Use letters, digits, - and _, at most 80."),
            NoneOf([PERSON], message="In recipes “person” means that a person does a step."),
        ],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


def _setting_field(
    connector: Connector, name: str, schema: Schema, *, secret: bool, required: bool, kept: bool
) -> Field:
    label = str(schema.get("title") or name.replace("_", " ").capitalize())
    help_text = str(schema.get("description") or "")
    if kept:
        help_text = f"{help_text} Leave it empty to keep the one that is stored.".strip()
    asked = {
        "label": label,
        "description": escape(help_text),
        "default": schema.get("default"),
        "validators": [
            InputRequired(f"Fill in “{label}”.") if required else Optional(),
            _of_type(schema),
        ],
        "render_kw": {"autocomplete": "off", "spellcheck": "false", "maxlength": LONGEST},
    }
    if choices := _choices(schema):
        return SelectField(
            **{**asked, "render_kw": {}},
            choices=choices if required else [SelectChoice("", "Not said"), *choices],
        )
    if schema.get("type") == "boolean":
        return BooleanField(label, description=escape(help_text), default=schema.get("default"))
    if isinstance(connector.auth, JwtBearer) and name == connector.auth.setting:
        return SecretArea(**asked)
    if secret:
        # "off" alone is overruled by browsers, which would fill in the log-in to these pages.
        asked["render_kw"] = {"autocomplete": "new-password", "maxlength": LONGEST}
        return PasswordField(**asked)
    return (URLField if schema.get("format") == "uri" else StringField)(**asked)


def _choices(schema: Schema) -> list[SelectChoice]:
    return [SelectChoice(str(choice)) for choice in schema.get("enum", ()) if choice is not None]


def _of_type(schema: Schema) -> Any:
    def check(_form: FlaskForm, field: Field) -> None:
        try:
            coercer(schema)(_typed(field.data))
        except CoerceError as error:
            raise ValidationError(f"{error.message} {error.hint}".strip()) from None

    return check


def _typed(value: Any) -> Any:
    """Return what was typed without the blanks and line ends that copying brings along."""
    return value.strip() if isinstance(value, str) else value


def _button(connector: Connector) -> str:
    if isinstance(connector.auth, OAuth2):
        return f"Continue to {connector.title}"
    return "Test and save"
