"""What the operations are tried with on the practice server."""

from engine.sdk import Examples

AUDIENCE = {"audience": "a1b2c3d4e5"}

EXAMPLES = Examples(
    parameters={"member_changed": AUDIENCE, "upsert_members": AUDIENCE, "add_tags": AUDIENCE},
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
        "add_tags": [
            {"email": "ada.byron@mail.example", "tags": ["Client"]},
            {"email": "nobody@mail.example", "tags": ["Client"]},
        ],
    },
    exempt={
        "nonsense_is_noticed[add_tags]": "Mailchimp answers tags without a body; none is read.",
    },
)
