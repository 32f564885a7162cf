// SPDX-License-Identifier: GPL-2.0
/*
 * Stash: bring a range of user memory in ahead of its use, and keep it.
 *
 * Locking: mmap_lock, then stash_lock or a region's lock. Neither of the two
 * is held across a fault.
 */
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/stash.h>

#include "internal.h"

#define STASH_BATCH	64

static DEFINE_SPINLOCK(stash_lock);
static LIST_HEAD(stash_regions);

/*
 * Find the region around @addr and take a reference on it, which
 * stash_region_put() gives back. NULL where there is none.
 */
struct stash_region *stash_region_get(struct mm_struct *mm, unsigned long addr)
{
	struct stash_region *region;

	spin_lock(&stash_lock);
	list_for_each_entry(region, &stash_regions, list) {
		if (region->mm != mm)
			continue;
		if (addr < region->start || addr >= region->end)
			continue;
		refcount_inc(&region->refs);
		spin_unlock(&stash_lock);
		return region;
	}
	spin_unlock(&stash_lock);

	return NULL;
}
EXPORT_SYMBOL_GPL(stash_region_get);

void stash_region_put(struct stash_region *region)
{
	if (!refcount_dec_and_lock(&region->refs, &stash_lock))
		return;
	list_del(&region->list);
	spin_unlock(&stash_lock);

	kvfree(region->pages);
	kfree(region);
}
EXPORT_SYMBOL_GPL(stash_region_put);

/**
 * stash_region_add - remember a range of @mm
 * @mm: the address space
 * @start: first address
 * @end: first address behind
 *
 * Return: 0, -ENOMEM, or -EEXIST where a region begins inside the range.
 */
int stash_region_add(struct mm_struct *mm, unsigned long start,
		     unsigned long end)
{
	struct stash_region *region, *other;
	unsigned long nr = (end - start) >> PAGE_SHIFT;

	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return -ENOMEM;
	region->pages = kvcalloc(nr, sizeof(*region->pages), GFP_KERNEL);
	if (!region->pages) {
		kfree(region);
		return -ENOMEM;
	}
	region->mm = mm;
	region->start = start;
	region->end = end;
	refcount_set(&region->refs, 1);
	spin_lock_init(&region->lock);

	spin_lock(&stash_lock);
	list_for_each_entry(other, &stash_regions, list) {
		if (other->mm != mm)
			continue;
		if (other->start < end && start < other->end) {
			spin_unlock(&stash_lock);
			kvfree(region->pages);
			kfree(region);
			return -EEXIST;
		}
	}
	list_add_tail(&region->list, &stash_regions);
	spin_unlock(&stash_lock);

	return 0;
}

static int stash_check_flags(unsigned int flags)
{
	if (flags & STASH_INTERNAL_FLAGS)
		return -EINVAL;
	/* A page is either referenced or pinned, as in get_user_pages(). */
	if ((flags & STASH_GET) && (flags & STASH_PIN))
		return -EINVAL;
	if (!(flags & (STASH_GET | STASH_PIN)))
		return -EINVAL;
	return 0;
}

/*
 * Give back what stash_grab() took.
 */
static void stash_release(struct page *page, unsigned int flags)
{
	if (flags & STASH_PIN)
		unpin_user_page(page);
	else
		put_page(page);
}

/*
 * Look the page at @addr up and take a reference or a pin on it. The page
 * table lock is held over both, so that the page cannot go between them.
 */
static struct page *stash_grab(struct vm_area_struct *vma, unsigned long addr,
			       unsigned int flags)
{
	struct page *page = NULL;
	spinlock_t *ptl;
	pte_t *ptep, pte;
	pmd_t *pmd;

	pmd = mm_find_pmd(vma->vm_mm, addr);
	if (!pmd)
		return NULL;
	ptep = pte_offset_map_lock(vma->vm_mm, pmd, addr, &ptl);
	if (!ptep)
		return NULL;
	pte = ptep_get(ptep);
	if (!pte_present(pte))
		goto out_unlock;
	if ((flags & STASH_WRITE) && !pte_write(pte))
		goto out_unlock;
	page = vm_normal_page(vma, addr, pte);
	if (!page)
		goto out_unlock;
	if (flags & STASH_PIN) {
		if (try_grab_folio(page_folio(page), 1, FOLL_PIN))
			page = NULL;
	} else {
		get_page(page);
	}
out_unlock:
	pte_unmap_unlock(ptep, ptl);
	return page;
}

/*
 * Fault the page at @addr in.
 *
 * Returns 0, or -EAGAIN where the fault dropped mmap_lock: it is held again
 * then, but no vma that was looked up before may be used any more. Any other
 * error is final.
 */
