"""How a connection to Case Status is made, and whose it is."""

from typing import Annotated

from engine.sdk import Account, Context, Field, TypedDict, dig
from plugins.casestatus import assumed_contract as contract


class Settings(TypedDict):
    """What a connection needs."""

    api_key: Annotated[str, Field("API key", "Issued by Case Status for your firm.", secret=True)]


def account(ctx: Context) -> Account | str:
    """Return the firm, or the app's name where the firm report has none.

    There is a key per firm (documented) and no id of one that is known, so its name stands for it.
    """
    results = dig(ctx.http.get(contract.REPORTED_FIRM).json(), "results")
    # The two fields known of this report are figures; a name in it is hoped for, not known.
    name = results[0].get("Firm Name") if isinstance(results, list) and results else None
    return Account(id=str(name), label=str(name)) if name else "Case Status"
