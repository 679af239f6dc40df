"""Checking a recipe's templates and conditions, with every finding at its place in the file."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from jinja2 import nodes

from engine.fields import Schema
from engine.recipe.checking.complaints import Complaint, path_of
from engine.recipe.checking.constants import failing
from engine.recipe.checking.expressions import Names, Walk
from engine.recipe.checking.filters import Tables
from engine.recipe.checking.nearly_templates import nearly_template
from engine.recipe.checking.operators import constant
from engine.recipe.checking.scopes import ANYTHING, kinds
from engine.recipe.findings import Findings
from engine.recipe.templates.environment import RecipeEnvironment
from engine.recipe.templates.places import Place, places_asked_for
from engine.recipe.templates.syntax import Mistake, has_braces, parse_expression, parse_template
from engine.recipe.texts import Position, Text

#: Is told of a text, the names it may read, and whether it is a bare expression.
Watch = Callable[[Text, Names, bool], None]


#: What a value may be that is neither true nor false, and of these what may be empty: an empty list
#: ends an ``and`` as it is, while a record that isn't there counts as no.
ANY_KIND = frozenset({"string", "number", "integer", "array", "object"})
MAY_BE_EMPTY = frozenset({"string", "array"})


def _sides(node: nodes.Expr) -> Iterator[tuple[nodes.Expr, frozenset[str]]]:
    """Yield the parts of ``and`` and ``or`` that may decide, with the kinds that matter there."""
    if isinstance(node, nodes.And | nodes.Or):
        first = MAY_BE_EMPTY if isinstance(node, nodes.And) else ANY_KIND
        for side, matters in ((node.left, first), (node.right, ANY_KIND)):
            if isinstance(side, nodes.And | nodes.Or):
                yield from _sides(side)
            else:
                yield side, matters


class TemplateChecker:
    """Checks one recipe's templates and expressions, and tells what they evaluate to."""

    def __init__(
        self,
        environment: RecipeEnvironment,
        findings: Findings,
        tables: Tables,
    ) -> None:
        self.environment = environment
        self.findings = findings
        self.tables = tables
        #: Names that mean something elsewhere, with why they don't here.
        self.absent: dict[str, str] = {}
        self.used: set[str] = set()
        #: Whether a template read the day or the time of the run.
        self.reads_the_run = False
        self.used_tables: set[str | None] = set()
        self.step = ""
        #: Fields of which the `if` around what is checked asks whether they are there.
        self.may_be_missing: tuple[Place, ...] = ()
        #: Is told of each text with the names it may read, and whether it is a bare expression.
        self.watch: Watch | None = None
        #: Whether notes are wanted besides mistakes.
        self.hints = False

    def template(self, text: Text, names: Names, *, nearly: bool = True) -> Schema | None:
        """Check a template; return the schema of its value, or None for plain text.

        :param nearly: look whether plain text was meant to be a template.
        """
        if self.watch is not None:
            self.watch(text, names, False)
        before = len(self.findings)
        schema = self._checked(
            text,
            names,
            lambda: parse_template(self.environment, text.value),
            Walk.template,
        )
        if not nearly or len(self.findings) > before:
            return schema
        meant = nearly_template(text.value, {*names, *self.absent}, names)
        if meant is not None:
            self._add(text, meant.offset, meant, meant.better)
        return schema

    def expression(self, text: Text, names: Names, *, hints: bool = False) -> Schema | None:
        """Check a bare expression; return the schema of its value.

        :param hints: add one where braces could be left out.
        """
        if self.watch is not None:
            self.watch(text, names, True)
        if hints and has_braces(text.value):
            self.findings.add(
                text.position,
                "needless-braces",
                "An expression needs no {{ }} here.",
                corrected=self._without_braces(text),
                step=self.step,
                level="hint",
            )
        return self._checked(
            text,
            names,
            lambda: [parse_expression(self.environment, text.value)],
            Walk.expression,
        )

    def condition(self, text: Text, names: Names, *, hints: bool = False) -> None:
        """Check a bare expression that must be true or false."""
        before = len(self.findings)
        schema = self.expression(text, names, hints=hints)
        if len(self.findings) == before:
            self._always(text)
            self._not_asked(text, names)
        possible = kinds(schema or ANYTHING)
        if schema is None or not possible or "boolean" in possible:
            return
        bare = text.value.strip()
        self.findings.add(
            text.position,
            "not-a-condition",
            f"A condition is true or false, and '{bare}' is neither.",
            hint=f"Ask whether it is there: `{bare} is not blank`."
            if possible <= {"object", "array"}
            else f"Compare it, e.g. `{bare} == '…'`, or ask whether it is there: "
            f"`{bare} is not blank`.",
            step=self.step,
        )

    @contextmanager
    def where(self, condition: Text | None) -> Iterator[None]:
        """Let what is checked within read fields of which a condition asks whether they are there."""
        outside = self.may_be_missing
        with suppress(Mistake):
            if condition is not None:
                asked = places_asked_for(parse_expression(self.environment, condition.value))
                self.may_be_missing = (*outside, *asked)
        yield
        self.may_be_missing = outside

    def _not_asked(self, text: Text, names: Names) -> None:
        """Add a finding for each part of ``and`` or ``or`` whose value may become the condition's."""
        walk = Walk(names, self.absent, self.tables, self.may_be_missing)
        for part, matters in _sides(parse_expression(self.environment, text.value)):
            possible = kinds(walk.schema(part))
            if not possible or "boolean" in possible or not possible & matters:
                continue
            path = path_of(part)
            root = next(part.find_all(nodes.Name), part)
            self._complain(
                text,
                Complaint(
                    part.lineno if isinstance(part, nodes.Name) else root.lineno,
                    "not-a-condition",
                    f"A condition is true or false, and '{path}' is neither."
                    if path
                    else "A part of this condition is neither true nor false.",
                    "Ask whether it is there, with `is not blank`.",
                    path,
                    f"{path} is not blank" if path and "number" not in possible else "",
                ),
            )

    def _always(self, text: Text) -> None:
        """Add a finding for a condition that no record changes."""
        always = constant(parse_expression(self.environment, text.value))
        if always is None:
            return
        self.findings.add(
            text.position,
            "always-true" if always else "never-true",
            f"This condition is {'true for every record' if always else 'never true'}.",
            hint="Name a field of the record in it, or remove it."
            if always
            else "What depends on it is never done: name a field of the record in it, or remove it.",
            step=self.step,
        )

    def _without_braces(self, text: Text) -> str:
        bare = text.value.strip()[2:-2].strip()
        if not re.match(r"\w[^:#]*$", bare):
            return ""  # it may need the quotes
        start = Position(text.position.line, text.position.column - 1)
        quoted = (f"{mark}{text.value}{mark}" for mark in "\"'")
        lines = (self.findings.with_word(start, written, bare) for written in quoted)
        return next((line for line in lines if line), "")

    def _checked(
        self,
        text: Text,
        names: Names,
        parse: Callable[[], list[nodes.Expr]],
        check: Callable[[Walk, list[nodes.Expr]], Schema | None],
    ) -> Schema | None:
        walk = Walk(names, self.absent, self.tables, self.may_be_missing)
        try:
            parts = parse()
        except Mistake as mistake:
            self._add(
                text,
                mistake.offset,
                Complaint(mistake.offset, "template-syntax", mistake.message, mistake.hint),
                mistake.corrected,
            )
            return ANYTHING
        schema = check(walk, parts)
        self.used |= walk.used
        self.reads_the_run |= walk.reads_the_run
        self.used_tables |= walk.used_tables
        mistakes = [one for one in walk.complaints if one.level == "mistake"]
        if not mistakes:
            mistakes.extend(failing(self.environment, parts, text.value))
        notes = [one for one in walk.complaints if self.hints and one.level != "mistake"]
        for complaint in (*mistakes, *notes):
            self._complain(text, complaint)
        return schema

    def _complain(self, text: Text, complaint: Complaint) -> None:
        source, word = text.value, complaint.word
        found = source.find(word, complaint.offset)
        if found < 0 and word.startswith("'"):
            word = f'"{word[1:-1]}"'  # text may stand in either kind of quotes
            found = source.find(word, complaint.offset)
        offset = max(found, complaint.offset)
        corrected = ""
        if complaint.better and found >= 0:
            corrected = source[:offset] + complaint.better + source[offset + len(word) :]
        self._add(text, offset + word.startswith("."), complaint, corrected)

    def _add(self, text: Text, offset: int, complaint: Complaint, corrected: str) -> None:
        """Add a finding; ``corrected`` is what the whole text should be, where that is certain."""
        line = ""
        if corrected and len(text.lines) == 1:
            line = self.findings.with_text(text, corrected)
        self.findings.add(
            text.at(offset),
            complaint.code,
            complaint.message,
            hint=complaint.hint,
            corrected=line,
            step=self.step,
            level=complaint.level,
        )
