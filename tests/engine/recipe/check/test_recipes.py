"""A recipe is checked as a whole: all mistakes at once, against connections, connectors and files."""

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from engine.host import Host, build_host
from engine.recipe.checking.check import check_file
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.templates.environment import build_environment
from engine.recipe.templates.template import compile_expression, compile_template
from tests.engine.recipe.check.recipes import BASE, GOOD, findings


def test_a_good_recipe_has_no_findings(host: Host) -> None:
    assert findings(BASE.replace("TITLE", GOOD), host, {"office"}) == []


def test_all_at_once(host: Host) -> None:
    text = (
        BASE.replace("TITLE", '"{{ cas.id }} {{ case.titel | uper }}"')
        .replace("not case.client", "case.title")
        .replace("      contact.phone:", "      contact.fone:")
    )
    assert [(f.position.line, f.code) for f in findings(text, host)] == [
        (6, "not-a-condition"),
        (17, "unknown-name"),
        (17, "unknown-field"),
        (17, "unknown-filter"),
        (18, "unknown-field"),
    ]


def test_one_finding_a_cause(host: Host) -> None:
    text = BASE.replace("TITLE", "x").replace(
        "      contact.phone:",
        "      contct: {email: a, surname: b, phone: c}\n      contact.phone:",
    )
    (found,) = findings(text, host)
    assert (found.position.line, found.code) == (18, "unknown-field")


def test_everything_missing_is_named_at_the_step(host: Host) -> None:
    text = BASE[: BASE.index("      title")] + "      contact.email: a@b.example\n"
    found = [f for f in findings(text, host) if f.code == "missing-field"]
    assert [f.message for f in found] == [
        "desk.save_ticket needs 'title', 'contact.phone' and 'contact.surname' under `with:`."
    ]
    assert (found[0].position.line, found[0].step) == (14, "ticket")


def test_a_batch_action_takes_parameters_and_row_fields_alike(host: Host) -> None:
    text = BASE.replace("TITLE", GOOD).replace(
        "translate:",
        "  - use: desk.add_rows\n    with: {file: a, columns.Name: '{{ case.title }}'}\ntranslate:",
    )
    assert findings(text, host) == []
    found = findings(text.replace("columns.Name: '{{ case.title }}'", "x: a"), host)
    assert [f.hint for f in found if f.code == "unknown-field"] == ["It takes: file, columns."]


def test_a_search_that_nobody_reads(host: Host) -> None:
    text = BASE.replace("TITLE", GOOD).replace("person.name", "case.title")
    assert findings(text, host) == []  # it still skips records
    (found,) = findings(text.replace("    if_none: skip\n", ""), host)
    assert (found.position.line, found.code) == (9, "unread-step")


def test_guessed_records_complain_of_near_misses_only(host: Host) -> None:
    text = (
        "name: A\ntrigger: {use: office.note_written, with: {folder: a}}\nsteps:\n"
        "  - use: desk.save_ticket\n    with: {title: '{{ record.WORD }}'}\n"
    )
    for word in ("text", "author.name", "subject", "author.email", "author.name.x"):
        expected = ["unknown-field"] if word == "author.name.x" else []
        assert [f.code for f in findings(text.replace("WORD", word), host)] == expected
    (found,) = findings(text.replace("WORD", "auhtor.name"), host)
    assert found.hint == "Did you mean 'author'?"


def test_connections_are_not_looked_for_when_unknown(host: Host) -> None:
    assert findings(BASE.replace("TITLE", GOOD), host, None) == []


def test_a_step_without_connection_uses_its_connectors_name(host: Host) -> None:
    (found,) = findings(BASE.replace("TITLE", GOOD), host, {"main"})
    assert (found.position.line, found.code) == (3, "unknown-connection")
    assert found.message == "There is no connection 'office'."
    assert "bridgework connections add office --connector office" in found.hint


