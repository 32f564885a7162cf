"""The words of the demo's thread: who wrote what, when, in answer to what. All people are invented."""

from __future__ import annotations

from dataclasses import dataclass

from edits import COUNT_V1, COUNT_V2, COUNT_V2_1, NOWAIT_V1, NOWAIT_V2, NOWAIT_V3, Edit, split_out

MIRA = "Mira Halvorsen <mira@halvorsen.example.org>"
TOMAS = "Tomas Okafor <tomas@okafor.example.org>"
JUN = "Jun Ishikawa <jun.ishikawa@mm.example.org>"
ADAEZE = "Adaeze Brandt <adaeze@brandt.example.org>"
BOT = "Build Bot <bot@build.example.org>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One patch of a revision."""

    key: str
    date: str
    subject: str
    message: str
    edits: list[Edit]
    remarks: str = ""
    parent: str = ""
    """Key of the mail it answers; the revision's cover letter where empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One posting: a cover letter and patches; a patch with a parent is posted later, in another's place."""

    key: str
    date: str
    subject: str
    cover: str
    patches: list[Posted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Lines of the mail that is answered, from the first with `first` to the next with `last` in it."""

    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: quotes and text in turn."""

    key: str
    parent: str
    author: str
    date: str
    parts: list[Quote | str]


SPLIT = "mm/stash: split the body of stash_populate()'s loop out"
COUNT = "mm/stash: count pages that were kept already"
NOWAIT = "mm/stash: add STASH_NOWAIT"

_SPLIT_TEXT = """\
The loop of stash_populate() is four levels deep, and the next patches
would add a fifth. Move its body into a function of its own, and turn the
tests round so that the errors leave first.

No functional change.

Signed-off-by: Mira Halvorsen <mira@halvorsen.example.org>
"""
_COUNT_TEXT = """\
A program that populates the same range twice is told nothing: the second
page is given back and the range counts as done. Count these pages, so that
such programs can be found.

Signed-off-by: Mira Halvorsen <mira@halvorsen.example.org>
"""
_COUNT_TEXT_2 = """\
A program that populates the same range twice is told nothing: the second
page is given back and the range counts as done. Count these pages, so that
such programs can be found.

While at it, let stash_stat_inc() take a number and call it
stash_stat_add(), so that stash_drop() takes the lock once a batch.

Suggested-by: Adaeze Brandt <adaeze@brandt.example.org>
Signed-off-by: Mira Halvorsen <mira@halvorsen.example.org>
"""
_NOWAIT_TEXT = """\
A driver that refills its rings would rather have a few pages now than all
of them after the disk has answered. With STASH_NOWAIT a fault that would
wait ends stash_populate(): the caller gets the pages that are kept until
then{empty}.

handle_mm_fault() keeps mmap_lock when it is called with
FAULT_FLAG_RETRY_NOWAIT, so the path that takes it again is left out.

Callers without STASH_NOWAIT are not affected.

Signed-off-by: Mira Halvorsen <mira@halvorsen.example.org>
"""

REVISIONS = [
    Revision(
        key="v1",
        date="Tue, 03 Feb 2026 09:12:01 +0100",
        subject="[PATCH 0/3] mm/stash: populate without waiting",
        cover="""\
Hi,

drivers that keep their rings filled from the stash stall when a page has
to come from disk. This lets them ask for the pages that are there.

Patch 1 makes room, patch 2 counts what patch 3 makes more frequent, and
patch 3 adds the flag, for drivers and for /dev/stash.

Thanks,
Mira
""",
        patches=[
            Posted(
                key="v1-1",
                date="Tue, 03 Feb 2026 09:12:02 +0100",
                subject=f"[PATCH 1/3] {SPLIT}",
                message=_SPLIT_TEXT,
                edits=split_out("__stash_page"),
            ),
            Posted(
                key="v1-2",
                date="Tue, 03 Feb 2026 09:12:03 +0100",
                subject=f"[PATCH 2/3] {COUNT}",
                message=_COUNT_TEXT,
                edits=COUNT_V1,
            ),
            Posted(
                key="v1-3",
                date="Tue, 03 Feb 2026 09:12:04 +0100",
                subject=f"[PATCH 3/3] {NOWAIT}",
                message=_NOWAIT_TEXT.format(empty=""),
                edits=NOWAIT_V1,
            ),
        ],
    ),
    Revision(
        key="v2",
        date="Thu, 12 Feb 2026 15:40:31 +0100",
        subject="[PATCH v2 0/3] mm/stash: populate without waiting",
        cover="""\
Hi,

the second version, with thanks to Tomas, Jun and Adaeze.

Changes since v1:
- 1/3: the helper is called stash_one() now (Jun)
- 2/3: count outside region->lock, and a batch at a time (Adaeze)
- 3/3: give the region back where a fault would wait, and return -EBUSY
  where nothing was kept (Tomas)

Thanks,
Mira
""",
        patches=[
            Posted(
                key="v2-1",
                date="Thu, 12 Feb 2026 15:40:32 +0100",
                subject=f"[PATCH v2 1/3] {SPLIT}",
                message=_SPLIT_TEXT.replace(
                    "Signed-off", "Reviewed-by: Jun Ishikawa <jun.ishikawa@mm.example.org>\nSigned-off"
                ),
                edits=split_out("stash_one"),
            ),
            Posted(
                key="v2-2",
                date="Thu, 12 Feb 2026 15:40:33 +0100",
                subject=f"[PATCH v2 2/3] {COUNT}",
                message=_COUNT_TEXT_2,
                edits=COUNT_V2,
            ),
            Posted(
                key="v2-3",
                date="Thu, 12 Feb 2026 15:40:34 +0100",
                subject=f"[PATCH v2 3/3] {NOWAIT}",
                message=_NOWAIT_TEXT.format(empty=", or -EBUSY where there are none"),
                edits=NOWAIT_V2,
            ),
            Posted(
                key="v2.1-2",
                date="Fri, 13 Feb 2026 08:55:10 +0100",
                subject=f"[PATCH v2.1 2/3] {COUNT}",
                message=_COUNT_TEXT_2,
                edits=COUNT_V2_1,
                remarks="v2.1: rename the empty stash_stat_inc() too (build bot)\n",
                parent="v2-2",
            ),
        ],
    ),
    Revision(
        key="v3",
        date="Mon, 02 Mar 2026 10:14:06 +0100",
        subject="[PATCH v3 0/2] mm/stash: populate without waiting",
        cover="""\
Hi,

the third version. The counter is gone: perf can count it, as Jun says.

Changes since v2:
- drop 2/3 (Jun)
- 3/3, now 2/2: say in the kernel-doc when -EBUSY comes back (Tomas)

Thanks,
Mira
""",
        patches=[
            Posted(
                key="v3-1",
                date="Mon, 02 Mar 2026 10:14:07 +0100",
                subject=f"[PATCH v3 1/2] {SPLIT}",
                message=_SPLIT_TEXT.replace(
                    "Signed-off", "Reviewed-by: Jun Ishikawa <jun.ishikawa@mm.example.org>\nSigned-off"
                ),
                edits=split_out("stash_one"),
            ),
            Posted(
                key="v3-2",
                date="Mon, 02 Mar 2026 10:14:08 +0100",
                subject=f"[PATCH v3 2/2] {NOWAIT}",
                message=_NOWAIT_TEXT.format(empty=", or -EBUSY where there are none"),
                edits=NOWAIT_V3,
                remarks="v3: document -EBUSY\nv2: give the region back where a fault would wait\n",
            ),
        ],
    ),
]

REPLIES = [
    Reply(
        key="r-jun-1",
        parent="v1-1",
        author=JUN,
        date="Tue, 03 Feb 2026 20:02:44 +0900",
        parts=[
            Quote(first="diff --git", last="+static int __stash_page"),
            """\
Two underscores make one look for a stash_page() without them. Could you
call it stash_one()?
""",
            Quote(first="+	ret = stash_keep", last="+	return ret == -EBUSY"),
            """\
I had to read this twice, but it is what the loop did before. With the
name changed:

Reviewed-by: Jun Ishikawa <jun.ishikawa@mm.example.org>
""",
        ],
    ),
    Reply(
        key="r-adaeze-1",
        parent="v1-2",
        author=ADAEZE,
        date="Wed, 04 Feb 2026 11:31:09 +0000",
        parts=[
            Quote(first="diff --git a/mm/stash.c", last="+		stash_stat_inc(STASH_STAT_BUSY)"),
            """\
This takes stash_stat_lock inside region->lock, and the comment at the top
of the file knows nothing of that order. Please count after the unlock.

stash_drop() calls stash_stat_inc() once a page, by the way. What about a
stash_stat_add() that takes a number?
""",
        ],
    ),
    Reply(
        key="r-tomas-1",
        parent="v1-3",
        author=TOMAS,
        date="Wed, 04 Feb 2026 16:20:51 +0000",
        parts=[
            Quote(first="diff --git a/mm/stash.c", last="+			goto out_unlock;"),
            """\
out_unlock is for the case that no region was found. Here we hold the
reference of stash_region_get(), so every populate that would have to wait
leaves one behind, and the region never goes away. Shouldn't this be
out_put?

And when the very first page would have to be waited for, the caller gets
0. How does it tell that from an empty range? I would return -EBUSY.
""",
        ],
    ),
    Reply(
        key="r-mira-1",
        parent="r-tomas-1",
        author=MIRA,
        date="Wed, 04 Feb 2026 18:03:27 +0100",
        parts=[
            Quote(first="reference of stash_region_get", last="out_put?"),
            "Indeed, thank you. Will be fixed in v2, and -EBUSY it is.\n",
        ],
    ),
    Reply(
        key="r-bot",
        parent="v2-2",
        author=BOT,
        date="Thu, 12 Feb 2026 22:48:00 +0000",
        parts=[
            """\
Hi Mira,

this patch does not build without CONFIG_STASH_STAT:

   mm/stash.c: In function 'stash_fault':
   mm/stash.c:173:17: error: implicit declaration of function
   'stash_stat_add'; did you mean 'stash_stat_inc'?
""",
        ],
    ),
    Reply(
        key="r-jun-2",
        parent="v2",
        author=JUN,
        date="Mon, 16 Feb 2026 10:11:30 +0900",
        parts=[
            Quote(first="- 2/3: count outside", last="- 2/3: count outside"),
            """\
Is this worth a line in /proc that can never be taken away again? A probe
on stash_keep() gives you the same number. I would drop the patch.
""",
        ],
    ),
    Reply(
        key="r-mira-2",
        parent="r-jun-2",
        author=MIRA,
        date="Mon, 16 Feb 2026 09:30:12 +0100",
        parts=[
            Quote(first="Is this worth", last="drop the patch"),
            "True. I shall leave it out of v3.\n",
        ],
    ),
    Reply(
        key="r-tomas-2",
        parent="v2-3",
        author=TOMAS,
        date="Tue, 17 Feb 2026 14:05:38 +0000",
        parts=[
            Quote(first="diff --git a/mm/stash.c", last="+	return done ? done : ret;"),
            """\
What does somebody without STASH_NOWAIT see now, when the third page gives
-EFAULT? Before, it was the error; now it looks like 2.

Could the kernel-doc also say when -EBUSY comes back?
""",
        ],
    ),
    Reply(
        key="r-mira-3",
        parent="r-tomas-2",
        author=MIRA,
        date="Tue, 17 Feb 2026 17:44:02 +0100",
        parts=[
            Quote(first="What does somebody", last="looks like 2"),
            """\
/dev/stash turns a short count into -EAGAIN anyway, so programs try again
and get the error then.
""",
            Quote(first="Could the kernel-doc", last="Could the kernel-doc"),
            "Yes.\n",
        ],
    ),
    Reply(
        key="r-adaeze-2",
        parent="v3-1",
        author=ADAEZE,
        date="Mon, 02 Mar 2026 12:26:55 +0000",
        parts=[
            Quote(first="No functional change", last="No functional change"),
            """\
As far as I can see, too.

Acked-by: Adaeze Brandt <adaeze@brandt.example.org>
""",
        ],
    ),
    Reply(
        key="r-tomas-3",
        parent="v3-2",
        author=TOMAS,
        date="Tue, 03 Mar 2026 09:17:20 +0000",
        parts=[
            Quote(first="Callers without STASH_NOWAIT", last="Callers without STASH_NOWAIT"),
            """\
That is not what the last line of the patch does. A driver that calls
stash_populate() itself has no -EAGAIN in between. Please either keep the
error for them or say it here.
""",
            Quote(first="diff --git a/include/uapi/linux/stash.h", last="+#define STASH_MODE_NOWAIT"),
            """\
Could you say in a comment what this does when nothing is there yet? A
program does not read our kernel-doc.
""",
        ],
    ),
]
