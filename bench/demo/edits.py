"""The edits of the demo's series: what each patch of each revision does to the bundled tree.

An edit is (path, text before, text after); the text before stands in the file exactly once.
"""

# ruff: noqa: E501, ISC004 -- a line of program text stays one line here
from __future__ import annotations

Edit = tuple[str, str, str]

STASH, DEV = "mm/stash.c", "fs/stash_dev.c"
HEADER, UAPI, STAT = "include/linux/stash.h", "include/uapi/linux/stash.h", "mm/stash_stat.c"


def split_out(name: str) -> list[Edit]:
    """Patch 1 of every revision: the loop's body becomes a function of that name; nothing else changes."""
    column = len(f"static int {name}(")
    indent = "\t" * (column // 8) + " " * (column % 8)
    return [
        (
            STASH,
            "/**\n * stash_populate - fault a range in",
            f"""/*
 * Bring the page at @addr in and keep it. Returns 0, -EAGAIN where it has to
 * be tried again from the vma on, or another error.
 */
static int {name}(struct mm_struct *mm, struct stash_region *region,
{indent}unsigned long addr, unsigned int flags)
{{
	struct vm_area_struct *vma;
	struct page *page;
	int ret;

	vma = vma_lookup(mm, addr);
	if (!vma)
		return -ENOMEM;
	if (vma->vm_flags & (VM_IO | VM_PFNMAP))
		return -EFAULT;

	page = stash_grab(vma, addr, flags);
	if (!page) {{
		ret = stash_fault(vma, addr, flags);
		return ret ? ret : -EAGAIN;
	}}

	ret = stash_keep(region, addr, page, flags);
	return ret == -EBUSY ? 0 : ret;
}}

/**
 * stash_populate - fault a range in""",
        ),
        (
            STASH,
            """	struct stash_region *region;
	struct vm_area_struct *vma;
	unsigned long addr;
	struct page *page;
	long done = 0;
""",
            """	struct stash_region *region;
	unsigned long addr;
	long done = 0;
""",
        ),
        (
            STASH,
            """		vma = vma_lookup(mm, addr);
		if (vma) {
			if (!(vma->vm_flags & (VM_IO | VM_PFNMAP))) {
				page = stash_grab(vma, addr, flags);
				if (!page) {
					ret = stash_fault(vma, addr, flags);
					if (!ret || ret == -EAGAIN) {
						flags |= STASH_TRIED;
						continue;
					}
					goto out_put;
				}
			} else {
				ret = -EFAULT;
				goto out_put;
			}
		} else {
			ret = -ENOMEM;
			goto out_put;
		}
		ret = stash_keep(region, addr, page, flags);
		if (ret && ret != -EBUSY)
			goto out_put;
		ret = 0;
		flags &= ~STASH_TRIED;
""",
            f"""		ret = {name}(mm, region, addr, flags);
		if (ret == -EAGAIN) {{
			flags |= STASH_TRIED;
			continue;
		}}
		if (ret)
			goto out_put;
		flags &= ~STASH_TRIED;
""",
        ),
    ]


_BUSY_NAMES: list[Edit] = [
    (HEADER, "	STASH_STAT_RESTART,\n", "	STASH_STAT_RESTART,\n	STASH_STAT_BUSY,\n"),
    (
        STAT,
        '	[STASH_STAT_RESTART]	= "restart",\n',
        '	[STASH_STAT_RESTART]	= "restart",\n	[STASH_STAT_BUSY]	= "busy",\n',
    ),
]
_BUSY_BRANCH = """	if (region->pages[at]) {
		spin_unlock(&region->lock);
		stash_release(page, flags);
"""

COUNT_V1: list[Edit] = [
    *_BUSY_NAMES,
    (
        STASH,
        _BUSY_BRANCH,
        _BUSY_BRANCH.replace(
            "		spin_unlock", "		stash_stat_inc(STASH_STAT_BUSY);\n		spin_unlock"
        ),
    ),
]

COUNT_V2: list[Edit] = [
    *_BUSY_NAMES,
    (HEADER, "#ifdef CONFIG_STASH_STAT\nvoid stash_stat_inc(enum stash_stat what);\n",
     "#ifdef CONFIG_STASH_STAT\nvoid stash_stat_add(enum stash_stat what, unsigned long nr);\n"),
    (STAT, "void stash_stat_inc(enum stash_stat what)\n", "void stash_stat_add(enum stash_stat what, unsigned long nr)\n"),
    (STAT, "	stash_stats[what]++;\n", "	stash_stats[what] += nr;\n"),
    (STASH, "		stash_stat_inc(STASH_STAT_RESTART);\n", "		stash_stat_add(STASH_STAT_RESTART, 1);\n"),
    (STASH, _BUSY_BRANCH, _BUSY_BRANCH + "		stash_stat_add(STASH_STAT_BUSY, 1);\n"),
    (STASH, "	stash_stat_inc(STASH_STAT_KEPT);\n", "	stash_stat_add(STASH_STAT_KEPT, 1);\n"),
    (STASH,
     """		for (i = 0; i < nr; i++) {
			unpin_user_page_dirty_lock(batch[i], 1);
			stash_stat_inc(STASH_STAT_DROPPED);
		}
""",
     """		for (i = 0; i < nr; i++)
			unpin_user_page_dirty_lock(batch[i], 1);
		stash_stat_add(STASH_STAT_DROPPED, nr);
"""),
]  # fmt: skip
"""Only one of the two definitions of stash_stat_inc() gets the new name: without CONFIG_STASH_STAT it does not build."""

COUNT_V2_1: list[Edit] = [
    *COUNT_V2,
    (HEADER, "static inline void stash_stat_inc(enum stash_stat what)\n",
     "static inline void stash_stat_add(enum stash_stat what, unsigned long nr)\n"),
]  # fmt: skip

_NOWAIT: list[Edit] = [
    (HEADER, "	/* pin every page; not with STASH_GET */\n",
     "	/* pin every page; not with STASH_GET */\n#define STASH_NOWAIT	0x08	/* give up rather than wait */\n"),
    (UAPI, "#define STASH_MODE_PIN		((__u64)1 << 1)\n",
     "#define STASH_MODE_PIN		((__u64)1 << 1)\n#define STASH_MODE_NOWAIT	((__u64)1 << 2)\n"),
    (DEV, "#define STASH_MODE_VALID	(STASH_MODE_WRITE | STASH_MODE_PIN)\n",
     "#define STASH_MODE_VALID	(STASH_MODE_WRITE | STASH_MODE_PIN | \\\n				 STASH_MODE_NOWAIT)\n"),
    (DEV, "	flags |= req.mode & STASH_MODE_PIN ? STASH_PIN : STASH_GET;\n",
     "	flags |= req.mode & STASH_MODE_PIN ? STASH_PIN : STASH_GET;\n"
     "	if (req.mode & STASH_MODE_NOWAIT)\n		flags |= STASH_NOWAIT;\n"),
    (STASH, " * then, but no vma that was looked up before may be used any more. Any other\n * error is final.\n",
     " * then, but no vma that was looked up before may be used any more. With\n"
     " * STASH_NOWAIT the lock stays, and a fault that would wait gives -EBUSY. Any\n"
     " * other error is final.\n"),
    (STASH, "		fault_flags |= FAULT_FLAG_TRIED;\n",
     "		fault_flags |= FAULT_FLAG_TRIED;\n"
     "	if (flags & STASH_NOWAIT)\n		fault_flags |= FAULT_FLAG_RETRY_NOWAIT;\n"),
]  # fmt: skip


def _would_wait(counted: str) -> Edit:
    before = f"		{counted};\n		mmap_read_lock(mm);\n"
    return (
        STASH,
        before,
        f"		{counted};\n		if (flags & STASH_NOWAIT)\n			return -EBUSY;\n		mmap_read_lock(mm);\n",
    )


_GIVE_UP = """		if (ret)
			goto out_put;
		flags &= ~STASH_TRIED;
"""
_DOC = " * @flags: STASH_WRITE, and one of STASH_GET and STASH_PIN\n"
_DOC_NOWAIT = " * @flags: STASH_WRITE, STASH_NOWAIT, and one of STASH_GET and STASH_PIN\n"
_PARTIAL = (STASH, "	return ret ? ret : done;\n", "	return done ? done : ret;\n")

NOWAIT_V1: list[Edit] = [
    *_NOWAIT,
    _would_wait("stash_stat_inc(STASH_STAT_RESTART)"),
    (STASH, _DOC, _DOC_NOWAIT),
    (STASH, _GIVE_UP,
     """		if (ret == -EBUSY) {
			/* What is kept until here is what the caller gets. */
			ret = 0;
			goto out_unlock;
		}
""" + _GIVE_UP),
]  # fmt: skip
"""The path on which the fault would wait leaves the region's reference behind: out_unlock is below its put."""

NOWAIT_V2: list[Edit] = [
    *_NOWAIT,
    _would_wait("stash_stat_add(STASH_STAT_RESTART, 1)"),
    (STASH, _DOC, _DOC_NOWAIT),
    _PARTIAL,
]
"""The reference is given back; but now everybody gets the pages done until an error, not the error."""

NOWAIT_V3: list[Edit] = [
    *_NOWAIT,
    _would_wait("stash_stat_inc(STASH_STAT_RESTART)"),
    (STASH, _DOC, _DOC_NOWAIT),
    (STASH, " * Return: the number of pages that are kept now, or a negated errno.\n */\nlong stash_populate(",
     " * Return: the number of pages that are kept now, or a negated errno; -EBUSY\n"
     " * where STASH_NOWAIT is given and the first page would have to be waited for.\n */\nlong stash_populate("),
    _PARTIAL,
]  # fmt: skip
