"""Dead letters of a running shop, or of the queues of a deployment."""

from __future__ import annotations

from dataclasses import dataclass, field


class Refused(Exception):
    """The reason why nothing was done, in a sentence."""


@dataclass
class Letter:
    """A dead letter. Its body may hold personal data, so it is never shown."""

    id: str
    queue: str
    at: float  # when it failed, in seconds since 1970
    received: str
    order: str | None
    reason: str
    message: dict = field(default_factory=dict, repr=False)  # as SQS delivers it
