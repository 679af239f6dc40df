"""A connection of this connector is a place where files are: an SFTP server."""

from typing import Annotated

from engine.sdk import Context, Field, NotRequired, TypedDict
from plugins.csv.places.place import place_of


class Settings(TypedDict):
    """What is needed to log in to an SFTP server; files of this computer need no connection."""

    host: NotRequired[
        Annotated[
            str,
            Field(
                "Server",
                "Its name, e.g. sftp.firm.example. Left empty, files are those of this computer.",
            ),
        ]
    ]
    username: NotRequired[Annotated[str, Field("User name")]]
    password: NotRequired[Annotated[str, Field("Password", "Or a private key below.", secret=True)]]
    private_key: NotRequired[
        Annotated[
            str,
            Field(
                "Private key",
                "The whole text of the key's file, from its first line to its last.",
                secret=True,
            ),
        ]
    ]
    passphrase: NotRequired[
        Annotated[str, Field("Passphrase", "Of the private key, if it has one.", secret=True)]
    ]
    fingerprint: NotRequired[
        Annotated[
            str,
            Field(
                "Server's fingerprint",
                "Left empty at first: the test then shows the key that the server has. Compare it "
                "with what the server's owner says, enter it here, and no other server is "
                "accepted from then on.",
            ),
        ]
    ]
    folder: NotRequired[
        Annotated[str, Field("Folder", "In which names begin. Left empty, the user's own.")]
    ]
    port: NotRequired[Annotated[int, Field("Port", "Usually 22.")]]


def check(ctx: Context) -> str:
    """Log in and look at the folder; return what people know the place by."""
    if not ctx.connection.get("host"):
        return "Files of this computer"
    with place_of(ctx) as place:
        place.listed("")
    return f"{ctx.connection.get('username')} at {ctx.connection['host']}"
