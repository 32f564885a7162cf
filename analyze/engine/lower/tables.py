"""What is known of the kernel's macros that code without headers uses (C7), as tables; sources in linux
6.12."""

from __future__ import annotations

VOLATILE_NAMES = frozenset(
    {"jiffies", "jiffies_64", "TASK_SIZE", "STACK_TOP", "TASK_SIZE_MAX", "system_state", "oops_in_progress"}
)
"""Names that are read anew each time (T8): include/linux/jiffies.h; TASK_SIZE asks the running task."""

NO_EFFECT = frozenset({
    "likely", "unlikely", "__builtin_expect", "IS_ERR", "PTR_ERR", "ERR_PTR", "IS_ERR_OR_NULL", "ERR_CAST",
    "PTR_ERR_OR_ZERO", "container_of", "list_entry", "rb_entry", "hlist_entry", "offsetof", "min", "max",
    "min_t",
    "max_t", "clamp", "clamp_t", "min3", "max3", "ARRAY_SIZE", "BIT", "BIT_ULL", "GENMASK", "IS_ENABLED",
    "IS_BUILTIN", "IS_MODULE", "IS_REACHABLE", "ALIGN", "ALIGN_DOWN", "PTR_ALIGN", "IS_ALIGNED", "round_up",
    "round_down", "roundup", "rounddown", "DIV_ROUND_UP", "abs", "upper_32_bits", "lower_32_bits", "sizeof",
    "__builtin_constant_p", "PAGE_ALIGN", "PAGE_ALIGNED", "PFN_UP", "PFN_DOWN", "PFN_PHYS", "PHYS_PFN",
    "offset_in_page", "list_first_entry", "list_last_entry", "list_next_entry", "list_prev_entry", "__pa",
    "__va",
    "BUILD_BUG_ON", "BUILD_BUG_ON_ZERO", "static_assert", "is_power_of_2",
})  # fmt: skip
"""Macros (and functions of their arguments alone) that evaluate their arguments and no more: for T10's
marks."""

READS = {
    # include/asm-generic/rwonce.h, include/linux/rcupdate.h, include/asm-generic/barrier.h; M10
    "READ_ONCE": "READ_ONCE", "__READ_ONCE": "READ_ONCE", "READ_ONCE_NOCHECK": "READ_ONCE",
    "rcu_dereference": "rcu_dereference", "rcu_dereference_check": "rcu_dereference",
    "rcu_dereference_protected": "rcu_dereference_protected", "rcu_dereference_raw": "rcu_dereference",
    "rcu_dereference_bh": "rcu_dereference", "rcu_dereference_sched": "rcu_dereference",
    "rcu_access_pointer": "rcu_access_pointer", "srcu_dereference": "rcu_dereference",
}  # fmt: skip
"""Macro -> how it reads its first argument, an lvalue."""

WRITES = {
    "WRITE_ONCE": "WRITE_ONCE", "__WRITE_ONCE": "WRITE_ONCE", "rcu_assign_pointer": "rcu_assign_pointer",
    "RCU_INIT_POINTER": "RCU_INIT_POINTER",
}  # fmt: skip
"""Macro -> how it writes its second argument to its first, an lvalue."""

WARNINGS = {
    # name: (index of the condition, what fires, whether it has a value); include/asm-generic/bug.h
    "WARN_ON": (0, "WARN"), "WARN": (0, "WARN"), "WARN_ON_ONCE": (0, "WARN_ONCE"), "WARN_ONCE": (0,
    "WARN_ONCE"),
    "WARN_TAINT": (0, "WARN"), "WARN_TAINT_ONCE": (0, "WARN_ONCE"), "WARN_RATELIMIT": (0, "WARN_RATELIMIT"),
    "WARN_ON_RATELIMIT": (0, "WARN_RATELIMIT"), "WARN_ON_SMP": (0, "WARN"),
    # mm/internal.h, mm/memblock.c and others under their own names
    "WARN_ON_ONCE_GFP": (0, "WARN_ONCE"),
}  # fmt: skip
"""Warnings that are always compiled in, and yield their condition."""

BUGS = {"BUG_ON": 0}
"""Macro -> index of the condition that stops."""

