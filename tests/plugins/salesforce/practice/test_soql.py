"""The practice server reads the SOQL it knows as Salesforce does, and refuses the rest."""

import pytest

from plugins.salesforce.practice.answers import Refused
from plugins.salesforce.practice.soql import parse

RECORD = {
    "Name": "O'Brien",
    "Amount": 12.5,
    "IsWon": True,
    "Email": None,
    "CreatedDate": "2026-01-31T20:30:05.000+0000",
    "CloseDate": "2026-02-01",
    "Owner.Email": "ada@x.example",
}


def holds(condition: str) -> bool:
    found = parse(f"SELECT Id FROM X WHERE {condition}").condition
    assert found is not None
    return found(lambda name: RECORD[name])


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        (r"Name = 'o\'brien'", True),
        (r"Name LIKE 'O_B%'", True),
        (r"Name LIKE 'O\\%'", False),
        ("Name IN ('x', 'O\\'Brien')", True),
        ("Name NOT IN ('x')", True),
        ("Amount >= 12.5 AND Amount < 13", True),
        ("Amount = 12.5 OR IsWon = false", True),
        ("NOT (IsWon = true)", False),
        ("IsWon = true AND (Name = 'x' OR Email = null)", True),
        ("Email != null", False),
        ("CreatedDate >= 2026-01-31T20:30:05Z", True),
        ("CreatedDate > 2026-01-31T20:30:05.000+00:00", False),
        ("CloseDate <= 2026-01-31", False),
        ("Owner.Email = 'ADA@x.example'", True),
        ("Amount > 0 AND Email > 'a'", False),
    ],
)
def test_conditions_hold_as_in_salesforce(condition: str, held: bool) -> None:
    assert holds(condition) is held


def test_the_parts_of_a_query_are_read() -> None:
    query = parse(
        "select Id, Account.Name from Contact order by Name desc nulls last, Id limit 5 offset 2"
    )
    assert (query.object, query.fields) == ("Contact", ("Id", "Account.Name"))
    assert query.order == (("Name", True), ("Id", False))
    assert (query.limit, query.offset) == (5, 2)
    assert parse("SELECT COUNT() FROM Lead").counts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT FROM Lead",
        "SELECT Id FORM Lead",
        "SELECT Id FROM Lead WHERE",
        "SELECT Id FROM Lead WHERE Name = ",
        'SELECT Id FROM Lead WHERE Name = "x"',
        "SELECT Id FROM Lead WHERE Name = 'x' OR Id = 'y' AND Id = 'z'",
        "SELECT Id FROM Lead WHERE Name = 'x",
        "SELECT Id FROM Lead WHERE CreatedDate = LAST_MONTH",
        "SELECT Id FROM Lead GROUP BY Id",
        "SELECT (SELECT Id FROM Contacts) FROM Account",
        "SELECT Id FROM Lead LIMIT x",
        "SELECT Id FROM Lead; DROP TABLE Lead",
    ],
)
def test_the_rest_is_malformed(text: str) -> None:
    with pytest.raises(Refused, match="unexpected token") as caught:
        parse(text)
    assert caught.value.code == "MALFORMED_QUERY"


def test_a_value_of_another_type_is_refused_and_no_fault_of_the_server() -> None:
    with pytest.raises(Refused, match="another type"):
        holds("Name > 5")
