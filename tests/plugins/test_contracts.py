"""Every shipped connector keeps the contract that engine.testing checks."""

from pathlib import Path

from engine.testing import connector_suite
from plugins.casestatus.practice import PracticeCaseStatus

AUDIENCE = {"audience": "a1b2c3d4e5"}
CONTACTS = Path(__file__).parents[2] / "recipes" / "samples" / "contacts.csv"
CASE = PracticeCaseStatus(1).records()["cases"][0]

TestClio = connector_suite("clio")

TestMailchimp = connector_suite(
    "mailchimp",
    parameters={"member_changed": AUDIENCE, "upsert_members": AUDIENCE, "add_tags": AUDIENCE},
    rows={
        "upsert_members": [
            {"email": "new@mail.example", "first_name": "Nell"},
            {"email": "no address"},
            {"email": "Another@mail.example"},
        ],
        "add_tags": [
            {"email": "ada.byron@mail.example", "tags": ["Client"]},
            {"email": "nobody@mail.example", "tags": ["Client"]},
        ],
    },
    exempt={
        "nonsense_is_noticed[add_tags]": "Mailchimp answers tags without a body; none is read.",
    },
)

TestCaseStatus = connector_suite(
    "casestatus",
    rows={
        "find_staff": [
            {"email": "marcus.oyelaran@harborlaw.example"},
            {"email": "j.doe@harborlaw.example"},
        ],
        "upsert_client": [{"phone": "+12125550123", "last_name": "Byron", "first_name": "Ada"}],
        "upsert_case": [
            {
                "name": "Byron v. Babbage",
                "attorney": "dana.whitfield@harborlaw.example",
                "client": {"phone": "+12125550123", "last_name": "Byron"},
                "practice_area": "Family Law",
                "stage": "Getting started",
            }
        ],
        "update_stage": [{"case": str(CASE["id"]), "stage": "Settlement"}],
        "send_message": [{"case": str(CASE["id"]), "text": "We have filed your papers."}],
    },
)

TestCsv = connector_suite(
    "csv",
    parameters={
        "row_read": {"file": str(CONTACTS)},
        "append_rows": {"file": "out.csv"},
        "upsert_rows": {"file": "out.csv", "key_column": "email"},
    },
    rows={
        "append_rows": [{"columns": {"email": "ada@mail.example"}}, {"columns": {}}],
        "upsert_rows": [{"columns": {"email": "ada@mail.example"}}, {"columns": {"name": "Ada"}}],
    },
)

TOLD = "Its messages are told; there is nothing to read."
TestWebhook = connector_suite(
    "webhook",
    exempt={
        "records_have_unique_keys[received]": TOLD,
        "records_fit_their_schema[received]": TOLD,
    },
)