DEBUG_WARNINGS = {
    # include/linux/mmdebug.h, include/linux/rcupdate.h
    "VM_WARN_ON": ("y:CONFIG_DEBUG_VM", 0, "WARN"), "VM_WARN": ("y:CONFIG_DEBUG_VM", 0, "WARN"),
    "VM_WARN_ON_ONCE": ("y:CONFIG_DEBUG_VM", 0, "WARN_ONCE"),
    "VM_WARN_ONCE": ("y:CONFIG_DEBUG_VM", 0, "WARN_ONCE"),
    "VM_WARN_ON_ONCE_PAGE": ("y:CONFIG_DEBUG_VM", 0, "WARN_ONCE"),
    "VM_WARN_ON_FOLIO": ("y:CONFIG_DEBUG_VM", 0, "WARN"), "VM_WARN_ON_PAGE": ("y:CONFIG_DEBUG_VM", 0, "WARN"),
    "VM_WARN_ON_ONCE_FOLIO": ("y:CONFIG_DEBUG_VM", 0, "WARN_ONCE"),
    "VM_WARN_ON_ONCE_MM": ("y:CONFIG_DEBUG_VM", 0, "WARN_ONCE"),
    "VM_WARN_ON_ONCE_VMA": ("y:CONFIG_DEBUG_VM", 0, "WARN_ONCE"),
    "VM_WARN_ON_VMG": ("y:CONFIG_DEBUG_VM", 0, "WARN"),
    "VM_WARN_ON_IRQS_ENABLED": ("y:CONFIG_DEBUG_VM_IRQSOFF", -1, "WARN"),
    "RCU_LOCKDEP_WARN": ("y:CONFIG_PROVE_RCU", 0, "WARN_ONCE"),
    "DEBUG_LOCKS_WARN_ON": ("y:CONFIG_DEBUG_MUTEXES", 0, "WARN"),
}  # fmt: skip
"""Warnings under a configuration: its flag, the index of the condition (-1: none), what fires (B4)."""

DEBUG_BUGS = {
    "VM_BUG_ON": ("y:CONFIG_DEBUG_VM", 0), "VM_BUG_ON_PAGE": ("y:CONFIG_DEBUG_VM", 0),
    "VM_BUG_ON_FOLIO": ("y:CONFIG_DEBUG_VM", 0), "VM_BUG_ON_VMA": ("y:CONFIG_DEBUG_VM", 0),
    "VM_BUG_ON_MM": ("y:CONFIG_DEBUG_VM", 0), "VM_BUG_ON_PGFLAGS": ("y:CONFIG_DEBUG_VM_PGFLAGS", 0),
    "VIRTUAL_BUG_ON": ("y:CONFIG_DEBUG_VIRTUAL", 0),
}  # fmt: skip
"""BUG_ON under a configuration (include/linux/mmdebug.h)."""

COMPILE_TIME = frozenset({
    "BUILD_BUG_ON", "BUILD_BUG_ON_MSG", "BUILD_BUG_ON_ZERO", "BUILD_BUG_ON_NOT_POWER_OF_2",
    "BUILD_BUG_ON_INVALID",
    "static_assert", "_Static_assert", "compiletime_assert", "typecheck", "typecheck_fn", "BUILD_BUG",
    "MAYBE_BUILD_BUG_ON", "kasan_check_byte_unused", "__must_be_array", "sparse_context", "__acquire",
    "__release",
})  # fmt: skip
"""Checked by the compiler (or sparse), nothing at run time: include/linux/build_bug.h, compiler_types.h."""

PRINTING = frozenset({
    "printk", "printk_once", "printk_ratelimited", "printk_deferred", "printk_deferred_once", "no_printk",
    "pr_emerg",
    "pr_alert", "pr_crit", "pr_err", "pr_warn", "pr_warning", "pr_notice", "pr_info", "pr_cont", "pr_debug",
    "pr_devel",
    "dev_emerg", "dev_alert", "dev_crit", "dev_err", "dev_warn", "dev_notice", "dev_info", "dev_dbg",
    "trace_printk",
    "pr_err_once", "pr_warn_once", "pr_info_once", "pr_notice_once", "pr_debug_once", "pr_crit_once",
    "pr_alert_once",
    "pr_err_ratelimited", "pr_warn_ratelimited", "pr_info_ratelimited", "pr_debug_ratelimited",
    "pr_notice_ratelimited",
    "pr_alert_ratelimited", "pr_crit_ratelimited", "pr_emerg_ratelimited", "pr_devel_once",
    "dev_err_once", "dev_warn_once", "dev_info_once", "dev_dbg_once", "dev_err_ratelimited",
    "dev_warn_ratelimited",
})  # fmt: skip
"""Text for the log (B4): include/linux/printk.h, dev_printk.h."""

