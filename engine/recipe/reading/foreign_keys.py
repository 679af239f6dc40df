"""Keys of other tools' files, and what stands in their place in a recipe.

Home Assistant, Ansible, GitHub Actions, Kestra, StackStorm, n8n, Zapier and Workato are where they come
from.
"""

from collections.abc import Mapping

_SAME: Mapping[str, str] = {
    # a recipe
    "alias": "name", "title": "name", "recipe": "name", "label": "name",
    "desc": "description", "comment": "description", "about": "description",
    "source": "trigger", "from": "trigger", "start": "trigger", "on": "trigger",
    "actions": "steps", "tasks": "steps", "sequence": "steps", "jobs": "steps", "nodes": "steps",
    "workflow": "steps", "flow": "steps", "do": "steps", "stages": "steps",
    "conditions": "skip", "filter": "skip", "filters": "skip", "exclude": "skip",
    "mapping": "translate", "tables": "translate", "lookup": "translate",
    "notify": "report", "notification": "report", "alerts": "report",
    # the trigger and steps
    "action": "use", "service": "use", "uses": "use", "operation": "use", "module": "use",
    "app": "use", "connector": "use", "platform": "use",
    "account": "connection", "credential": "connection", "credentials": "connection",
    "auth": "connection",
    "fields": "with", "params": "with", "parameters": "with", "args": "with",
    "arguments": "with", "input": "with", "data": "with", "body": "with",
    "payload": "with", "values": "with", "service_data": "with", "properties": "with",
    "register": "id", "output": "id", "output_as": "id", "result": "id",
    "condition": "if", "when": "if", "only_if": "if", "where": "if",
    "unique_key": "key", "external_id": "key", "dedupe": "key", "match_on": "key",
    "cron": "schedule", "every": "schedule", "interval": "schedule", "polling": "schedule",
    "zone": "timezone", "time_zone": "timezone", "tz": "timezone",
    "variable": "as", "item": "as", "name_as": "as",
    "not_found": "if_none", "if_empty": "if_none", "if_not_found": "if_none",
    "on_failure": "on_error", "rescue": "on_error", "catch": "on_error", "errors": "on_error",
    "foreach": "for_each", "forEach": "for_each", "loop": "for_each", "with_items": "for_each",
    "repeat": "for_each", "each": "for_each", "then": "steps", "else": "otherwise",
    "default": "otherwise", "delay": "wait", "sleep": "wait", "pause": "wait", "switch": "choose",
    "message": "reason", "because": "reason", "why": "reason",
    # questions and reports
    "deadline": "within", "options": "choices", "question": "ask", "recipients": "send_to",
    "to": "send_to", "email": "send_to", "who": "of",
}  # fmt: skip

#: What else people call a key, the key that may stand in the place counting.
SAME_KEY: Mapping[str, tuple[str, ...]] = {
    **{word: (key,) for word, key in _SAME.items()},
    "do": ("steps", "with"),
    "filter": ("skip", "if"),
    "conditions": ("skip", "if", "choose"),
    "cases": ("choose",),
    "else_do": ("otherwise",),
    "collection": ("for_each",),
    "items": ("for_each",),
}

#: Keys that no other key replaces word for word: what to write.
OTHERWISE: Mapping[str, str] = {
    **dict.fromkeys(
        ("retry", "retries", "max_retries"),
        "Write `on_error: {otherwise: retry 3 times then hold}`.",
    ),
    **dict.fromkeys(
        ("continue_on_error", "ignore_errors", "continueOnFail"),
        "Write `on_error: {otherwise: skip}`.",
    ),
    **dict.fromkeys(
        ("then", "else", "elif", "otherwise"),
        "Give each step its own `if:`; where one holds, its opposite is `if: not (…)`.",
    ),
    **dict.fromkeys(
        ("timeout", "timeout_seconds"),
        "Remove it: Bridgework sees to it that no request lasts for ever.",
    ),
    **dict.fromkeys(
        ("enabled", "disabled", "active"),
        "Remove it: recipes are switched on with `bridgework recipes enable NAME`.",
    ),
    **dict.fromkeys(
        ("version", "recipe_format", "api_version", "apiVersion", "schema"),
        "Remove it: Bridgework keeps the versions of a recipe by itself.",
    ),
    **dict.fromkeys(
        (
            "api_key", "apikey", "token", "password", "secret", "secrets", "env", "username",
            "access_token", "base_url", "url", "headers",
        ),
        "Remove it: an account is connected once, with `bridgework connections add`, and recipes "
        "only name it: `connection: …`.",
    ),
    **dict.fromkeys(
        ("vars", "variables", "set_fact", "let", "define"),
        "There are no variables: a later step reads an earlier one's result by its id.",
    ),
    "name": "A step's name stands behind `id`, and the record's behind `as`.",
    "type": "An app and what it does stand behind `use`, e.g. `use: clio.matter_changed`.",
}  # fmt: skip
