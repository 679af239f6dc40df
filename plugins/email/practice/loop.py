"""One event loop in a thread of its own, on which all practice mail servers of this process answer."""

import asyncio
import atexit
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

#: Seconds anything on the loop may take.
PATIENCE = 20


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Do something on the loop and return what it returns; not to be called from the loop itself."""
    return asyncio.run_coroutine_threadsafe(work, the_loop()).result(PATIENCE)


@cache
def the_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="practice-mail", daemon=True)
    thread.start()

    def end() -> None:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()

    atexit.register(end)
    return loop
