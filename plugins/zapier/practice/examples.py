"""What the operations are tried with on the practice server."""

from engine.sdk import Examples

TOLD = "Its messages are told; there is nothing to read."
SILENT = "Its messages are told; it asks Zapier for nothing."
FIELDS = {"fields": {"email": "e-mail", "name": "text"}}

EXAMPLES = Examples(
    parameters={"received": FIELDS},
    rows={
        "send_to_catch_hook": [{"data": {"name": "Ada Byron", "email": "ada@mail.example"}}],
        "send_many_to_catch_hook": [
            {"data": {"name": "Ada Byron"}},
            {"data": {"name": "Chidi Okafor", "event_id": "of the recipe's own"}},
        ],
    },
    exempt={
        "records_have_unique_keys[received]": TOLD,
        "records_fit_their_schema[received]": TOLD,
        "the_sample_is_like_the_records[received]": TOLD,
        "unauthorized_asks_to_connect_again[received]": SILENT,
        "a_rate_limit_says_when_to_go_on[received]": SILENT,
        "a_server_error_can_be_retried[received]": SILENT,
        "a_broken_line_is_noticed[received]": SILENT,
        "nonsense_is_noticed[received]": SILENT,
        "a_broken_line_loses_no_record[received]": SILENT,
    },
)
