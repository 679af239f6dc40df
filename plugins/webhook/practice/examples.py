"""What the suite tries, and what it can't."""

from engine.sdk import Examples

TOLD = "Its messages are told; there is nothing to read."
ANY_ANSWER = "A receiver may answer what it likes; its status is what counts."

EXAMPLES = Examples(
    rows={"send": [{"body": {"order": "1", "total": 12.5}}, {"body": {"refuse": "Not this one"}}]},
    exempt={
        "records_have_unique_keys[received]": TOLD,
        "records_fit_their_schema[received]": TOLD,
        "unauthorized_asks_to_connect_again[received]": TOLD,
        "a_rate_limit_says_when_to_go_on[received]": TOLD,
        "a_server_error_can_be_retried[received]": TOLD,
        "a_broken_line_is_noticed[received]": TOLD,
        "nonsense_is_noticed[received]": TOLD,
        "a_broken_line_loses_no_record[received]": TOLD,
        "nonsense_is_noticed[send]": ANY_ANSWER,
    },
)
