"""Plain text that was surely meant to be a template: ``${matter.id}``, ``%matter.id%``, ``matter.id``."""

import re
from collections.abc import Collection

from engine.recipe.checking.complaints import Complaint
from engine.recipe.checking.expressions import Names
from engine.recipe.checking.scopes import NoSuchField, field_of, is_open, kinds

PATH = r"(?P<path>[A-Za-z_]\w*(?:\.\w+)+)"
#: How other tools write a value into a text.
FORMS = tuple(
    re.compile(form)
    for form in (
        rf"\$\{{\s*{PATH}\s*\}}",
        rf"#\{{\s*{PATH}\s*\}}",
        rf"(?<![{{$#])\{{\s*{PATH}\s*\}}(?!\}})",
        rf"%{PATH}%",
        rf"<%=?\s*{PATH}\s*%>",
        rf"<<\s*{PATH}\s*>>",
        rf"\[\[\s*{PATH}\s*\]\]",
        rf"(?<![\w$])\${PATH}",
    )
)
WHOLE = re.compile(PATH)
#: `if … then … else …`, and `… if … else …`.
CHOICE = re.compile(r"\s*[iI][fF] (?P<if>.+?),? then (?P<then>[^{}]+?),? else (?P<else>[^{}]+)")
CHOICE_TURNED = re.compile(r"(?P<then>[^{}]+?) if (?P<if>[^{}]+?) else (?P<else>[^{}]+)")
#: A field with a filter, or put together with something else.
WORKED_OUT = re.compile(rf"{PATH}\s*(?:\|\s*\w+|[~+]\s|or\s+['\"\w])[^{{}}]*")
OPENING, CLOSING = "“„«", "”“»"
EXPRESSION = re.compile(r"\{\{[^{}]*\}\}")


def nearly_template(text: str, roots: Collection[str], names: Names) -> Complaint | None:
    """Return the complaint about a text that names a field as other tools do.

    :param roots: names that begin a path; others are left alone, for they may be meant as text.
    """
    bare = EXPRESSION.sub(lambda found: " " * len(found[0]), text)
    if text[:1] in set(OPENING) and text[-1:] in set(CLOSING) and bare != text:
        return Complaint(
            0,
            "curly-quotes",
            "These are curly quotes; they would become part of the text.",
            "Put straight quotes round it instead.",
            better=text[1:-1],
        )
    for form in FORMS:
        for found in form.finditer(bare):
            if found["path"].partition(".")[0] in roots:
                start, end = found.span()
                return Complaint(
                    start,
                    "not-a-template",
                    f"This is sent as it stands; a value is written `{{{{ {found['path']} }}}}`.",
                    "",
                    better=f"{text[:start]}{{{{ {found['path']} }}}}{text[end:]}",
                )
    choice = CHOICE.fullmatch(text) or CHOICE_TURNED.fullmatch(text)
    if choice is not None and any(
        _is_field(found["path"], names) for found in WHOLE.finditer(choice["if"])
    ):
        then, other = _as_text(choice["then"]), _as_text(choice["else"])
        return Complaint(
            0,
            "not-a-template",
            "These letters are sent as they stand; a choice stands in braces, `{{ this if condition "
            "else that }}`.",
            "",
            better=f"{{{{ {then} if {choice['if'].strip()} else {other} }}}}",
        )
    worked_out = WORKED_OUT.fullmatch(text)
    if worked_out is not None and _is_field(worked_out["path"], names):
        return Complaint(
            0,
            "not-a-template",
            f"These letters are sent as they stand; a value is written `{{{{ {text} }}}}`.",
            "",
            better=f"{{{{ {text} }}}}",
        )
    whole = WHOLE.fullmatch(text)
    if whole is not None and _is_field(text, names):
        return Complaint(
            0,
            "not-a-template",
            f"These letters are sent as they stand; the field's value is `{{{{ {text} }}}}`.",
            "",
            better=f"{{{{ {text} }}}}",
        )
    return None


def _as_text(words: str) -> str:
    """Return what a choice leads to as it is written in a template: in quotes, or a path."""
    bare = words.strip()
    if bare[:1] in set("'\"") or WHOLE.fullmatch(bare):
        return bare
    return '"' + bare + '"' if "'" in bare else f"'{bare}'"


def _is_field(path: str, names: Names) -> bool:
    """Return whether a path surely leads to a field."""
    root, *fields = path.split(".")
    if root not in names:
        return False
    schema = names[root]
    for name in fields:
        if "object" not in kinds(schema) or (is_open(schema) and "anyOf" not in schema):
            return False
        try:
            schema = field_of(schema, name)
        except NoSuchField:
            return False
    return True
