"""What the operations are tried with on the practice server."""

from hashlib import sha256

from engine.sdk import Examples
from plugins.slack.practice.sample_data import OWN

PDF = b"%PDF-1.4 a notice"
NOTICE = {
    "name": "notice.pdf",
    "media_type": "application/pdf",
    "size": len(PDF),
    "file": sha256(PDF).hexdigest(),
}

WEBHOOK = (
    "An incoming webhook can only post, and only it can: tests/plugins/slack/test_incoming.py."
)
TOLD = "It is told of; there is nothing to read."
MESSAGE = "/".join(OWN)
GONE = "C0GENERAL1/1735689600.000999"
NOT_HERE = {"channel": "#nowhere", "text": "Hello"}

EXAMPLES = Examples(
    parameters={
        "message_posted": {"channel": "C0INTAKE02"},
        "reaction_added": {"channel": "C0INTAKE02"},
    },
    rows={
        "post_message": [
            {"channel": "#general", "text": "Hello *there* & everybody <!channel>"},
            {"channel": "C0INTAKE02", "markdown": "**Bold**"},
            NOT_HERE,
        ],
        "upsert_message": [{"channel": "#general", "text": "Matter 00042 is open"}, NOT_HERE],
        "send_direct_message": [
            {"person": "ada@firm.example", "text": "Hello"},
            {"person": "nobody@firm.example", "text": "Hello"},
        ],
        "update_message": [{"message": MESSAGE, "text": "Changed"}, {"message": GONE, "text": "x"}],
        "add_reaction": [
            {"message": MESSAGE, "emoji": ":eyes:"},
            {"message": GONE, "emoji": "eyes"},
        ],
        "create_channel": [{"name": "Matter 00042: Smith v. Jones"}, {"name": "general"}],
        "invite_to_channel": [
            {"channel": "#intake", "person": "george.boole@firm.example"},
            {"channel": "#intake", "person": "nobody@firm.example"},
        ],
        "upload_file": [
            {"channel": "#intake", "file": NOTICE, "comment": "As served."},
            {"channel": "#nowhere", "file": NOTICE},
        ],
        "post_to_webhook": [{"text": "Hello"}],
        "find_user": [{"email": "ADA@firm.example"}, {"email": "nobody@firm.example"}],
        "get_user": [{"user": "U0ADA00001"}, {"user": "U0NOBODY00"}],
        "find_channel": [{"name": "#intake"}, {"name": "nowhere"}],
    },
    files={"notice.pdf": PDF},
    exempt={
        f"{check}[{trigger}]": TOLD
        for trigger in ("app_mentioned", "member_joined_channel")
        for check in (
            "records_have_unique_keys",
            "records_fit_their_schema",
            "the_sample_is_like_the_records",
            "unauthorized_asks_to_connect_again",
            "a_rate_limit_says_when_to_go_on",
            "a_server_error_can_be_retried",
            "a_broken_line_is_noticed",
            "nonsense_is_noticed",
            "a_broken_line_loses_no_record",
        )
    }
    | {"a_record_can_be_fetched[app_mentioned]": TOLD}
    | {"every_way_to_log_in_works": WEBHOOK}
    | {
        f"{check}[post_to_webhook]": WEBHOOK
        for check in (
            "an_example_is_taken",
            "answers_fit_their_schema",
            "refusals_say_why",
            "unauthorized_asks_to_connect_again",
            "a_rate_limit_says_when_to_go_on",
            "a_server_error_can_be_retried",
            "a_broken_line_is_noticed",
            "nonsense_is_noticed",
        )
    },
)