def test_an_unknown_connection(host: Host) -> None:
    text = BASE.replace("TITLE", GOOD).replace("  as: case", "  as: case\n  connection: offce")
    (found,) = findings(text, host, {"office"})
    assert found.hint == "Did you mean 'office'?"
    assert found.corrected == "  connection: office"


def test_a_connector_that_could_not_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "office.py").write_text("import nothing_of_this_name\n")
    broken = build_host([], folder=tmp_path)
    found = findings(BASE.replace("TITLE", GOOD), broken)
    assert {f.code for f in found} == {"unknown-connector"}
    assert "could not be loaded" in found[0].hint


def test_columns_of_a_file_are_known(tmp_path: Path) -> None:
    import plugins.csv as csv_connector  # the one connector whose records depend on a file

    (tmp_path / "people.csv").write_text("First name,E-mail\nAda,ada@mail.example\n")
    text = (
        "name: A\ntrigger: {use: csv.row_read, with: {file: FILE}, as: row}\nsteps:\n"
        "  - use: csv.append_rows\n    with: {file: out.csv, columns.name: '{{ row.WORD }}'}\n"
    )
    host = build_host([csv_connector])

    def codes(file: str, word: str) -> list[str]:
        path = tmp_path / "r.yaml"
        path.write_text(text.replace("FILE", file).replace("WORD", word))
        return [found.code for found in check_file(path, host)]

    assert codes("people.csv", "first_name") == []
    assert codes("people.csv", "firstname") == ["no-such-column"]
    assert codes("later.csv", "anything") == []  # the file may come later
    # One that may be missing is asked for, in the text or around it.
    assert codes("people.csv", "phone if row.phone is defined else row.e_mail") == []
    text = text.replace(
        "    with: {file: out", "    if: row.phone is defined\n    with: {file: out"
    )
    assert codes("people.csv", "phone") == []
    assert codes("people.csv", "mobile") == ["no-such-column"]
    [found] = check_file(tmp_path / "r.yaml", host)
    assert found.hint.endswith("Where a file may lack it, ask: `row.mobile is defined`.")


def test_needless_braces_are_a_hint(host: Host) -> None:
    text = BASE.replace("TITLE", GOOD).replace("not case.client", '"{{ not case.client }}"')
    assert findings(text, host) == []
    found, _ = findings(text, host, hints=True)  # the other one: its table isn't used
    assert (found.level, found.code) == ("hint", "needless-braces")
    assert found.corrected == "  - if: not case.client"


def test_a_file_is_checked_for_both_kinds_of_mistakes(tmp_path: Path, host: Host) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(
        BASE.replace("TITLE", "{{ cas.id }}")
        .replace("It has no client.", "Reason: none")
        .replace("person.name", "person.nmae")
    )
    found = check_file(path, host)
    assert [(f.position.line, f.code) for f in found] == [
        (7, "colon-in-text"),
        (17, "unquoted-braces"),
        (19, "unknown-field"),
    ]


def test_a_file_beyond_reading(tmp_path: Path, host: Host) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(b"\xff\xfe")
    assert [found.code for found in check_file(path, host)] == ["not-utf-8"]


EXPRESSION = st.text(st.sampled_from("case.idtl{}()[]|'\"=<> ,+-~%#1not"), max_size=30)


@given(title=EXPRESSION, condition=EXPRESSION)
@example(title="", condition="'")
@example(title="", condition=")")
@example(title="'", condition="a")
def test_what_the_check_lets_through_compiles(host: Host, title: str, condition: str) -> None:
    template = f"{{{{ {title} }}}}"
    text = BASE.replace("TITLE", "'" + template.replace("'", "''") + "'")
    if condition.strip():
        text = text.replace("not case.client", "'" + condition.replace("'", "''") + "'")
    found = findings(text, host)
    assert all(one.as_text() for one in found)
    environment = build_environment(filters_for({}), TESTS)
    if not any(one.position.line == 17 for one in found):
        assert compile_template(environment, template, "title")
    if condition.strip() and not any(one.position.line == 6 for one in found):
        assert compile_expression(environment, condition, "if")
