"""Files as values: their names and sizes as people read them, and nothing that is a path."""

from typing import Annotated

import pytest

from engine.fields import parameters_schema, schema_of_sample
from engine.files import file_words, in_words, is_file, media_type_of, safe_name, size_words
from engine.sdk import Field, File

INVOICE: File = {
    "name": "invoice.pdf",
    "media_type": "application/pdf",
    "size": 12_345,
    "file": "ab" * 32,
}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Ada\\Brief Müller.docx", "Brief Müller.docx"),
        ("/srv/", "srv"),
        ("a\x00b\n.pdf", "a_b_.pdf"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),  # shows as invoiceexe.pdf
        ("..", "file"),
        ("", "file"),
        (" . ", "file"),
        ("\udcff.txt", "?.txt".replace("?", "_")),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("x" * 300, "x" * 150),
        ("日" * 150 + ".pdf", "日" * 65 + ".pdf"),  # disks count bytes
        ("\u200b", "file"),
        ("a\u2028b\u00a0c", "a_b c"),
    ],
    ids=str,
)
def test_a_name_from_outside_is_never_a_path(given: str, kept: str) -> None:
    assert safe_name(given) == kept


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (12_345, "12 kB"),
        (999_999, "1.0 MB"),
        (1_500_000, "1.5 MB"),
        (256_000_000, "256 MB"),
        (3_200_000_000, "3.2 GB"),
    ],
)
def test_sizes_read_as_people_say_them(size: int, words: str) -> None:
    assert size_words(size) == words


def test_a_file_is_shown_by_its_name_and_size() -> None:
    assert file_words(INVOICE) == "file invoice.pdf (12 kB)"
    assert in_words([INVOICE, "text"]) == ["file invoice.pdf (12 kB)", "text"]
    assert in_words({"name": "Ada"}) == {"name": "Ada"}


@pytest.mark.parametrize("less", ["name", "media_type", "size", "file"])
def test_a_record_with_other_fields_is_no_file(less: str) -> None:
    assert is_file(INVOICE)
    assert not is_file({key: value for key, value in INVOICE.items() if key != less})
    assert not is_file({**INVOICE, "more": 1})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Application/PDF; name=x", "application/pdf"),
        ("", "application/octet-stream"),
        ("text/html\r\nX: y", "application/octet-stream"),
    ],
)
def test_a_media_type_is_one_or_unknown(given: str, kept: str) -> None:
    assert media_type_of(given) == kept


def test_parameters_and_samples_say_that_they_are_files() -> None:
    def send(attachment: Annotated[File, Field("Attachment")], more: list[File]) -> None: ...

    properties = parameters_schema(send)["properties"]
    assert (properties["attachment"]["x-file"], properties["attachment"]["title"]) == (
        True,
        "Attachment",
    )
    assert properties["more"]["items"]["x-file"] is True
    sample = schema_of_sample({"attachments": [INVOICE]})
    assert sample["properties"]["attachments"]["items"]["x-file"] is True
