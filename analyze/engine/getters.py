"""Functions of the kernel's headers that only read, as prototypes (rule C1); sources in linux 6.12.

That they do is a guess where the header is not at hand (A0, T4): it is listed where a proof needs it. A
definition in the file under review makes an entry void. What reads through volatile and answers a number
that others count (atomic_read, folio_ref_count), and what asks the running task, is none.
"""

from __future__ import annotations

import re

PURE_TEXT = """
/* arch/x86/include/asm/pgtable.h, arch/arm64/include/asm/pgtable.h, include/linux/pgtable.h */
int pte_none(pte_t pte);
int pte_present(pte_t pte);
int pte_write(pte_t pte);
int pte_young(pte_t pte);
int pte_special(pte_t pte);
int pte_protnone(pte_t pte);
int pte_soft_dirty(pte_t pte);
int pte_uffd_wp(pte_t pte);
int pte_swp_uffd_wp(pte_t pte);
int pte_swp_soft_dirty(pte_t pte);
int pte_same(pte_t a, pte_t b);
int pmd_none(pmd_t pmd);
int pmd_present(pmd_t pmd);
int pmd_write(pmd_t pmd);
int pmd_young(pmd_t pmd);
int pmd_bad(pmd_t pmd);
int pmd_protnone(pmd_t pmd);
int pmd_trans_huge(pmd_t pmd);
int pmd_same(pmd_t a, pmd_t b);
int pud_none(pud_t pud);
int pud_present(pud_t pud);
int pud_bad(pud_t pud);
int p4d_none(p4d_t p4d);
int p4d_present(p4d_t p4d);
int pgd_none(pgd_t pgd);
unsigned long pte_pfn(pte_t pte);
unsigned long pmd_pfn(pmd_t pmd);
pte_t pte_mkdirty(pte_t pte);
pte_t pte_mkclean(pte_t pte);
pte_t pte_mkyoung(pte_t pte);
pte_t pte_mkold(pte_t pte);
pte_t pte_mkspecial(pte_t pte);
pte_t pte_wrprotect(pte_t pte);
pte_t pte_mkuffd_wp(pte_t pte);
pte_t pte_clear_uffd_wp(pte_t pte);

/* include/linux/log2.h */
unsigned long roundup_pow_of_two(unsigned long n);
unsigned long rounddown_pow_of_two(unsigned long n);

/* include/linux/swapops.h, arch/x86/include/asm/pgtable_64.h */
swp_entry_t swp_entry(unsigned long type, pgoff_t offset);
unsigned int swp_type(swp_entry_t entry);
pgoff_t swp_offset(swp_entry_t entry);
swp_entry_t pte_to_swp_entry(pte_t pte);
pte_t swp_entry_to_pte(swp_entry_t entry);
int is_swap_pte(pte_t pte);
int non_swap_entry(swp_entry_t entry);
int is_migration_entry(swp_entry_t entry);
int is_hwpoison_entry(swp_entry_t entry);

/* include/linux/mm.h */
bool is_cow_mapping(vm_flags_t flags);
"""
"""Values of their arguments alone: page table entries come by value."""

OBSERVING_TEXT = """
/* include/linux/hugetlb.h, hugetlb_inline.h */
struct hstate *hstate_inode(struct inode *inode);
struct hstate *hstate_file(struct file *file);
struct hstate *hstate_vma(struct vm_area_struct *vma);
struct hstate *folio_hstate(struct folio *folio);
unsigned long huge_page_size(const struct hstate *h);
unsigned long huge_page_mask(struct hstate *h);
unsigned int huge_page_order(struct hstate *h);
unsigned int huge_page_shift(struct hstate *h);
unsigned int pages_per_huge_page(const struct hstate *h);
bool hstate_is_gigantic(struct hstate *h);
bool is_vm_hugetlb_page(const struct vm_area_struct *vma);

/* include/linux/mm.h, shmem_fs.h */
unsigned long vma_pages(struct vm_area_struct *vma);
bool vma_is_anonymous(struct vm_area_struct *vma);
bool vma_is_shmem(struct vm_area_struct *vma);
bool vma_is_temporary_stack(struct vm_area_struct *vma);
bool vma_is_accessible(struct vm_area_struct *vma);

/* include/linux/userfaultfd_k.h */
bool userfaultfd_wp(struct vm_area_struct *vma);
bool userfaultfd_armed(struct vm_area_struct *vma);

/* include/linux/page-flags.h, mm.h, mmzone.h, asm-generic/memory_model.h */
struct folio *page_folio(struct page *page);
unsigned int folio_order(const struct folio *folio);
unsigned int folio_shift(const struct folio *folio);
size_t folio_size(const struct folio *folio);
long folio_nr_pages(const struct folio *folio);
unsigned long folio_pfn(struct folio *folio);
int folio_nid(const struct folio *folio);
struct zone *folio_zone(const struct folio *folio);
struct zone *page_zone(const struct page *page);
int page_to_nid(const struct page *page);
enum zone_type page_zonenum(const struct page *page);
unsigned long page_to_pfn(const struct page *page);
unsigned int compound_order(struct page *page);
unsigned int thp_order(struct page *page);
bool folio_test_large(const struct folio *folio);
bool folio_test_hugetlb(const struct folio *folio);
bool folio_test_anon(const struct folio *folio);
bool folio_test_ksm(const struct folio *folio);
bool folio_test_swapbacked(const struct folio *folio);
bool folio_test_swapcache(const struct folio *folio);
bool folio_is_zone_device(const struct folio *folio);

/* include/linux/bitops.h */
bool test_bit(long nr, const unsigned long *addr);

/* include/linux/jump_label.h */
bool static_branch_unlikely(const void *key);
bool static_key_enabled(const void *key);
"""
"""Values of their arguments and of memory; what a pointer among these leads to is read (F3)."""

_NAME = re.compile(r"(\w+)\([^)]*\);")
PURE = frozenset(_NAME.findall(PURE_TEXT))
OBSERVING = frozenset(_NAME.findall(OBSERVING_TEXT))


def kind_of(name: str) -> str:
    """Return "pure", "observing", or "function" for what is none."""
    return "pure" if name in PURE else "observing" if name in OBSERVING else "function"
