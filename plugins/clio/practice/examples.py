"""What the operations are tried with on the practice server."""

from engine.sdk import Examples
from plugins.clio.practice.server import PracticeClio

_HELD = PracticeClio(1).records()
_MATTER = next(matter for matter in _HELD["matters"] if matter["client"] is not None)
_CLIENT = _MATTER["client"]
MATTER, CONTACT = str(_MATTER["id"]), str(_CLIENT["id"])
NOTE = str(_HELD["notes"][0]["id"])

EXAMPLES = Examples(
    rows={
        "find_matter": [{"number": _MATTER["display_number"]}, {"number": "no such"}],
        "find_matter_by_id": [{"id": MATTER}],
        "find_matter_by_custom_field": [{"custom_field": "Policy limit", "value": "25000"}],
        "find_contact": [{"email": _CLIENT["primary_email_address"].upper()}],
        "find_contact_by_name": [{"name": _CLIENT["name"]}],
        "find_user": [{"email": "dana.whitfield@harborlaw.example"}],
        "find_stage": [{"name": "demand", "practice_area": "Family"}],
        "create_matter": [
            {
                "client": CONTACT,
                "description": "Boundary dispute",
                "practice_area": "Family",
                "stage": "Intake",
                "responsible_attorney": "priya.raman@harborlaw.example",
                "custom_fields": {"Case number": "CV-1", "Referral source": "Radio"},
            }
        ],
        "update_matter": [
            {"matter": MATTER, "stage": "Demand", "custom_fields": {"Case number": "CV-2"}}
        ],
        "create_contact": [
            {
                "first_name": "Ada",
                "last_name": "Byron",
                "emails": {"Home": "ada.byron@mail.example"},
                "phones": {"Mobile": "+12125550123"},
                "custom_fields": {"Preferred language": "English"},
            },
            {"type": "Company", "name": "Tideway Ltd"},
        ],
        "update_contact": [{"contact": CONTACT, "phones": {"Mobile": "+12125550124"}}],
        "create_note": [{"matter": MATTER, "subject": "Call", "detail": "Will call back."}],
        "update_note": [{"note": NOTE, "detail": "Checked again."}],
        "create_communication": [{"matter": MATTER, "subject": "Call", "body": "Papers are in."}],
        "create_relationship": [
            {"matter": MATTER, "contact": CONTACT, "description": "Bookkeeper"}
        ],
    },
)
