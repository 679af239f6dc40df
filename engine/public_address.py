"""Where people and other apps reach this installation's pages, as far as it was told."""

import os
from ipaddress import ip_address
from urllib.parse import urlsplit

PUBLIC_URL_VARIABLE = "BRIDGEWORK_PUBLIC_URL"


def public_url() -> str | None:
    """Return the pages' address from ``BRIDGEWORK_PUBLIC_URL``, without a slash at its end.

    None where it isn't set or is no web address.
    """
    url = os.environ.get(PUBLIC_URL_VARIABLE, "").strip().rstrip("/")
    try:
        parts = urlsplit(url)
        well = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:  # brackets that hold no address
        return None
    return url if well and not parts.query and not parts.fragment else None


def public_link(path: str) -> str | None:
    """Return the full address of one of the pages; None where this installation has none."""
    url = public_url()
    return f"{url}{path}" if url and path.startswith("/") else None


def report_path(run_id: int) -> str:
    """Return the page of a run's report."""
    return f"/runs/{run_id}/report"


def is_this_machine(host: str) -> bool:
    """Return whether a host's name or address never leaves this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
