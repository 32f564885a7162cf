/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_STASH_H
#define _LINUX_STASH_H

#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>

/* What stash_populate() may be asked to do. */
#define STASH_WRITE	0x01	/* fault for write */
#define STASH_GET	0x02	/* take a reference on every page */
#define STASH_PIN	0x04	/* pin every page; not with STASH_GET */

/* Flags that only mm/stash.c itself sets. */
#define STASH_TRIED	0x100	/* the fault of this page was started once */

#define STASH_INTERNAL_FLAGS	(STASH_TRIED)

/**
 * struct stash_region - a range of an mm whose pages are kept
 * @list: in stash_regions, under stash_lock
 * @mm: the address space; not counted, the region goes before it does
 * @start: first address
 * @end: first address behind
 * @refs: one for the list, one for every user
 * @lock: protects @pages and @nr_kept
 * @pages: the page kept for each address, NULL where none is
 * @nr_kept: how many of @pages are not NULL
 */
struct stash_region {
	struct list_head list;
	struct mm_struct *mm;
	unsigned long start;
	unsigned long end;
	refcount_t refs;
	spinlock_t lock;
	struct page **pages;
	unsigned long nr_kept;
};

enum stash_stat {
	STASH_STAT_KEPT,
	STASH_STAT_DROPPED,
	STASH_STAT_RESTART,
	NR_STASH_STAT,
};

struct stash_region *stash_region_get(struct mm_struct *mm, unsigned long addr);
void stash_region_put(struct stash_region *region);
int stash_region_add(struct mm_struct *mm, unsigned long start,
		     unsigned long end);

long stash_populate(struct mm_struct *mm, unsigned long start,
		    unsigned long nr_pages, unsigned int flags);
long stash_drop(struct mm_struct *mm, unsigned long start,
		unsigned long nr_pages);

#ifdef CONFIG_STASH_STAT
void stash_stat_inc(enum stash_stat what);
#else
static inline void stash_stat_inc(enum stash_stat what)
{
}
#endif

#endif /* _LINUX_STASH_H */