DEBUG_PRINTING = frozenset({"pr_debug", "pr_devel", "dev_dbg", "no_printk", "pr_debug_ratelimited",
"pr_debug_once",
                            "pr_devel_once", "dev_dbg_once"})  # fmt: skip
"""Of these the arguments are evaluated only where the configuration has them compiled in."""

LOCKDEP = frozenset({
    "lockdep_assert", "lockdep_assert_held", "lockdep_assert_held_write", "lockdep_assert_held_read",
    "lockdep_assert_held_once", "lockdep_assert_not_held", "lockdep_assert_none_held_once",
    "lockdep_assert_once",
    "lockdep_assert_irqs_disabled", "lockdep_assert_irqs_enabled", "lockdep_assert_in_irq",
    "lockdep_assert_in_rcu_read_lock", "lockdep_assert_preemption_disabled",
    "lockdep_assert_preemption_enabled",
    "lockdep_assert_cpus_held", "lockdep_assert_RT_in_threaded_ctx", "lockdep_set_class",
    "lockdep_assert_in_softirq",
})  # fmt: skip
"""Assertions of lockdep (include/linux/lockdep.h): unevaluated without CONFIG_LOCKDEP (B4)."""

PER_CPU_POINTERS = frozenset({"this_cpu_ptr", "raw_cpu_ptr", "per_cpu_ptr", "get_cpu_ptr", "put_cpu_ptr"})
"""Of the macros this_cpu_*, raw_cpu_* on a per-CPU lvalue (include/linux/percpu-defs.h) those that are
functions."""

EFFECTS = frozenset({
    "copy_from_user", "copy_to_user", "__copy_from_user", "__copy_to_user", "put_user", "__put_user",
    "clear_user", "__clear_user", "strncpy_from_user", "strnlen_user", "copy_struct_from_user",
    "copy_from_iter", "copy_to_iter", "copy_page_to_iter", "copy_page_from_iter", "get_user", "__get_user",
    "mutex_lock", "mutex_unlock", "mutex_trylock", "spin_lock", "spin_unlock", "spin_trylock",
    "spin_lock_irq", "spin_unlock_irq", "spin_lock_bh", "spin_unlock_bh", "spin_unlock_irqrestore",
    "raw_spin_lock", "raw_spin_unlock", "read_lock", "read_unlock", "write_lock", "write_unlock",
    "down_read", "up_read", "down_write", "up_write", "down_read_trylock", "down_write_trylock",
    "downgrade_write", "mmap_read_lock", "mmap_read_unlock", "mmap_write_lock", "mmap_write_unlock",
    "mmap_read_trylock",
})  # fmt: skip
"""Calls that are themselves what rule B2 names (user copies, locks), whatever their bodies come to in some
configuration; atomics are told by their names (reach.py)."""

OUT_ARGUMENTS = {
    # name: the arguments that it assigns, as lvalues
    "get_user": (0,), "__get_user": (0,), "do_div": (0,), "spin_lock_irqsave": (1,),
    "raw_spin_lock_irqsave": (1,),
    "read_lock_irqsave": (1,), "write_lock_irqsave": (1,), "local_irq_save": (0,), "raw_local_irq_save": (0,),
    "local_lock_irqsave": (1,), "spin_trylock_irqsave": (1,), "spin_lock_irqsave_nested": (1,),
    "local_trylock_irqsave": (1,), "folio_lock_irqsave": (1,), "spin_lock_irqsave_nest_lock": (1,),
    "va_start": (0,), "va_end": (0,), "va_copy": (0,), "pcpu_spin_trylock": (), "get_kernel_nofault": (0,),
    "raw_spin_trylock_irqsave": (1,), "qp_list_lock_irqsave": (1,), "local_save_flags": (0,),
}  # fmt: skip
"""Macros that assign arguments: include/linux/uaccess.h, math64.h, spinlock.h, irqflags.h, stdarg.h."""

USER_JUMPS = {"unsafe_get_user": (0, 2), "unsafe_put_user": (-1, 2), "unsafe_copy_from_user": (-1, 3),
              "unsafe_copy_to_user": (-1, 3), "__get_kernel_nofault": (-1, 3), "__put_kernel_nofault": (-1,
              3)}  # fmt: skip
"""Macros that go to a label on a fault: the argument assigned (-1: none) and the label's index."""

