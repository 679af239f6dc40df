"""Sends notices in a process of its own, which a test kills in the middle.

The home is the argument. It says ``ready`` and sends until it is killed.
"""

import sys
from pathlib import Path

from engine.notices.sending import send_notices
from engine.store.database import open_store

if __name__ == "__main__":
    store = open_store(Path(sys.argv[1]))
    print("ready", flush=True)
    while True:
        send_notices(store)
