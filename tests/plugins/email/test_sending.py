"""Mail that goes out: what it looks like, to whom, once, and over how many lines."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from engine.sdk import InputError
from plugins.email.actions import find_sent, send_email
from plugins.email.addresses import address_of
from plugins.email.practice.loop import wait_for
from tests.plugins.email.conftest import Office

ADA = {"to": ["Ada Byron <ada@mail.example>"], "subject": "Hello", "text": "Dear Ada"}


def sent(office: Office) -> list[EmailMessage]:
    """Return the mails as they were handed in."""
    found = wait_for(office.server.office.mails("Sent"))
    return [message_from_bytes(data, policy=default) for _, data, _ in found]


def lines(part: EmailMessage) -> str:
    return str(part.get_content()).replace("\r\n", "\n")


def send(office: Office, **fields: Any) -> EmailMessage:
    with office.run() as ctx:
        send_email(ctx, **fields)
    return sent(office)[-1]


def test_a_mail_says_who_when_and_what(office: Office) -> None:
    mail = send(
        office,
        to=["Ada Byron <ada@mail.example>", "ada@MAIL.example"],
        cc=["zoe@mail.example"],
        bcc=["secret@mail.example"],
        reply_to=["desk@firm.example"],
        subject="Grüße – 00042",
        text="Dear Ada,\n\nyours",
        html="<p>Dear <b>Ada</b></p>",
    )
    assert mail["From"] == "Byron & Partners <office@firm.example>"
    assert mail["To"] == "Ada Byron <ada@mail.example>"
    assert (mail["Cc"], mail["Reply-To"]) == ("zoe@mail.example", "desk@firm.example")
    assert mail["Subject"] == "Grüße – 00042"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "secret@" not in mail.as_string()
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert lines(text) == "Dear Ada,\n\nyours\n"
    assert lines(html) == "<p>Dear <b>Ada</b></p>\n"


def test_a_text_is_made_of_html_alone(office: Office) -> None:
    html = "<style>p {}</style><p>Dear Ada &amp; Zoë,</p><ul><li>one<li>two</ul>"
    mail = send(office, to=["ada@mail.example"], html=html + '<a href="https://x.example">see</a>')
    text = mail.get_body(("plain",))
    assert text is not None
    assert lines(text) == "Dear Ada & Zoë,\n\n- one\n- two\nsee (https://x.example)\n"


def test_attachments_arrive_as_they_were(office: Office) -> None:
    content = bytes(range(256)) * 400
    with office.run() as ctx:
        files = [
            ctx.files.save("Rechnung März.pdf", [content], "application/pdf"),
            ctx.files.save("inner.eml", [b"Subject: x\r\n\r\ny"], "message/rfc822"),
        ]
        send_email(ctx, to=["ada@mail.example"], subject="x", text="y", attachments=files)
    first, second = sent(office)[-1].iter_attachments()
    assert (first.get_filename(), first.get_content_type()) == (
        "Rechnung März.pdf",
        "application/pdf",
    )
    assert first.get_content() == content
    assert second.get_content() == b"Subject: x\r\n\r\ny"


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": "Hi\r\nBcc: evil@mail.example"},
        {"to": ["Ada\r\nBcc: evil <ada@mail.example>"]},
        {"to": ['"Ada\r\nBcc: evil@mail.example" <ada@mail.example>']},
        {"in_reply_to": "<x@mail.example>\r\nBcc: evil@mail.example"},
        {"sender": "Office\nBcc: evil <office@firm.example>"},
    ],
    ids=["subject", "name", "quoted name", "reference", "sender"],
)
def test_nothing_gets_into_the_headers(office: Office, fields: dict[str, Any]) -> None:
    mail = send(office, **{**ADA, **fields})
    assert mail["Bcc"] is None
    assert [line for line in mail.as_string().splitlines() if line.startswith("Bcc")] == []
    assert len(mail.get_all("Subject") or []) == 1


@pytest.mark.parametrize(
    "written",
    [
        "no address",
        "a@b@c.example",
        "ada@localhost",
        "ada@mail..example",
        "ada@-.example",
        "a b@mail.example",
        "ada@mail.example, eve@mail.example",
        "ada@mail.example, Eve <eve@mail.example>",
        "ada@mail.example\nRCPT TO:<eve@mail.example>",
        "@mail.example",
        "x" * 65 + "@mail.example",
        "",
    ],
)
def test_what_is_no_address_is_said_before_anything_is_sent(office: Office, written: str) -> None:
    with pytest.raises(InputError) as caught, office.run() as ctx:
        send_email(ctx, **{**ADA, "to": [written]})
    assert caught.value.code in ("no_address", "no_recipient")
    assert office.asked("MAIL") == 0


def test_domains_in_other_letters_become_what_servers_take(office: Office) -> None:
    assert address_of("Ada <ada@Bücher.example>", "to").addr_spec == "ada@xn--bcher-kva.example"
    mail = send(office, **{**ADA, "to": ["ada@bücher.example"]})
    assert mail["To"] == "ada@xn--bcher-kva.example"


def test_names_are_kept_however_they_are_quoted(office: Office) -> None:
    for written, name in (
        ('"Byron, Ada" <ada@mail.example>', "Byron, Ada"),
        ("Byron, Ada <ada@mail.example>", "Byron, Ada"),
        ('"ada@mail.example" <ada@mail.example>', "ada@mail.example"),
        ("<ada@mail.example>", ""),
    ):
        address = address_of(written, "to")
        assert (address.display_name, address.addr_spec) == (name, "ada@mail.example")
    (address,) = send(office, **{**ADA, "to": ["Byron, Ada <ada@mail.example>"]})["To"].addresses
    assert address.display_name == "Byron, Ada"


def test_other_letters_before_the_at_sign_go_to_servers_that_take_them(office: Office) -> None:
    mail = send(office, **{**ADA, "to": ["Zoë <zoë@mail.example>"]})
    assert mail["To"] == "Zoë <zoë@mail.example>"


def test_a_try_again_has_the_same_id_and_another_record_another(office: Office) -> None:
    ids = []
    for key in ("key-1", "key-1", "key-2"):
        with office.run(idempotency_key=key) as ctx:
            ids.append(send_email(ctx, **ADA).record["id"])
    assert ids[0] == ids[1] != ids[2]
    assert [mail["Message-ID"] for mail in sent(office)] == ids


def test_a_mail_is_found_in_the_folder_of_sent_mail_and_nothing_else_is(office: Office) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    with office.run() as ctx:
        assert find_sent(ctx, since, "Hello") is None
        answer = send_email(ctx, **ADA)
        found = find_sent(ctx, since, "Hello")
    assert found is not None
    assert found.target_id == answer.target_id
    with office.run(idempotency_key="key-2") as ctx:
        assert find_sent(ctx, since, "Hello") is None


def test_one_line_serves_a_run_and_is_opened_again_when_it_went_away(office: Office) -> None:
    office.server.requests.clear()
    with office.run() as ctx:
        for _ in range(3):
            send_email(ctx, **ADA)
        assert office.asked("EHLO") == 1
        for line in list(office.server._lines):  # the server hangs up
            wait_for(_closed(line))
        send_email(ctx, **ADA)
    assert office.asked("EHLO") == 1
    assert len(sent(office)) == 4


async def _closed(line: Any) -> None:
    line.close()