NO_RETURN = frozenset({
    "panic", "do_exit", "make_task_dead", "do_group_exit", "__stack_chk_fail", "nmi_panic", "do_task_dead",
    "kthread_exit", "kthread_complete_and_exit", "__module_put_and_kthread_exit", "machine_restart_forever",
    "rest_init", "__reiserfs_panic", "x86_64_start_kernel", "abort", "exit", "_exit", "snp_abort",
    "usercopy_abort",
    "fortify_panic", "__fortify_panic", "__ubsan_handle_builtin_unreachable", "xen_start_kernel",
    "stop_this_cpu",
})  # fmt: skip
"""Functions that do not return: tools/objtool/noreturns.h, and libc's own."""

UNREACHABLE = frozenset({"unreachable", "__builtin_unreachable", "BUG", "__builtin_trap", "__bug"})

FUNCTIONS = frozenset({
    # include/linux/mutex.h, rwsem.h, spinlock.h, rcupdate.h, preempt.h (some are macros that behave so)
    "mutex_lock", "mutex_unlock", "mutex_trylock", "mutex_lock_interruptible", "mutex_lock_killable",
    "down_read",
    "up_read", "down_write", "up_write", "down_read_trylock", "down_write_trylock", "downgrade_write",
    "spin_lock",
    "spin_unlock", "spin_lock_irq", "spin_unlock_irq", "spin_lock_bh", "spin_unlock_bh", "spin_trylock",
    "spin_unlock_irqrestore", "raw_spin_lock", "raw_spin_unlock", "read_lock", "read_unlock", "write_lock",
    "write_unlock", "rcu_read_lock", "rcu_read_unlock", "preempt_disable", "preempt_enable",
    "local_irq_disable",
    "local_irq_enable", "local_irq_restore", "cond_resched", "might_sleep", "schedule", "synchronize_rcu",
    "mmap_read_lock", "mmap_read_unlock", "mmap_write_lock", "mmap_write_unlock", "mmap_read_trylock",
    # include/linux/slab.h, gfp.h, vmalloc.h, string.h, uaccess.h
    "kfree", "kvfree", "vfree", "kmalloc", "kzalloc", "kcalloc", "kvmalloc", "kvzalloc", "kmem_cache_alloc",
    "kmem_cache_free", "kmem_cache_zalloc", "vmalloc", "vzalloc", "kmalloc_array", "kstrdup", "krealloc",
    "memset", "memcpy", "memmove", "memcmp", "strcmp", "strncmp", "strlen", "strnlen", "strscpy", "strchr",
    "snprintf",
    "scnprintf", "sprintf", "copy_from_user", "copy_to_user", "put_user", "__put_user", "clear_user",
    "strncpy_from_user",
    "alloc_page", "alloc_pages", "__free_page", "__free_pages", "free_page", "free_pages", "get_zeroed_page",
    # include/linux/mm.h, pagemap.h, page_ref.h, rmap.h, mmu_notifier.h, hugetlb.h
    "put_page", "get_page", "try_get_page", "folio_put", "folio_get", "folio_try_get", "folio_lock",
    "folio_unlock",
    "folio_trylock", "lock_page", "unlock_page", "page_folio", "folio_page", "folio_nr_pages",
    "folio_test_large",
    "mmput", "mmget", "mmgrab", "mmdrop", "mmget_not_zero", "fput", "fget", "find_vma", "vma_lookup",
    "handle_mm_fault", "flush_tlb_page", "flush_tlb_range", "set_pte_at", "ptep_get", "pte_unmap_unlock",
    "pte_unmap",
    "pmd_none", "pte_none", "pte_present", "pte_write", "pte_dirty", "pte_young", "pmd_present",
    "pmd_trans_huge",
    "set_bit", "clear_bit", "test_bit", "test_and_set_bit", "test_and_clear_bit", "__set_bit", "__clear_bit",
    "atomic_inc", "atomic_dec", "atomic_read", "atomic_set", "atomic_add", "atomic_sub",
    "atomic_dec_and_test",
    "atomic_inc_return", "atomic_dec_return", "atomic_inc_not_zero", "atomic_long_read", "atomic_long_inc",
    "atomic_long_dec", "atomic_long_add", "atomic_long_sub", "atomic_long_set", "refcount_inc",
    "refcount_dec",
    "refcount_read", "refcount_set", "refcount_dec_and_test", "refcount_inc_not_zero", "wake_up",
    "wake_up_all",
    "list_add", "list_add_tail", "list_del", "list_del_init", "list_empty", "list_move", "list_move_tail",
    "list_splice", "list_splice_init", "INIT_LIST_HEAD", "schedule_work", "queue_work", "signal_pending",
    "fatal_signal_pending", "need_resched", "barrier", "smp_mb", "smp_rmb", "smp_wmb", "cpu_relax",
    # include/linux/log2.h, jump_label.h
    "roundup_pow_of_two", "rounddown_pow_of_two",
    "static_branch_likely", "static_branch_unlikely", "static_key_enabled",
})  # fmt: skip
"""Functions of the kernel's headers, and macros that evaluate each argument once and assign none."""

