"""Who is one of the robots that test patches, by name or address."""

from __future__ import annotations

import re

from ..mail.address import Address

_ROBOT = re.compile(
    r"kernel test robot|kbuild test robot|^lkp@|syzbot|patchwork-bot|patchew|buildbot|\bbot@|-bot\b",
    re.IGNORECASE,
)


def is_robot(sender: Address) -> bool:
    """Whether a mail is by one of the robots that test patches, by its name or address."""
    return _ROBOT.search(sender.email) is not None or _ROBOT.search(sender.name) is not None
