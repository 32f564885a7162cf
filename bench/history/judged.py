"""Twenty pairs of consecutive revisions, judged by reading their patches.

A pair is written as its patches' positions: "1-22" for those that kept their place, "5>9" for one that moved,
"9>6|7" where either is right (a patch that was parted in two). What stands in no pair is alone: `gone` of the
earlier revision and `come` of the later, with the patch that it went into or came out of where there is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One pair of revisions, and what is right."""

    folder: str
    """Of threads/."""
    head: str
    """How the series' title begins in lower case, where the folder holds several; "" for the first."""
    numbers: tuple[int, int]
    pairs: str
    gone: dict[int, int | None] = field(default_factory=dict)
    """Position -> position of the later patch that it went into, None for dropped."""
    come: dict[int, int | None] = field(default_factory=dict)
    """Position -> position of the earlier patch that it came out of, None for new."""

    def partners(self) -> dict[int, frozenset[int]]:
        """Return earlier position -> the later positions that are right."""
        found: dict[int, frozenset[int]] = {}
        for part in self.pairs.split():
            if ">" in part:
                one, _, others = part.partition(">")
                found[int(one)] = frozenset(map(int, others.split("|")))
            else:
                first, _, last = part.partition("-")
                found |= {n: frozenset({n}) for n in range(int(first), int(last or first) + 1)}
        return found


PIN, TRACK = "mm/gup: prereqs to track", "mm/gup: track foll_pin"
FOLL, HUGE = "jhubbard-foll-pin-2019", "peterx-unify-hugetlb-gup-2023"
MINOR, WP = "arasmussen-uffd-minor-shmem-2021", "arasmussen-uffd-refactor-wp-2023"

JUDGED = (
    Judged(folder=FOLL, head=PIN, numbers=(1, 2), pairs="1-18", gone={19: 5}),
    Judged(
        folder=FOLL, head=PIN, numbers=(2, 3),
        pairs="1 2 3>5 4>7 5>9 6>10 7>11 8>12 9>13 10>14 11>15 12>16 13>17 14>18 15>19 16>21 17>22 18>23",
        come={3: 12, 4: None, 6: None, 8: None, 20: None},
    ),
    Judged(
        folder=FOLL, head=PIN, numbers=(4, 5),
        pairs="1-3 4>5 5>6 6>7 7>8 8>9 9>10 10>11 11>12 12>13 13>14 14>15 15>16 16>17 17>18 18>19 19>20 "
        "20>21 21>22 22>23",
        gone={23: None}, come={4: 4, 24: None},
    ),
    Judged(
        folder=FOLL, head=PIN, numbers=(7, 8),
        pairs="1>23 2>1 3>2 4>3 5>4 6>5 7>9 8>17 9>6|7 10-16 17>24 18-21 22>25 23>26 24>22",
        come={6: 9, 7: 9, 8: None},
    ),
    Judged(folder=FOLL, head=PIN, numbers=(8, 9), pairs="1-22 24>23 25>24 26>25", gone={23: 23}),
    Judged(
        folder=FOLL, head=PIN, numbers=(11, 12),
        pairs="1-9 10>11 11>12 12>13 13>14 14>15 15>16 16>17 17>10 18-22",
        gone={23: None, 24: None, 25: None},
    ),
    Judged(
        folder=FOLL, head=TRACK, numbers=(1, 2), pairs="1>4 2>7 3>8",
        come={1: 1, 2: 1, 3: 1, 5: 1, 6: 1},
    ),
    Judged(
        folder=FOLL, head=TRACK, numbers=(2, 3), pairs="1-3 4>7 5>8 6>10 7>11 8>12",
        come={4: 4, 5: 4, 6: 4, 9: 5},
    ),
    Judged(folder=HUGE, head="", numbers=(1, 2), pairs="1-13"),
    Judged(
        folder=HUGE, head="", numbers=(2, 3),
        pairs="1 2 4>3 5>4 6>5 7>6 8>7 9>8 10>9 11>10 12>11 13>12", gone={3: None},
    ),
    Judged(
        folder=HUGE, head="", numbers=(3, 4), pairs="1-4 5>6 6>7 7>8 8>9 9>10 10>11 11>12 12>13",
        come={5: None},
    ),
    Judged(folder=MINOR, head="userfaultfd: add minor", numbers=(1, 2), pairs="1-9"),
    Judged(
        folder=MINOR, head="userfaultfd: add minor", numbers=(2, 3), pairs="1 2 3>4 4>3 5-9",
        come={10: None},
    ),
    Judged(
        folder=MINOR, head="kvm", numbers=(1, 2), pairs="1>5 2>7 3>8 4>9 5>10",
        come={1: 2, 2: None, 3: None, 4: 1, 6: 2},
    ),
    Judged(
        folder=WP, head="add uffdio_poison", numbers=(1, 2), pairs="1 2>4 3>5",
        come={2: None, 3: None, 6: None},
    ),
    Judged(
        folder=WP, head="add uffdio_poison", numbers=(2, 3), pairs="1>4 3>5 4>7 5>8 6>6",
        gone={2: None}, come={1: None, 2: None, 3: None},
    ),
    Judged(folder=WP, head="mm: userfaultfd", numbers=(3, 4), pairs="1-3 5>4", gone={4: None}),
    Judged(folder="minchan-madv-cold-2019", head="", numbers=(3, 4), pairs="1-4", gone={5: None}),
    Judged(folder="minchan-madv-cold-2019", head="", numbers=(4, 5), pairs="1-4", come={5: None}),
    Judged(
        folder="arasmussen-dev-userfaultfd-2022", head="", numbers=(1, 2), pairs="1>2 2>3",
        come={1: None, 4: None, 5: None, 6: None},
    ),
)  # fmt: skip