GUARDS = {
    # guard(class)(argument): constructor, destructor; include/linux/mutex.h and so on, DEFINE_GUARD
    "mutex": ("mutex_lock", "mutex_unlock"), "spinlock": ("spin_lock", "spin_unlock"),
    "spinlock_irq": ("spin_lock_irq", "spin_unlock_irq"), "spinlock_bh": ("spin_lock_bh", "spin_unlock_bh"),
    "raw_spinlock": ("raw_spin_lock", "raw_spin_unlock"),
    "raw_spinlock_irq": ("raw_spin_lock_irq", "raw_spin_unlock_irq"),
    "read_lock": ("read_lock", "read_unlock"), "write_lock": ("write_lock", "write_unlock"),
    "rwsem_read": ("down_read", "up_read"), "rwsem_write": ("down_write", "up_write"),
    "rcu": ("rcu_read_lock", "rcu_read_unlock"), "preempt": ("preempt_disable", "preempt_enable"),
    "irq": ("local_irq_disable", "local_irq_enable"), "migrate": ("migrate_disable", "migrate_enable"),
    "mmap_read_lock": ("mmap_read_lock", "mmap_read_unlock"),
    "mmap_write_lock": ("mmap_write_lock", "mmap_write_unlock"),
    "cpus_read_lock": ("cpus_read_lock", "cpus_read_unlock"), "device": ("device_lock", "device_unlock"),
}  # fmt: skip

FREES = {
    # __free(name): the destructor, and when it runs: "set": not NULL, "valid": no error either
    "kfree": ("kfree", "valid"), "kvfree": ("kvfree", "valid"), "fput": ("fput", "valid"),
    "mmput": ("mmput", "set"),
    "free_page": ("free_page", "set"), "kfree_sensitive": ("kfree_sensitive", "valid"),
    "vfree": ("vfree", "valid"),
    "put_task": ("put_task_struct", "set"), "put_device": ("put_device", "set"), "dput": ("dput", "set"),
    "put_pid": ("put_pid", "set"), "bitmap": ("bitmap_free", "set"), "kfree_const": ("kfree_const", "set"),
}  # fmt: skip
"""include/linux/slab.h: `if (!IS_ERR_OR_NULL(_T)) kfree(_T)`; others as their DEFINE_FREE says."""

ATTRIBUTES = frozenset({
    # include/linux/compiler_types.h, compiler_attributes.h, init.h, cache.h, cleanup.h
    "__attribute__", "__attribute", "__user", "__percpu", "__force", "__iomem", "__rcu", "__kernel",
    "__nocast",
    "__maybe_unused", "__always_unused", "__unused", "__used", "__must_check", "__aligned", "__packed",
    "__free",
    "__cleanup", "__initdata", "__initconst", "__ro_after_init", "__read_mostly", "__cacheline_aligned",
    "__cacheline_aligned_in_smp", "__private", "__uninitialized", "__bitwise", "__section", "__refdata",
    "__exitdata",
    "__meminitdata", "__counted_by", "__nonstring", "__safe", "__guarded_by", "__randomize_layout",
    "__noreturn",
    "__cold", "__hot", "__pure", "__const", "__weak", "__visible", "__init", "__exit", "__ref", "__malloc",
    "__deprecated",
    "noinline", "notrace", "asmlinkage", "__always_inline", "__inline", "_Alignas", "alignas",
    "__designated_init",
    "__no_kasan_or_inline", "__no_sanitize_address", "__assume_aligned", "__initdata_memblock",
    "__cacheline_group_begin",
    "__latent_entropy", "__data_racy",
})  # fmt: skip
"""Words that say nothing about values and control flow (cleanups are read apart)."""
