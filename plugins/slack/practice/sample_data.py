"""The practice workspace: a small law firm's people and channels, with the awkward ones among them."""

import random
from typing import Any

from plugins.slack.practice.workspace import APP, TEAM, Row, Workspace

HOUR, DAY = 3600, 86_400

#: Id, real name, display name, address, title, and what is unusual.
PEOPLE: tuple[tuple[str, str, str, str | None, str, dict[str, Any]], ...] = (
    ("U0ADA00001", "Ada Byron", "ada", "ada@firm.example", "Attorney", {"is_admin": True}),
    ("U0BO000002", "George Boole", "george", "George.Boole@firm.example", "Attorney", {}),
    ("U0GRACE003", "Grace Hopper 🚢", "grace", "grace@firm.example", "Paralegal", {}),
    ("U0JOSE0004", "José Muñoz-Díaz", "josé", "jose@firm.example", "Intake", {}),
    ("U0GONE0005", "Charles Babbage", "charles", "charles@firm.example", "", {"deleted": True}),
    ("U0GUEST006", "Mary Client", "mary", "mary@client.example", "", {"is_restricted": True}),
    ("U0NAME0007", "", "", "nameless@firm.example", "", {}),
    ("U0BOT00008", "Calendar", "calendar", None, "", {"is_bot": True}),
    (APP["user"], "Bridgework", APP["name"], None, "", {"is_bot": True}),
)

#: Id, name, who is in it, and what is unusual. The archived ones stand together, so that a page of
#: ten without archived channels is empty though more follow.
CHANNELS: tuple[tuple[str, str, tuple[str, ...], dict[str, Any]], ...] = (
    ("C0GENERAL1", "general", ("U0ADA00001", "U0BO000002", APP["user"]), {"is_general": True}),
    ("C0INTAKE02", "intake", ("U0ADA00001", "U0JOSE0004", APP["user"]), {}),
    ("C0MATTERS3", "matters", ("U0ADA00001", "U0GRACE003", APP["user"]), {}),
    ("C0RANDOM04", "random", ("U0BO000002",), {}),
    ("C0BUERO005", "büro-münchen", ("U0JOSE0004", APP["user"]), {}),
    ("C0NEWS0006", "announcements", ("U0ADA00001", APP["user"]), {"read_only": True}),
    ("C0HRPRIV07", "hr", ("U0ADA00001",), {"is_private": True}),
    ("C0PARTNER8", "partners", ("U0ADA00001", APP["user"]), {"is_private": True}),
    *(
        (f"C0CLOSED{n:02d}", f"closed-matter-{n:02d}", (APP["user"],), {"is_archived": True})
        for n in range(9, 31)
    ),
    ("C0REPORTS1", "import-reports", ("U0ADA00001", APP["user"]), {}),
)

MESSAGES = (
    ("C0GENERAL1", "U0ADA00001", "Good morning! The office closes at *4 pm* on Friday."),
    ("C0GENERAL1", "U0BO000002", "<!here> who has the file on 00042?"),
    ("C0INTAKE02", "U0JOSE0004", "New enquiry: Müller &amp; Söhne, lease, +49 89 1234"),
    ("C0INTAKE02", "U0ADA00001", "Call back Mary Client about her retainer"),
    ("C0INTAKE02", "U0JOSE0004", "Scan attached 📎"),
    ("C0MATTERS3", "U0GRACE003", "The hearing in 00042 was moved to Friday."),
    ("C0PARTNER8", "U0ADA00001", "Between us."),
)

#: A message of the app's own, from the first day of 2025.
OWN = ("C0GENERAL1", "1735689600.000100")


def fill(workspace: Workspace, chance: random.Random) -> None:
    """Put the firm into an empty workspace, some weeks old."""
    now = workspace.clock()
    for n, (id, name, display, email, title, more) in enumerate(PEOPLE):
        workspace.users[id] = person(
            id, name, display, email, title, updated=int(now) - 40 * DAY + n * HOUR, **more
        )
    for n in range(25):  # enough for several pages
        id = f"U0STAFF{n:03d}"
        at = int(now) - 30 * DAY + n * HOUR + chance.randrange(60)
        workspace.users[id] = person(
            id, f"Staff {n:02d}", f"staff{n:02d}", f"staff{n:02d}@firm.example", "", updated=at
        )
    for n, (id, name, members, more) in enumerate(CHANNELS):
        workspace.channels[id] = {
            "id": id,
            "name": name,
            "is_channel": True,
            "is_private": False,
            "is_archived": False,
            "is_general": False,
            "created": int(now) - 60 * DAY + n * DAY,
            "creator": "U0ADA00001",
            "topic": {"value": f"All about {name}", "creator": "U0ADA00001", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            **more,
        }
        workspace.members[id] = list(members)
        if more.get("is_private"):
            workspace.channels[id]["kind"] = "group"
    _write(workspace, now)


def _write(workspace: Workspace, now: float) -> None:
    for n, (channel, user, text) in enumerate(MESSAGES):
        ts = f"{int(now) - 5 * DAY + n * HOUR}.{100 + n:06d}"
        message = {"type": "message", "user": user, "text": text, "ts": ts, "team": TEAM["id"]}
        workspace.messages.setdefault(channel, []).append(message)
    general, intake = workspace.messages["C0GENERAL1"], workspace.messages["C0INTAKE02"]
    joined = {"subtype": "channel_join", "user": "U0BO000002", "text": "<@U0BO000002> has joined"}
    general.insert(0, {"type": "message", "ts": f"{int(now) - 6 * DAY}.000100", **joined})
    robot = {"subtype": "bot_message", "bot_id": "B0CALENDAR", "text": "Hearing at 9:00"}
    general.append({"type": "message", "ts": f"{int(now) - 4 * DAY}.000900", **robot})
    intake[-1]["files"] = [
        {"id": "F0SCAN0001", "name": "scan.pdf", "mimetype": "application/pdf", "size": 20480}
    ]
    intake[-1]["subtype"] = "file_share"
    intake[0]["reactions"] = [
        {"name": "white_check_mark", "users": ["U0ADA00001", "U0GRACE003"], "count": 2},
        {"name": "eyes", "users": ["U0JOSE0004"], "count": 1},
    ]
    own = {"user": APP["user"], "bot_id": APP["bot"], "app_id": APP["app"], "text": "Posted once."}
    general.insert(0, {"type": "message", "ts": OWN[1], **own})
    reply = {"type": "message", "user": "U0GRACE003", "text": "I have it.", "team": TEAM["id"]}
    asked = general[3]
    asked |= {"thread_ts": asked["ts"], "reply_count": 1}
    general.append({**reply, "ts": f"{int(now) - 4 * DAY}.001000", "thread_ts": asked["ts"]})


def person(
    id: str,
    name: str,
    display: str,
    email: str | None,
    title: str,
    *,
    updated: int,
    **more: Any,
) -> Row:
    """Return somebody as ``users.list`` shows them."""
    first, _, last = name.partition(" ")
    profile: Row = {
        "real_name": name,
        "display_name": display,
        "first_name": first,
        "last_name": last,
        "title": title,
        "phone": "",
    }
    if email is not None:
        profile["email"] = email
    return {
        "id": id,
        "team_id": TEAM["id"],
        "name": display or id.lower(),
        "real_name": name,
        "deleted": False,
        "tz": "America/New_York",
        "is_admin": False,
        "is_bot": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "updated": updated,
        "profile": profile,
        **more,
    }
