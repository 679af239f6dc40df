"""What Salesforce's codes mean, as sentences, with what to do.

The codes are documented; ``{message}`` is Salesforce's own text, ``{fields}`` names the fields.
"""

SOURCE = "Correct the value where the record comes from."
ADMIN = "Ask whoever runs your Salesforce."
RIGHTS = "Give the connection's user the rights in Salesforce (profile or permission set)."

TEXTS: dict[str, tuple[str, str]] = {
    "REQUIRED_FIELD_MISSING": (
        "Salesforce requires {fields}, and this record has no value for it",
        "Fill it in at the source, or give a value in the recipe.",
    ),
    "DUPLICATE_VALUE": (
        "Another record in Salesforce has this value already: {message}",
        "Upsert by that field instead, or correct the value.",
    ),
    "DUPLICATES_DETECTED": (
        "A duplicate rule of your Salesforce takes this record for one that is there: {message}",
        "Find and update the record that is there, or have the rule allow it.",
    ),
    "DUPLICATE_EXTERNAL_ID": (
        "Several records in Salesforce have this external id: {message}",
        "Merge or correct them there; an external id field can be made unique in Setup.",
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (
        "A validation rule of your Salesforce refuses this record: {message}",
        "Correct the record at the source, or change the rule in Setup.",
    ),
    "FIELD_FILTER_VALIDATION_EXCEPTION": (
        "A lookup filter of your Salesforce refuses {fields}: {message}",
        "Choose another related record, or change the filter in Setup.",
    ),
    "FIELD_INTEGRITY_EXCEPTION": ("Salesforce does not accept {fields}: {message}", SOURCE),
    "STRING_TOO_LONG": (
        "The text for {fields} is too long for Salesforce: {message}",
        "Shorten it, e.g. with the filter `truncate(80)`.",
    ),
    "INVALID_EMAIL_ADDRESS": (
        "Salesforce does not accept the e-mail address in {fields}",
        SOURCE,
    ),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": (
        "{fields} has no such choice in Salesforce: {message}",
        "Use one of the field's values, or add it to the picklist in Setup.",
    ),
    "NUMBER_OUTSIDE_VALID_RANGE": ("The number for {fields} is too large for Salesforce", SOURCE),
    "INVALID_TYPE_ON_FIELD_IN_RECORD": (
        "The value for {fields} is of another type than Salesforce wants: {message}",
        SOURCE,
    ),
    "JSON_PARSER_ERROR": ("Salesforce can't read a value of this record: {message}", SOURCE),
    "INVALID_FIELD": (
        "Salesforce knows no such field, or hides it from the connection's user: {message}",
        "Write API names as in Setup, Object Manager; or give the user access to the field.",
    ),
    "INVALID_FIELD_FOR_INSERT_UPDATE": (
        "Salesforce lets nobody write {fields}: {message}",
        "Leave it out of the recipe; or give the user access to the field.",
    ),
    "INVALID_TYPE": (
        "Salesforce has no such object, or hides it from the connection's user: {message}",
        "Write its API name as in Setup, Object Manager; or give the user access to it.",
    ),
    "MALFORMED_QUERY": (
        "Salesforce does not understand the question: {message}",
        "Correct it in the recipe; Salesforce's Developer Console tries such questions.",
    ),
    "MALFORMED_ID": (
        "This is no id of a record in Salesforce: {message}",
        "An id has 15 or 18 letters and digits.",
    ),
    "INVALID_CROSS_REFERENCE_KEY": (
        "The record that {fields} points to isn't in Salesforce, or is of another kind: {message}",
        "Bring the related record over first.",
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (
        "The connection's user may not use the record that is pointed to, or it was deleted",
        RIGHTS,
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": (
        "The connection's user may not change this record: {message}",
        RIGHTS,
    ),
    "INSUFFICIENT_ACCESS": ("The connection's user may not do this: {message}", RIGHTS),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": (
        "A trigger or flow of your Salesforce stopped on this record: {message}",
        ADMIN,
    ),
    "CANNOT_EXECUTE_FLOW_TRIGGER": (
        "A flow of your Salesforce stopped on this record: {message}",
        ADMIN,
    ),
    "INACTIVE_OWNER_OR_USER": (
        "The owner of this record is no active user of Salesforce: {message}",
        "Choose an active user.",
    ),
    "ENTITY_IS_DELETED": (
        "This record was deleted in Salesforce",
        "Restore it from the recycle bin there, or let it be.",
    ),
    "ENTITY_IS_LOCKED": (
        "This record is locked in Salesforce, usually by an approval: {message}",
        "Wait for the approval, or unlock it there.",
    ),
    "DELETE_FAILED": (
        "Salesforce does not delete this record, as others depend on it: {message}",
        "Delete or move those first.",
    ),
    "NOT_FOUND": ("Salesforce has no such record: {message}", "Look whether it was deleted."),
    "UNABLE_TO_LOCK_ROW": (
        "Somebody else was changing this record, or one it belongs to, at the same moment",
        "Retry the record; where it happens often, let fewer recipes write at that time.",
    ),
    "STORAGE_LIMIT_EXCEEDED": ("Your Salesforce is full: {message}", ADMIN),
    "LIMIT_EXCEEDED": ("A limit of your Salesforce is reached: {message}", ADMIN),
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": (
        "Salesforce took nothing of this request, as another record of it failed",
        "Correct that one, then retry.",
    ),
    "METHOD_NOT_ALLOWED": ("Salesforce does not do this with such records: {message}", ""),
}