static int stash_fault(struct vm_area_struct *vma, unsigned long addr,
		       unsigned int flags)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned int fault_flags = FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_KILLABLE;
	vm_fault_t fault;

	if (flags & STASH_WRITE)
		fault_flags |= FAULT_FLAG_WRITE;
	if (flags & STASH_TRIED)
		fault_flags |= FAULT_FLAG_TRIED;

	fault = handle_mm_fault(vma, addr, fault_flags, NULL);
	if (fault & VM_FAULT_RETRY) {
		stash_stat_inc(STASH_STAT_RESTART);
		mmap_read_lock(mm);
		return -EAGAIN;
	}
	if (fault & VM_FAULT_ERROR)
		return vm_fault_to_errno(fault, 0);

	return 0;
}

/*
 * Put @page into the region, in the place of what was there for @addr.
 * Takes over the caller's reference or pin, also where it fails.
 */
static int stash_keep(struct stash_region *region, unsigned long addr,
		      struct page *page, unsigned int flags)
{
	unsigned long at = (addr - region->start) >> PAGE_SHIFT;

	spin_lock(&region->lock);
	if (region->pages[at]) {
		spin_unlock(&region->lock);
		stash_release(page, flags);
		return -EBUSY;
	}
	region->pages[at] = page;
	region->nr_kept++;
	spin_unlock(&region->lock);
	stash_stat_inc(STASH_STAT_KEPT);

	return 0;
}

/**
 * stash_populate - fault a range in and keep its pages
 * @mm: the address space; the caller holds a reference on it
 * @start: first address, inside a region of @mm
 * @nr_pages: how many pages
 * @flags: STASH_WRITE, and one of STASH_GET and STASH_PIN
 *
 * Takes mmap_lock and gives it back; it may be dropped on the way.
 *
 * Return: the number of pages that are kept now, or a negated errno.
 */
long stash_populate(struct mm_struct *mm, unsigned long start,
		    unsigned long nr_pages, unsigned int flags)
{
	struct stash_region *region;
	struct vm_area_struct *vma;
	unsigned long addr;
	struct page *page;
	long done = 0;
	int ret;

	ret = stash_check_flags(flags);
	if (ret)
		return ret;

	mmap_read_lock(mm);
	region = stash_region_get(mm, start);
	if (!region) {
		ret = -ENOENT;
		goto out_unlock;
	}
	if (nr_pages > (region->end - start) >> PAGE_SHIFT) {
		ret = -EINVAL;
		goto out_put;
	}

	while (done < nr_pages) {
		addr = start + ((unsigned long)done << PAGE_SHIFT);
		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			goto out_put;
		}
		vma = vma_lookup(mm, addr);
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
		done++;
		cond_resched();
	}

out_put:
	stash_region_put(region);
out_unlock:
	mmap_read_unlock(mm);
	return ret ? ret : done;
}
EXPORT_SYMBOL_GPL(stash_populate);

/*
 * Take up to STASH_BATCH pages out of the region, from *at on.
 */
static int stash_take_batch(struct stash_region *region, unsigned long *at,
			    unsigned long end, struct page **batch)
{
	int nr = 0;

	spin_lock(&region->lock);
	while (*at < end && nr < STASH_BATCH) {
		struct page *page = region->pages[*at];

		if (page) {
			region->pages[*at] = NULL;
			region->nr_kept--;
			batch[nr++] = page;
		}
		(*at)++;
	}
	spin_unlock(&region->lock);

	return nr;
}

/**
 * stash_drop - let go of the pages of a range
 * @mm: the address space
 * @start: first address
 * @nr_pages: how many pages
 *
 * Return: the number of pages that were kept until now, or a negated errno.
 */
long stash_drop(struct mm_struct *mm, unsigned long start,
		unsigned long nr_pages)
{
	struct page *batch[STASH_BATCH];
	struct stash_region *region;
	unsigned long at, end;
	long dropped = 0;
	int i, nr;

	region = stash_region_get(mm, start);
	if (!region)
		return -ENOENT;
	at = (start - region->start) >> PAGE_SHIFT;
	end = at + nr_pages;
	if (end > (region->end - region->start) >> PAGE_SHIFT)
		return -EINVAL;

	do {
		nr = stash_take_batch(region, &at, end, batch);
		for (i = 0; i < nr; i++) {
			unpin_user_page_dirty_lock(batch[i], 1);
			stash_stat_inc(STASH_STAT_DROPPED);
		}
		dropped += nr;
		cond_resched();
	} while (at < end);

	stash_region_put(region);
	return dropped;
}
EXPORT_SYMBOL_GPL(stash_drop);
