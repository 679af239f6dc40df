"""What the operations are tried with on the practice server."""

from engine.sdk import Examples

AUDIENCE = {"audience": "a1b2c3d4e5"}

ADA = {"email": "ada.byron@mail.example"}
NOBODY = {"email": "nobody@mail.example"}
ERASE = {"confirm": "erase for good"}
TAGS = {"tags": ["Client"]}

#: An answer without a body: whatever comes with a good status is taken.
BODILESS = "Mailchimp answers without a body; none is read."

EXAMPLES = Examples(
    parameters=dict.fromkeys(
        (
            "member_changed",
            "member_unsubscribed",
            "upsert_members",
            "add_member",
            "find_member",
            "add_tags",
            "remove_tags",
            "archive_member",
            "erase_member",
        ),
        AUDIENCE,
    ),
    rows={
        "upsert_members": [
            {
                "email": "new@mail.example",
                "first_name": "Nell",
                "merge_fields": {
                    "BIRTHDAY": "01/31",
                    "ADDRESS": {"addr1": "1 Quay", "city": "Boston", "state": "MA", "zip": "02110"},
                },
            },
            {"email": "no address"},
            {"email": "Another@mail.example"},
        ],
        "add_member": [
            {"email": "new@mail.example", "merge_fields": {"BIRTHDAY": "01/31"}, **TAGS},
            ADA,
        ],
        "find_member": [ADA, NOBODY],
        "add_tags": [{**ADA, **TAGS}, {**NOBODY, **TAGS}],
        "remove_tags": [{**ADA, "tags": ["Founding reader"]}, {**NOBODY, **TAGS}],
        "archive_member": [ADA, NOBODY],
        "erase_member": [{**ADA, **ERASE}, {**NOBODY, **ERASE}],
        "start_journey": [
            {"journey": 12, "step": 34, **ADA},
            {"journey": 12, "step": 34, **NOBODY},
        ],
    },
    exempt={
        f"nonsense_is_noticed[{name}]": BODILESS
        for name in ("add_tags", "remove_tags", "archive_member", "erase_member", "start_journey")
    },
)
