"""Case Status's refusals in plain sentences, each with what to do about it."""

import httpx2

from engine.sdk import AuthError, ConnectorError, InputError, RemoteError, json_in
from plugins.casestatus.assumed_contract import Code, Problem, read_problems

#: Sentence and remedy for each code; ``{value}`` and ``{field}`` come from the answer.
SENTENCES: dict[str, tuple[str, str]] = {
    Code.REQUIRED: (
        "Case Status needs a value for '{field}'.",
        "Fill it in where the record comes from, or give a default in the recipe.",
    ),
    Code.INVALID_PHONE: (
        "Case Status does not accept '{value}' as a mobile number.",
        "Correct the client's mobile number where the record comes from; it needs its country "
        "code, as in +12125550100.",
    ),
    Code.INVALID_DATE: (
        "Case Status does not accept '{value}' as a date.",
        "Write dates as 2026-01-31; the filter `| date` does so.",
    ),
    Code.UNKNOWN_ATTORNEY: (
        "Case Status has no staff member '{value}'.",
        "Add this person as a user in Case Status, or name another attorney in the recipe.",
    ),
    Code.UNKNOWN_PARALEGAL: (
        "Case Status has no staff member '{value}'.",
        "Add this person as a user in Case Status, or name another paralegal in the recipe.",
    ),
    Code.UNKNOWN_PRACTICE_AREA: (
        "Case Status has no practice area called '{value}'; names must match exactly.",
        "Add the practice area in Case Status, map this name to one there, or correct it in the "
        "recipe: capitals count.",
    ),
    Code.UNKNOWN_STAGE: (
        "Case Status has no stage called '{value}'; names must match exactly.",
        "Add the stage in Case Status, map this name to one there, or correct it in the recipe: "
        "capitals count.",
    ),
    Code.UNKNOWN_CASE: (
        "Case Status has no case '{value}'.",
        "It may have been deleted there. Use the id that `upsert_case` gave, or create it anew.",
    ),
    Code.INTEGRATION_ID_TAKEN: (
        "Another case in Case Status has the integration id '{value}' already.",
        "Each record becomes one case: look for that case there, and join them by hand if need be.",
    ),
}


def explain(response: httpx2.Response) -> ConnectorError | None:
    """Turn an error answer into an error people understand; None leaves it to the engine."""
    problems = read_problems(json_in(response))
    match response.status_code:
        case 401:
            return AuthError(
                "Case Status did not accept the API key.",
                hint="Ask Case Status for a valid key of your firm and connect again.",
            )
        case 404 if not any(problem.code == Code.UNKNOWN_CASE for problem in problems):
            return RemoteError(
                f"Case Status has nothing at '{response.request.url.path}'.",
                hint="Check the connection's address. What this connector writes follows an "
                "assumed contract, which may be wrong here; its README says what is known.",
            )
        case 404 | 422 if problems:
            return _refusal(problems)
    return None


def _refusal(problems: list[Problem]) -> InputError:
    """Say all that is wrong at once; the first problem names the cause."""
    sentences, hints = zip(*map(_explained, problems), strict=True)
    first = problems[0]
    return InputError(
        " ".join(dict.fromkeys(sentences)),
        hint=" ".join(dict.fromkeys(filter(None, hints))),
        field=first.field or None,
        code=first.code or None,
    )


def _explained(problem: Problem) -> tuple[str, str]:
    if problem.code not in SENTENCES:
        return problem.message or "Case Status refused this record without a reason.", ""
    sentence, hint = SENTENCES[problem.code]
    return sentence.format(value=problem.value, field=problem.field), hint
