"""What the operations are tried with on the practice server."""

from engine.sdk import Examples

ADA = {"user_id": "user-17", "timestamp": "2026-01-31T20:30:00+00:00"}
TOLD = "Its events are told; there is nothing to read."

EXAMPLES = Examples(
    rows={
        "identify": [
            {**ADA, "traits": {"email": "ada@mail.example", "name": "Ada Byron"}},
            {"traits": {"email": "nobody@mail.example"}},
            {"anonymous_id": "f1c2a7e9", "traits": {"note": "Zoë"}},
        ],
        "track": [
            {**ADA, "event": "Matter Opened", "properties": {"area": "Family"}},
            {"event": "Matter Opened"},
        ],
        "group": [{**ADA, "group_id": "firm-1", "traits": {"name": "Harbor Law"}}],
        "page": [{**ADA, "name": "Intake", "properties": {"url": "https://harborlaw.example/"}}],
        "screen": [{**ADA, "name": "Start"}],
        "alias": [{"previous_id": "lead-17", "user_id": "user-17"}],
    },
    exempt={
        f"{check}[event_received]": TOLD
        for check in (
            "records_have_unique_keys",
            "records_fit_their_schema",
            "the_sample_is_like_the_records",
            "unauthorized_asks_to_connect_again",
            "a_rate_limit_says_when_to_go_on",
            "a_server_error_can_be_retried",
            "a_broken_line_is_noticed",
            "nonsense_is_noticed",
        )
    },
)
