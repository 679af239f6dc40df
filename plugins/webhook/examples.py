"""What the suite can't try."""

from engine.sdk import Examples

TOLD = "Its messages are told; there is nothing to read."

EXAMPLES = Examples(
    exempt={
        "records_have_unique_keys[received]": TOLD,
        "records_fit_their_schema[received]": TOLD,
    },
)
