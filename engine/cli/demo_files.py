"""The files of the demo: the recipes that came with Bridgework, and a CSV of contacts made for it."""

import csv
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

MATTERS_RECIPE = "clio-matters-to-case-status"
CONTACTS_RECIPE = "csv-contacts-to-mailchimp"

#: Where the recipe of the contacts looks for its file, beside itself.
CONTACTS_FILE = Path("samples") / "contacts.csv"
CONTACTS_ROWS = 1000
HEADER = ("First name", "Last name", "Email", "Phone", "Newsletter")

#: Of the contacts; the same file every time.
SEED = 8

FIRST_NAMES = (
    "Ada", "Søren", "Inés", "Grace", "José", "Zoë", "Linus", "Margaret", "Łukasz", "Chloë",
    "Radia", "Edsger", "Björn", "Mary", "Katherine", "Émile", "Tomáš", "Noor", "Yūki", "Aoife",
)  # fmt: skip
LAST_NAMES = (
    "Lovelace", "Kierkegaard", "Calderón", "Hopper", "Núñez", "O'Brien", "Torvalds", "Hamilton",
    "Wałęsa", "Perlman", "Dijkstra", "Åkesson", "Jackson", "Johnson", "Zola", "Čapek", "Haddad",
    "Tanaka", "de la Cruz", "Byrne",
)  # fmt: skip


def write_files(source: Path, target: Path) -> None:
    """Copy the recipes of ``source`` into ``target`` and put the demo's contacts beside them."""
    for recipe in source.rglob("*"):
        if recipe.is_file() and "__pycache__" not in recipe.parts:
            copy = target / recipe.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(recipe, copy)
    contacts = target / CONTACTS_FILE
    contacts.parent.mkdir(parents=True, exist_ok=True)
    with contacts.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(contact_rows())


def contact_rows(rows: int = CONTACTS_ROWS) -> Iterator[list[str]]:
    """Yield contacts as a firm's spreadsheet has them: most are fine, every 50th is not."""
    chance = random.Random(SEED)  # noqa: S311 - sample data, not secrets
    for number in range(1, rows + 1):
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        phone = f"(212) 555-{number % 10_000:04d}" if chance.random() < 0.8 else ""
        wanted = "yes" if chance.random() < 0.95 else "no"
        cells = [first, last, _address(number), phone, wanted]
        yield cells if number % 50 else _spoilt(number, cells)


def _spoilt(number: int, cells: list[str]) -> list[str]:
    """Return a row with one thing wrong with it, each thing in turn."""
    first, last, address, phone, _ = cells
    match number // 50 % 6:
        case 1:
            return [first, last, "", phone, "yes"]
        case 2:
            return [first, last, address.replace("@", " at "), phone, "yes"]
        case 3:
            return [first, last, address, "ask her daughter", "yes"]
        case 4:
            return [first, last, address, phone, "yes", "a cell too many"]
        case 5:
            return [first, last, f"test@office{number}.example", phone, "yes"]
    return [first, last, _address(number - 1), phone, "yes"]  # the row before has it as well


def _address(number: int) -> str:
    return f"contact{number:04d}@clients.example"
