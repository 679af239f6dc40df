"""How fast a step's calls go: by that several go out at once, and more rows are noted together."""

from dataclasses import dataclass

#: A call slower than this (seconds) waits for the network rather than for this machine's CPU: at
#: 4 ms an answer, 8 calls at once took a fifth of the time of one after another, and no more CPU.
SLOW_CALL = 0.004
#: So many of them in a row are no moments in which this machine was busy, nor is one so slow.
IN_A_ROW, SURELY_SLOW = 3, 0.100
#: After so many calls at once, one goes alone: the other side may be quick by now.
LOOK_AGAIN = 400
#: Intents of single calls written together, at least and at most. A process that dies leaves so
#: many in doubt though they weren't sent, so they are few where that costs no time.
LEAST_NOTED, MOST_NOTED = 8, 32
#: Calls that are noted together should take so long (seconds), as noting takes a hundredth of it.
NOTED_FOR = 0.1


@dataclass
class Pace:
    """What a run has seen of one step's calls.

    :ivar together: rows whose intents are to be written together.
    """

    together: int = LEAST_NOTED
    _slow: int = 0
    _at_once: int = 0

    def at_once(self) -> bool:
        """Say whether the next call goes out beside others; else it is to be told how long it took."""
        if self._slow < IN_A_ROW:
            return False
        self._at_once += 1
        if self._at_once <= LOOK_AGAIN:
            return True
        self._at_once = 0
        return False

    def took(self, seconds: float) -> None:
        """Hear how long a call took that went alone."""
        if seconds <= SLOW_CALL:
            self._slow = 0
        else:
            self._slow += IN_A_ROW if seconds > SURELY_SLOW else 1

    def noted(self, seconds: float) -> None:
        """Hear how long it took to send as many rows as were noted together."""
        if seconds < NOTED_FOR:
            self.together = min(2 * self.together, MOST_NOTED)
        elif seconds > 2 * NOTED_FOR:
            self.together = LEAST_NOTED
