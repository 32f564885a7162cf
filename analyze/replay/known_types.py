"""Integer typedefs of the kernel that texts name without defining, by LP64 (include/linux/types.h,
mm_types.h)."""

from __future__ import annotations

INTEGERS = {
    **{
        f"{p}{s}{n}": f"{'unsigned' if s == 'u' else 'signed'} {c}"
        for p in ("", "__")
        for s in "us"
        for n, c in ((8, "char"), (16, "short"), (32, "int"), (64, "long"))
    },
    **{
        f"{s}int{n}_t": f"{'unsigned' if s else 'signed'} {c}"
        for s in ("u", "")
        for n, c in ((8, "char"), (16, "short"), (32, "int"), (64, "long"))
    },
    **dict.fromkeys(
        [
            "size_t",
            "pgoff_t",
            "vm_flags_t",
            "dma_addr_t",
            "phys_addr_t",
            "resource_size_t",
            "sector_t",
            "blkcnt_t",
            "uintptr_t",
            "ulong",
            "__kernel_size_t",
            "__kernel_ulong_t",
            "ino_t",
            "cycles_t",
            "pgprotval_t",
            "pteval_t",
            "pmdval_t",
            "pudval_t",
            "p4dval_t",
            "pgdval_t",
            "memcg_id_t",
            "__le64",
            "__be64",
        ],
        "unsigned long",
    ),
    **dict.fromkeys(
        [
            "ssize_t",
            "loff_t",
            "off_t",
            "ktime_t",
            "time64_t",
            "time_t",
            "__kernel_long_t",
            "intptr_t",
            "ptrdiff_t",
        ],
        "long",
    ),
    **dict.fromkeys(
        [
            "gfp_t",
            "vm_fault_t",
            "fmode_t",
            "dev_t",
            "uint",
            "fgf_t",
            "slab_flags_t",
            "isolate_mode_t",
            "zap_flags_t",
            "__poll_t",
            "poll_t",
            "blk_status_t",
            "blk_opf_t",
            "acr_flags_t",
            "fpi_t",
            "rmap_t",
            "alloc_flags_t",
            "__le32",
            "__be32",
            "uffd_flags_t",
            "rwf_t",
            "xa_mark_t",
        ],
        "unsigned int",
    ),
    **dict.fromkeys(["pid_t", "clockid_t", "rmap_flags_t"], "int"),
    **dict.fromkeys(["umode_t", "ushort", "__le16", "__be16", "depot_flags_t"], "unsigned short"),
    "uchar": "unsigned char",
}

RECORDS = """
struct list_head { struct list_head *next, *prev; };
struct hlist_node { struct hlist_node *next, **pprev; };
struct hlist_head { struct hlist_node *first; };
"""
"""Records that prelude.h's macros look into (include/linux/types.h)."""

VOLATILE = frozenset(["jiffies", "jiffies_64"])
"""Globals that are declared volatile (include/linux/jiffies.h)."""
