"""Types that kernel code uses without declaring them, as a table with its sources (linux 6.12, x86-64 and
arm64: LP64)."""

from __future__ import annotations

from .ctype import BOOL, INT, LONG, UINT, ULONG, CType, Integer, Record


def _integers() -> dict[str, CType]:
    found: dict[str, CType] = {}
    for bits in (8, 16, 32, 64):
        for sign, signed in (("u", False), ("s", True)):
            rank = int(bits == 64)  # int-ll64.h: long long, not long
            one = Integer(bits=bits, signed=signed, rank=rank, name=f"{sign}{bits}")
            found[f"{sign}{bits}"] = found[f"__{sign}{bits}"] = one
            found[f"{'u' * (not signed)}int{bits}_t"] = one
            found[f"{'u_' * (not signed)}int{bits}_t"] = one
            for order in ("le", "be"):
                if not signed and bits > 8:
                    found[f"__{order}{bits}"] = one
    return found


KERNEL_TYPES: dict[str, CType] = {
    **_integers(),  # include/uapi/asm-generic/int-ll64.h, include/linux/types.h
    "bool": BOOL,  # include/linux/types.h
    "size_t": ULONG,  # include/uapi/asm-generic/posix_types.h: __kernel_ulong_t
    "ssize_t": LONG,
    "ptrdiff_t": LONG,
    "uintptr_t": ULONG,  # include/linux/types.h
    "intptr_t": LONG,
    "off_t": LONG,
    "loff_t": Integer(bits=64, signed=True, rank=1, name="loff_t"),  # posix_types.h: long long
    "pgoff_t": ULONG,  # include/linux/types.h
    "gfp_t": UINT,
    "slab_flags_t": UINT,
    "fmode_t": UINT,
    "vm_fault_t": UINT,  # include/linux/mm_types.h: unsigned int, under __bitwise
    "vm_flags_t": ULONG,  # include/linux/mm_types.h
    "zap_flags_t": UINT,
    "isolate_mode_t": UINT,  # include/linux/mmzone.h
    "blk_opf_t": UINT,
    "fgf_t": UINT,
    "sector_t": Integer(bits=64, signed=False, rank=1, name="sector_t"),
    "blkcnt_t": Integer(bits=64, signed=False, rank=1, name="blkcnt_t"),
    "phys_addr_t": Integer(bits=64, signed=False, rank=1, name="phys_addr_t"),  # CONFIG_PHYS_ADDR_T_64BIT
    "resource_size_t": Integer(bits=64, signed=False, rank=1, name="resource_size_t"),
    "dma_addr_t": Integer(bits=64, signed=False, rank=1, name="dma_addr_t"),
    "pid_t": INT,
    "umode_t": Integer(bits=16, signed=False, name="umode_t"),
    "dev_t": UINT,
    "ktime_t": Integer(bits=64, signed=True, rank=1, name="ktime_t"),  # include/linux/ktime.h: s64
    "time64_t": Integer(bits=64, signed=True, rank=1, name="time64_t"),
    "uint": UINT,  # include/linux/types.h
    "ulong": ULONG,
    "ushort": Integer(bits=16, signed=False, name="ushort"),
    "uchar": Integer(bits=8, signed=False, name="uchar"),
    "u_int": UINT,
    "u_long": ULONG,
    "depot_stack_handle_t": UINT,  # include/linux/stackdepot.h: u32
    "gfn_t": Integer(bits=64, signed=False, rank=1, name="gfn_t"),
    "hfn_t": Integer(bits=64, signed=False, rank=1, name="hfn_t"),
    "rmap_t": INT,  # include/linux/rmap.h: int, under __bitwise
    "fpi_t": INT,  # mm/page_alloc.c
    "folio_walk_flags_t": INT,  # include/linux/pagewalk.h
    "nodemask_t": Record(kind="struct", tag="nodemask_t"),  # include/linux/nodemask_types.h
    "cpumask_t": Record(kind="struct", tag="cpumask"),  # include/linux/cpumask_types.h
    "spinlock_t": Record(kind="struct", tag="spinlock"),  # include/linux/spinlock_types.h
    "atomic_t": Record(kind="struct", tag="atomic_t"),  # include/linux/types.h
    "atomic64_t": Record(kind="struct", tag="atomic64_t"),
    "atomic_long_t": Record(kind="struct", tag="atomic64_t"),  # include/linux/atomic/atomic-long.h
    "wait_queue_head_t": Record(kind="struct", tag="wait_queue_head"),  # include/linux/wait.h
    "wait_queue_entry_t": Record(kind="struct", tag="wait_queue_entry"),
    "swp_entry_t": Record(kind="struct", tag="swp_entry_t"),  # include/linux/mm_types.h
}
"""Typedefs and what they stand for."""

OPAQUE_TYPES = frozenset({
    "pte_t", "pmd_t", "pud_t", "p4d_t", "pgd_t", "pgprot_t", "pgtable_t", "rwlock_t", "raw_spinlock_t",
    "local_lock_t", "seqlock_t", "seqcount_t", "kuid_t", "kgid_t", "vma_flags_t", "va_list", "uffd_flags_t",
    "mm_context_t", "hugepd_t", "rwf_t", "pteval_t", "pmdval_t", "pudval_t", "p4dval_t", "pgdval_t",
    "freeptr_t",
    "softleaf_t", "leaf_entry_t", "jump_label_t",
})  # fmt: skip
"""Types that differ from arch to arch, may be a struct or an integer (STRICT_MM_TYPECHECKS), or hold no
plain value."""
