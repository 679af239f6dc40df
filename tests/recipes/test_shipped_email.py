"""The shipped recipes with e-mail, run from end to end against practice servers."""

import json
from pathlib import Path

from click.testing import CliRunner

from engine.cli.commands import cli
from engine.cli.connecting import connect
from engine.cli.practice_process import PracticeProcess
from engine.host import build_host
from engine.practice.server import Fault
from engine.store.database import open_store
from plugins.email.parsing import parsed
from plugins.email.practice.loop import wait_for
from plugins.email.practice.server import PracticeMail
from tests.recipes.conftest import FOLDER, Bench


def office(bench: Bench) -> PracticeMail:
    server = bench.servers["email"]
    assert isinstance(server, PracticeMail)
    return server


def test_invoices_are_filed_once_and_then_marked_as_read(bench: Bench) -> None:
    assert bench.run("email-invoices-filed") == {"created": 1}
    files = bench.home / "files"
    names = sorted(path.name for path in (files / "invoices").iterdir())
    assert [name[11:] for name in names] == ["Rechnung März.pdf", "contacts.csv"]
    assert (files / "invoices" / names[0]).read_bytes() == b"%PDF-1.4 an invoice"
    (head, row) = (files / "invoices.csv").read_text("utf-8-sig").splitlines()
    assert head == "received,from,subject,files"
    assert row.endswith('Müller & Söhne,"Rechnung März.pdf, contacts.csv"')
    (mail,) = (m for m in office(bench).mails("INBOX") if m["id"] == "<invoice-17@mail.example>")
    assert mail["flags"] == ["\\Seen"]
    assert bench.run("email-invoices-filed") == {}
    assert len((files / "invoices.csv").read_text("utf-8-sig").splitlines()) == 2


def test_a_preview_files_nothing_and_marks_nothing(bench: Bench) -> None:
    (shown,) = bench.preview("email-invoices-filed").values()
    assert shown["outcome"] == "created"
    assert not (bench.home / "files" / "invoices").exists()
    (mail,) = (m for m in office(bench).mails("INBOX") if m["id"] == "<invoice-17@mail.example>")
    assert mail["flags"] == []


def test_a_client_gets_a_letter_after_a_yes_and_not_before(bench: Bench) -> None:
    counts = bench.run("clio-clients-written-to-once-approved", "--limit", "12")
    assert counts["waiting"] >= 2
    assert office(bench).mails("Sent") == []
    where = ["--home", str(bench.home), "--recipes", str(FOLDER)]
    asked = json.loads(CliRunner().invoke(cli, ["questions", "list", "--json", *where]).stdout)
    first, second, *_ = [one["id"] for one in asked]
    for id, answer in ((first, "yes"), (second, "no")):
        command = ["questions", "answer", str(id), answer, "--by", "dana@firm.example", *where]
        result = CliRunner().invoke(cli, command)
        assert result.exit_code == 0, result.output
    ((_, data, _),) = wait_for(office(bench).office.mails("Sent"))
    mail = parsed(data)
    assert str(mail["Subject"]).startswith("Your matter ")
    html = mail.get_body(("html",))
    assert html is not None
    assert str(html.get_content()).startswith("<p>Dear ")


def test_new_matters_are_told_in_one_mail_and_once(bench: Bench) -> None:
    bench.run("clio-matters-daily-mail")
    ((_, data, _),) = wait_for(office(bench).office.mails("Sent"))
    mail = parsed(data)
    body = mail.get_body(("plain",))
    assert body is not None
    (_, *numbers) = str(body.get_content()).split("\r\n\r\n")[0:2]
    assert str(mail["Subject"]) == f"{len(numbers[0].splitlines())} new matters"
    assert str(mail["To"]) == "office@firm.example"
    bench.run("clio-matters-daily-mail")
    assert len(office(bench).mails("Sent")) == 1


def test_a_mail_whose_answer_was_lost_is_found_in_the_folder_of_sent_mail(bench: Bench) -> None:
    office(bench).faults.append(Fault("/smtp/sent", status=0))
    run(bench, "clio-matters-daily-mail")
    assert len(office(bench).mails("Sent")) == 1
    run(bench, "clio-matters-daily-mail")
    assert len(office(bench).mails("Sent")) == 1
    assert {record["outcome"] for record in bench.records()} == {"created", "unchanged"}


ANSWERS = """
name: Every question is answered
trigger:
  use: email.email_received
  connection: email
  with: {subject: about matter 00045}
  as: mail
  schedule: manual
steps:
  - use: email.send_email
    connection: email
    with:
      to: "{{ mail.sender.address }}"
      subject: "Re: {{ mail.subject }}"
      text: We have your question.
      in_reply_to: "{{ mail.id }}"
"""


def answering(bench: Bench) -> Path:
    """Return a folder with a recipe that answers one mail."""
    folder = bench.home / "recipes"
    folder.mkdir()
    (folder / "answers.yaml").write_text(ANSWERS, "utf-8")
    return folder


def test_an_answer_that_was_put_off_goes_out_with_the_next_run(bench: Bench) -> None:
    folder = answering(bench)
    office(bench).faults.append(Fault("/smtp/rcpt", 1, 200, "451 4.7.1 Greylisted"))
    run(bench, "answers", folder)
    assert [record["outcome"] for record in bench.records()] == ["failed"]
    run(bench, "answers", folder)
    assert [record["outcome"] for record in bench.records()] == ["created"]
    run(bench, "answers", folder)
    assert len(office(bench).mails("Sent")) == 1


def test_without_such_a_folder_a_person_decides(bench: Bench) -> None:
    store = open_store(bench.home)
    practice = PracticeProcess("email", "http://127.0.0.1:9", 0, office(bench).credentials())
    without = {"sent_folder": ""}
    connect(store, build_host().connector("email"), "email", without, practice=practice)
    store.close()
    folder = answering(bench)
    office(bench).faults.append(Fault("/smtp/sent", status=0))
    for outcome in ("failed", "unsure"):
        run(bench, "answers", folder)
        assert len(office(bench).mails("Sent")) == 1
        (record,) = bench.records()
        assert record["outcome"] == outcome
    assert "can't be told" in record["reason"]
    where = ["--home", str(bench.home), "--recipes", str(folder)]
    retried = CliRunner().invoke(cli, ["retry", "answers", *where])
    assert retried.exit_code == 0, retried.output
    assert len(office(bench).mails("Sent")) == 2


def run(bench: Bench, recipe: str, folder: Path = FOLDER) -> None:
    """Run a recipe, whatever becomes of it."""
    path = folder / f"{recipe}.yaml"
    bench.connect(path.read_text("utf-8"))
    result = CliRunner().invoke(cli, ["run", str(path), "--home", str(bench.home)])
    assert result.exit_code in (0, 1), result.output
