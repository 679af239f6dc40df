"""What the operations are tried with on the practice server."""

from engine.sdk import Examples
from plugins.casestatus.practice.sample_data import IMPORTED
from plugins.casestatus.practice.server import PracticeCaseStatus

CASE = str(PracticeCaseStatus(1).records()["cases"][0]["id"])

EXAMPLES = Examples(
    rows={
        "find_staff": [
            {"email": "marcus.oyelaran@harborlaw.example"},
            {"email": "j.doe@harborlaw.example"},
        ],
        "find_case": [{"integration_id": "no such"}, {"integration_id": IMPORTED}],
        "join_case": [{"case": CASE}],
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
        "update_stage": [{"case": CASE, "stage": "Settlement"}],
        "send_message": [{"case": CASE, "text": "We have filed your papers."}],
    },
)
