/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __MM_INTERNAL_H
#define __MM_INTERNAL_H

#include <linux/mm.h>

/* What mm/stash.c needs of the rest of mm. */
pmd_t *mm_find_pmd(struct mm_struct *mm, unsigned long address);
int __must_check try_grab_folio(struct folio *folio, int refs,
				unsigned int flags);

#endif /* __MM_INTERNAL_H */
