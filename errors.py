"""The errors that lorelens raises on purpose; the lowest layer, imported by every other."""


class LorelensError(Exception):
    """Something outside lorelens is wrong: `what` failed, `why`, and what to do `next`."""

    def __init__(self, what: str, why: str, next: str = "") -> None:  # noqa: A002 -- read as a sentence: what, why, next
        super().__init__(what, why, next)
        self.what, self.why, self.next = what, why, next

    def __str__(self) -> str:
        """One line: what failed, why, and what to do next."""
        return f"{self.what}: {self.why}" + (f" ({self.next})" if self.next else "")


class InputError(LorelensError):
    """The input cannot be read: it is absent, empty, too large, or not what was asked for."""


class NetworkError(LorelensError):
    """A server did not answer, or the network is off (`--offline`)."""


class ToolError(LorelensError):
    """A program that lorelens runs (git) is missing or failed."""


class StoreError(LorelensError):
    """The store cannot be opened, read or written; a report goes on without it."""
