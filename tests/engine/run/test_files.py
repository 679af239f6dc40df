"""A recipe that carries files from one system to another; nobody sees what is in them but those."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest

from engine.cli.previewing import _row
from engine.host import Host, build_host
from engine.recipe.checking.check import check_recipe
from engine.run.preview import preview
from engine.sdk import Connector, Context, Field, File, Record, TypedDict, hookimpl

PDF = b"%PDF-1.7 confidential " * 600


class Letter(TypedDict):
    id: str
    subject: str
    enclosures: list[File]


class Letterbox:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str, bytes]] = []
        self.connector = Connector(name="letters", title="Letters")
        sample: File = {
            "name": "invoice.pdf",
            "media_type": "application/pdf",
            "size": 9,
            "file": "",
        }
        self.connector.trigger(
            "New letter", key="id", sample={"id": "1", "subject": "s", "enclosures": [sample]}
        )(self.letter_read)
        self.connector.action("Send a file", idempotent=True, sample={"id": "1"})(self.send_file)

    def letter_read(self, ctx: Context) -> Iterator[Letter]:
        """Read letters."""
        file = ctx.files.save("../invoice.pdf", [PDF], "application/pdf")
        yield {"id": "1", "subject": "First", "enclosures": [file]}
        yield {"id": "2", "subject": "Second", "enclosures": []}

    def send_file(
        self, ctx: Context, to: str, attachment: Annotated[File, Field("Attachment")]
    ) -> Record:
        """Send one file."""
        with ctx.files.open(attachment) as opened:
            self.sent.append((to, attachment["name"], opened.read()))
        return {"id": str(len(self.sent))}


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@pytest.fixture
def host(letterbox: Letterbox) -> Host:
    class Plugin:
        @hookimpl
        def register_connectors(self) -> list[Connector]:
            return [letterbox.connector]

    return build_host([Plugin()], strict=True)


RECIPE = """\
name: Letters go on
trigger:
  use: letters.letter_read
  as: letter
steps:
  - id: sent
    use: letters.send_file
    with:
      to: "{{ letter.subject }}"
      attachment: ATTACHMENT
"""


def recipe(office: Any, attachment: str) -> Any:
    (office.library.folder / "files.yaml").write_text(RECIPE.replace("ATTACHMENT", attachment))
    return office.library.load("files")


def test_a_file_goes_from_a_trigger_to_an_action(office: Any, letterbox: Letterbox) -> None:
    carried = recipe(office, '"{{ letter.enclosures | first }}"')
    assert check_recipe(carried, office.host, None) == []
    shown = preview(office.store, office.host, carried)
    assert "attachment: file invoice.pdf (13 kB)" in _row(shown.entries[0].rows[0])
    assert letterbox.sent == []
    run = office.run(carried)
    assert letterbox.sent == [("First", "invoice.pdf", PDF)]
    assert office.outcomes(run) == {"1": "created", "2": "rejected"}
    assert "confidential" not in str(office.entries(run))
    assert office.outcomes(office.run(carried))["1"] == "unchanged"


@pytest.mark.parametrize(
    ("attachment", "sentence"),
    [
        ("invoice.pdf", "'attachment': 'invoice.pdf' is not a file."),
        (
            '"{{ letter.subject }}"',
            "'attachment' takes a file, and this is text.",
        ),
        (
            '"{{ (letter.enclosures | first).name }}"',
            "'attachment' takes a file, and this is text.",
        ),
        (
            '"{{ letter.enclosures }}"',
            "'attachment' takes a file, and this is a list.",
        ),
        (
            '"{{ letter }}"',
            "'attachment' takes a file, and this is a record.",
        ),
    ],
)
def test_what_is_no_file_is_found_before_it_runs(
    office: Any, attachment: str, sentence: str
) -> None:
    [finding] = check_recipe(recipe(office, attachment), office.host, None)
    assert finding.message == sentence
    assert "attachments | first" in finding.hint


def test_a_files_name_and_size_are_read_like_fields(office: Any, letterbox: Letterbox) -> None:
    text = RECIPE.replace(
        '"{{ letter.subject }}"',
        '"{{ (letter.enclosures | first).name }}, {{ (letter.enclosures | first).size }}"',
    )
    (office.library.folder / "files.yaml").write_text(
        text.replace("ATTACHMENT", '"{{ letter.enclosures | first }}"')
    )
    loaded = office.library.load("files")
    assert check_recipe(loaded, office.host, None) == []
    office.run(loaded)
    assert letterbox.sent[0][0] == f"invoice.pdf, {len(PDF)}"
    (office.library.folder / "files.yaml").write_text(
        text.replace(").size", ").length").replace(
            "ATTACHMENT", '"{{ letter.enclosures | first }}"'
        )
    )
    [finding] = check_recipe(office.library.load("files"), office.host, None)
    assert "no field 'length'" in finding.message
