/* What kernel macros mean, in lorelens' own words, for the texts of a replay (P4). Read by words.write(ours=True):
 * every name gets its prefix but those that begin with rt_ and __builtin_. One definition a line. */
#define NULL ((void *)0)
#define true 1
#define false 0
#define likely(x) (x)
#define unlikely(x) (x)
#define __builtin_expect(x, y) (x)
#define __builtin_constant_p(x) 0
#define __builtin_unreachable() rt_stop()
#define unreachable() rt_stop()
#define data_race(x) (x)
#define ACCESS_ONCE(x) rt_once(x)
#define READ_ONCE(x) rt_once(x)
#define WRITE_ONCE(x, v) rt_set_once(x, v)
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_dereference_protected(p, c) (p)
#define rcu_dereference_raw(p) READ_ONCE(p)
#define rcu_dereference_check(p, c) READ_ONCE(p)
#define rcu_access_pointer(p) READ_ONCE(p)
#define smp_load_acquire(p) READ_ONCE(*(p))
#define smp_store_release(p, v) do { smp_mb(); WRITE_ONCE(*(p), v); } while (0)
#define rcu_assign_pointer(p, v) smp_store_release(&(p), v)
#define RCU_INIT_POINTER(p, v) WRITE_ONCE(p, v)
#define ERR_PTR(e) ((void *)(long)(e))
#define PTR_ERR(p) ((long)(p))
#define ERR_CAST(p) ((void *)(p))
#define IS_ERR_VALUE(x) ((unsigned long)(void *)(x) >= (unsigned long)-4095)
#define IS_ERR(p) IS_ERR_VALUE((unsigned long)(p))
#define IS_ERR_OR_NULL(p) rt_is_err_or_null((unsigned long)(p))
#define PTR_ERR_OR_ZERO(p) rt_ptr_err_or_zero((unsigned long)(p))
#define WARN_ON(c) rt_warn(!!(c))
#define WARN_ON_ONCE(c) rt_warn(!!(c))
#define WARN(c, ...) rt_warn(!!(c))
#define WARN_ONCE(c, ...) rt_warn(!!(c))
#define WARN_RATELIMIT(c, ...) rt_warn(!!(c))
#define WARN_ON_FOLIO(c, f) rt_warn(!!(c))
#define BUG() rt_stop()
#define BUG_ON(c) do { if (c) rt_stop(); } while (0)
#define BUILD_BUG() do { } while (0)
#define BUILD_BUG_ON(c) do { } while (0)
#define BUILD_BUG_ON_MSG(c, m) do { } while (0)
#define BUILD_BUG_ON_ZERO(c) 0
#define BUILD_BUG_ON_INVALID(c) do { } while (0)
#define static_assert(...) do { } while (0)
#define VM_BUG_ON(c) do { if (rt_debug_vm && (c)) rt_stop(); } while (0)
#define VM_BUG_ON_PAGE(c, p) VM_BUG_ON(c)
#define VM_BUG_ON_FOLIO(c, p) VM_BUG_ON(c)
#define VM_BUG_ON_VMA(c, p) VM_BUG_ON(c)
#define VM_BUG_ON_MM(c, p) VM_BUG_ON(c)
#define VM_BUG_ON_PGFLAGS(c, p) VM_BUG_ON(c)
#define VM_WARN_ON(c) (rt_debug_vm ? rt_warn(!!(c)) : 0)
#define VM_WARN_ON_ONCE(c) (rt_debug_vm ? rt_warn(!!(c)) : 0)
#define VM_WARN_ONCE(c, ...) (rt_debug_vm ? rt_warn(!!(c)) : 0)
#define VM_WARN(c, ...) (rt_debug_vm ? rt_warn(!!(c)) : 0)
#define VM_WARN_ON_FOLIO(c, f) (rt_debug_vm ? rt_warn(!!(c)) : 0)
#define VM_WARN_ON_ONCE_FOLIO(c, f) (rt_debug_vm ? rt_warn(!!(c)) : 0)
#define VM_WARN_ON_ONCE_PAGE(c, f) (rt_debug_vm ? rt_warn(!!(c)) : 0)
#define VM_WARN_ON_ONCE_MM(c, f) (rt_debug_vm ? rt_warn(!!(c)) : 0)
#define VM_WARN_ON_ONCE_VMA(c, f) (rt_debug_vm ? rt_warn(!!(c)) : 0)
#define VM_WARN_ON_VMG(c, f) (rt_debug_vm ? rt_warn(!!(c)) : 0)
#define VM_WARN_ON_IRQS_ENABLED() do { } while (0)
#define VIRTUAL_BUG_ON(c) do { } while (0)
#define VM_BUG_ON_IRQS_ENABLED() do { } while (0)
#define lockdep_assert_held(x) do { } while (0)
#define lockdep_assert_held_write(x) do { } while (0)
#define lockdep_assert_held_read(x) do { } while (0)
#define lockdep_assert(x) do { } while (0)
#define lockdep_is_held(x) 1
#define mmap_assert_locked(x) do { } while (0)
#define mmap_assert_write_locked(x) do { } while (0)
#define vma_assert_locked(x) do { } while (0)
#define vma_assert_write_locked(x) do { } while (0)
#define might_sleep() do { } while (0)
#define might_sleep_if(c) do { } while (0)
#define might_alloc(c) do { } while (0)
#define might_fault() do { } while (0)
#define offsetof(t, m) ((unsigned long)&((t *)0)->m)
#define container_of(p, t, m) ((t *)((unsigned long)(p) - (unsigned long)&((t *)0)->m))
#define rt_like_entry(l, p, m) rt_like(p, (unsigned long)(l) - (unsigned long)&(rt_like(p, 0))->m)
#define container_of_const(p, t, m) container_of(p, t, m)
#define rt_like_entry_safe(l, p, m) ({ __auto_type k__l = (l); k__l ? rt_like_entry(k__l, p, m) : 0; })
#define list_entry(p, t, m) container_of(p, t, m)
#define list_entry_rcu(p, t, m) container_of(READ_ONCE(p), t, m)
#define hlist_entry(p, t, m) container_of(p, t, m)
#define rb_entry(p, t, m) container_of(p, t, m)
#define rb_entry_safe(p, t, m) ({ __auto_type k__p = (p); k__p ? container_of(k__p, t, m) : NULL; })
#define hlist_entry_safe(p, t, m) ({ __auto_type k__p = (p); k__p ? container_of(k__p, t, m) : NULL; })
#define llist_entry(p, t, m) container_of(p, t, m)
#define list_first_entry(p, t, m) list_entry((p)->next, t, m)
#define list_last_entry(p, t, m) list_entry((p)->prev, t, m)
#define list_first_entry_or_null(p, t, m) ({ struct list_head *k__h = (p); struct list_head *k__n = READ_ONCE(k__h->next); k__n != k__h ? list_entry(k__n, t, m) : NULL; })
#define list_next_entry(p, m) rt_like_entry((p)->m.next, p, m)
#define list_prev_entry(p, m) rt_like_entry((p)->m.prev, p, m)
#define list_for_each(p, h) for (p = (h)->next; p != (h); p = p->next)
#define list_entry_is_head(p, h, m) (&(p)->m == (h))
#define list_for_each_prev(p, h) for (p = (h)->prev; p != (h); p = p->prev)
#define for_each_vma(i, v) while (((v) = rt_like(v, vma_next(&(i)))) != NULL)
#define for_each_vma_range(i, v, e) while (((v) = rt_like(v, vma_find(&(i), (e)))) != NULL)
#define list_for_each_safe(p, n, h) for (p = (h)->next, n = p->next; p != (h); p = n, n = p->next)
#define list_for_each_entry(p, h, m) for (p = rt_like_entry((h)->next, p, m); &p->m != (h); p = list_next_entry(p, m))
#define list_for_each_entry_rcu(p, h, m, ...) list_for_each_entry(p, h, m)
#define list_for_each_entry_srcu(p, h, m, ...) list_for_each_entry(p, h, m)
#define list_for_each_entry_lockless(p, h, m) list_for_each_entry(p, h, m)
#define list_for_each_entry_reverse(p, h, m) for (p = rt_like_entry((h)->prev, p, m); &p->m != (h); p = list_prev_entry(p, m))
#define list_for_each_entry_continue(p, h, m) for (p = list_next_entry(p, m); &p->m != (h); p = list_next_entry(p, m))
#define list_for_each_entry_from(p, h, m) for (; &p->m != (h); p = list_next_entry(p, m))
#define list_for_each_entry_safe(p, n, h, m) for (p = rt_like_entry((h)->next, p, m), n = list_next_entry(p, m); &p->m != (h); p = n, n = list_next_entry(n, m))
#define list_for_each_entry_safe_reverse(p, n, h, m) for (p = rt_like_entry((h)->prev, p, m), n = list_prev_entry(p, m); &p->m != (h); p = n, n = list_prev_entry(n, m))
#define list_for_each_entry_safe_from(p, n, h, m) for (n = list_next_entry(p, m); &p->m != (h); p = n, n = list_next_entry(n, m))
#define hlist_for_each_entry(p, h, m) for (p = rt_like_entry_safe((h)->first, p, m); p; p = rt_like_entry_safe(p->m.next, p, m))
#define hlist_for_each_entry_rcu(p, h, m, ...) hlist_for_each_entry(p, h, m)
#define hlist_for_each_entry_safe(p, n, h, m) for (p = rt_like_entry_safe((h)->first, p, m); p && ({ n = p->m.next; 1; }); p = rt_like_entry_safe(n, p, m))
#define LIST_HEAD_INIT(n) { &(n), &(n) }
#define LIST_HEAD(n) struct list_head n = { &(n), &(n) }
#define HLIST_HEAD(n) struct hlist_head n = { NULL }
#define INIT_LIST_HEAD(l) do { struct list_head *k__l = (l); k__l->next = k__l; k__l->prev = k__l; } while (0)
#define DEFINE_WAIT(n) struct wait_queue_entry n = { }
#define DEFINE_WAIT_FUNC(n, f) struct wait_queue_entry n = { }
#define DECLARE_COMPLETION_ONSTACK(n) struct completion n = { }
#define DEFINE_XA(...) 0
#define XA_STATE(n, a, i) struct xa_state n = { .xa = (a), .xa_index = (i) }
#define XA_STATE_ORDER(n, a, i, o) struct xa_state n = { .xa = (a), .xa_index = (i) + 0 * (o) }
#define MA_STATE(n, t, f, l) struct ma_state n = { .tree = (t), .index = (f), .last = (l) }
#define VMA_ITERATOR(n, m, a) struct vma_iterator n = { .mm = (m), .index = (a) }
#define DEFINE_FOLIO_VMA_WALK(n, f, v, a, l) struct page_vma_mapped_walk n = { .folio = (f), .vma = (v), .address = (a), .flags = (l) }
#define DECLARE_BITMAP(n, b) unsigned long n[((b) + 63) / 64]
#define READ_ONCE_NOCHECK(x) READ_ONCE(x)
#define swap(a, b) do { __auto_type k__t = (a); (a) = (b); (b) = k__t; } while (0)
#define min(a, b) ({ __auto_type k__a = (a); __auto_type k__b = (b); k__a < k__b ? k__a : k__b; })
#define max(a, b) ({ __auto_type k__a = (a); __auto_type k__b = (b); k__a > k__b ? k__a : k__b; })
#define umin(a, b) ({ unsigned long k__a = (a), k__b = (b); k__a < k__b ? k__a : k__b; })
#define umax(a, b) ({ unsigned long k__a = (a), k__b = (b); k__a > k__b ? k__a : k__b; })
#define min3(a, b, c) min(a, min(b, c))
#define max3(a, b, c) max(a, max(b, c))
#define min_t(t, a, b) ({ t k__a = (a); t k__b = (b); k__a < k__b ? k__a : k__b; })
#define max_t(t, a, b) ({ t k__a = (a); t k__b = (b); k__a > k__b ? k__a : k__b; })
#define min_not_zero(a, b) ({ __auto_type k__x = (a); __auto_type k__y = (b); k__x == 0 ? k__y : (k__y == 0 ? k__x : (k__x < k__y ? k__x : k__y)); })
#define clamp(v, l, h) ({ __auto_type k__v = (v); __auto_type k__l = (l); __auto_type k__m = (h); k__v >= k__m ? k__m : k__v <= k__l ? k__l : k__v; })
#define clamp_t(t, v, l, h) ({ t k__v = (v); t k__l = (l); t k__m = (h); k__v >= k__m ? k__m : k__v <= k__l ? k__l : k__v; })
#define clamp_val(v, l, h) clamp(v, l, h)
#define abs(x) ({ __auto_type k__x = (x); k__x < 0 ? -k__x : k__x; })
#define ALIGN(x, a) (((x) + (rt_like(x, a) - 1)) & ~(rt_like(x, a) - 1))
#define ALIGN_DOWN(x, a) ((x) & ~(rt_like(x, a) - 1))
#define IS_ALIGNED(x, a) (((x) & (rt_like(x, a) - 1)) == 0)
#define PTR_ALIGN(p, a) rt_like(p, ALIGN((unsigned long)(p), a))
#define round_up(x, y) ((((x) - 1) | (rt_like(x, y) - 1)) + 1)
#define round_down(x, y) ((x) & ~(rt_like(x, y) - 1))
#define roundup(x, y) ({ __auto_type k__y = (y); (((x) + (k__y - 1)) / k__y) * k__y; })
#define rounddown(x, y) ({ __auto_type k__x = (x); k__x - (k__x % (y)); })
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_CLOSEST(n, d) (((n) + (d) / 2) / (d))
#define PAGE_ALIGN(x) ALIGN(x, PAGE_SIZE)
#define PAGE_ALIGN_DOWN(x) ALIGN_DOWN(x, PAGE_SIZE)
#define PAGE_ALIGNED(x) IS_ALIGNED((unsigned long)(x), PAGE_SIZE)
#define PFN_ALIGN(x) (((unsigned long)(x) + (PAGE_SIZE - 1)) & PAGE_MASK)
#define PFN_UP(x) (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x) ((x) >> PAGE_SHIFT)
#define PFN_PHYS(x) ((unsigned long)(x) << PAGE_SHIFT)
#define PHYS_PFN(x) ((unsigned long)((x) >> PAGE_SHIFT))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define BIT(n) (1ul << (n))
#define BIT_ULL(n) (1ull << (n))
#define BITS_PER_LONG 64
#define BITS_PER_BYTE 8
#define BITS_TO_LONGS(n) (((n) + 63ul) / 64ul)
#define GENMASK(h, l) ((~0ul << (l)) & (~0ul >> (63 - (h))))
#define GENMASK_ULL(h, l) GENMASK(h, l)
#define do_div(n, d) ({ unsigned int k__d = (d); unsigned int k__r = (unsigned long)(n) % k__d; (n) = (unsigned long)(n) / k__d; k__r; })
#define sector_div(n, d) do_div(n, d)
#define div_u64(n, d) ((unsigned long)(n) / (unsigned int)(d))
#define div64_u64(n, d) ((unsigned long)(n) / (unsigned long)(d))
#define div64_ul(n, d) ((unsigned long)(n) / (unsigned long)(d))
#define div64_long(n, d) ((long)(n) / (long)(d))
#define upper_32_bits(n) ((unsigned int)((n) >> 32))
#define lower_32_bits(n) ((unsigned int)(n))
#define U8_MAX 255
#define U16_MAX 65535
#define S8_MAX 127
#define INT_MAX 0x7fffffff
#define INT_MIN (-0x7fffffff - 1)
#define UINT_MAX 0xffffffffu
#define U32_MAX 0xffffffffu
#define S32_MAX 0x7fffffff
#define LONG_MAX 0x7fffffffffffffffl
#define LONG_MIN (-0x7fffffffffffffffl - 1)
#define ULONG_MAX 0xfffffffffffffffful
#define U64_MAX 0xfffffffffffffffful
#define S64_MAX 0x7fffffffffffffffl
#define SIZE_MAX 0xfffffffffffffffful
#define LLONG_MAX 0x7fffffffffffffffl
#define ULLONG_MAX 0xfffffffffffffffful
#define MAX_ERRNO 4095
#define EPERM 1
#define ENOENT 2
#define ESRCH 3
#define EINTR 4
#define EIO 5
#define ENXIO 6
#define E2BIG 7
#define EBADF 9
#define ECHILD 10
#define EAGAIN 11
#define EWOULDBLOCK 11
#define ENOMEM 12
#define EACCES 13
#define EFAULT 14
#define EBUSY 16
#define EEXIST 17
#define EXDEV 18
#define ENODEV 19
#define ENOTDIR 20
#define EISDIR 21
#define EINVAL 22
#define ENFILE 23
#define EMFILE 24
#define ENOTTY 25
#define ETXTBSY 26
#define EFBIG 27
#define ENOSPC 28
#define ESPIPE 29
#define EROFS 30
#define EPIPE 32
#define EDOM 33
#define ERANGE 34
#define ENAMETOOLONG 36
#define ENOSYS 38
#define ENODATA 61
#define EOVERFLOW 75
#define EOPNOTSUPP 95
#define ETIMEDOUT 110
#define EALREADY 114
#define EINPROGRESS 115
#define EHWPOISON 133
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ENOTSUPP 524
#define barrier() mb()
#define pr_fmt(x) x
#define no_printk(...) 0
#define fallthrough do { } while (0)
#define __user
#define __kernel
#define __iomem
#define __percpu
#define __rcu
#define __force
#define __bitwise
#define __must_check
#define __maybe_unused
#define __always_unused
#define __init
#define __exit
#define __meminit
#define __meminitdata
#define __initdata
#define __initconst
#define __ref
#define __refdata
#define __init_or_module
#define __sched
#define __cold
#define __hot
#define __weak
#define __pure
#define __attribute_const__
#define __always_inline
#define __no_kmsan_checks
#define __no_sanitize_address
#define __no_sanitize_or_inline
#define __no_kcsan
#define __kprobes
#define __visible
#define __used
#define __cpuinit
#define __devinit
#define __net_init
#define __malloc
#define __noreturn
#define __private
#define __nocast
#define __read_mostly
#define __ro_after_init
#define __cacheline_aligned_in_smp
#define ____cacheline_aligned_in_smp
#define __aligned(x)
#define __packed
#define __printf(x, y)
#define __scanf(x, y)
#define __acquires(...)
#define __releases(...)
#define __must_hold(...)
#define __acquire(...) do { } while (0)
#define __release(...) do { } while (0)
#define __alloc_size(...)
#define __counted_by(x)
#define __nonstring
#define noinline
#define noinline_for_stack
#define notrace
#define noinstr
#define asmlinkage
#define nokprobe_inline
#define always_inline
#define EXPORT_SYMBOL(x)
#define EXPORT_SYMBOL_GPL(x)
#define local_irq_save(f) do { f = rt_word(local_irq_save_flags()); } while (0)
#define raw_local_irq_save(f) do { f = rt_word(local_irq_save_flags()); } while (0)
#define local_lock_irqsave(l, f) do { f = rt_word(local_lock_irqsave_flags(l)); } while (0)
#define local_unlock_irqrestore(l, f) local_unlock_irqrestore_flags(l, f)
#define spin_lock_irqsave(l, f) do { f = rt_word(spin_lock_irqsave_flags(l)); } while (0)
#define raw_spin_lock_irqsave(l, f) do { f = rt_word(raw_spin_lock_irqsave_flags(l)); } while (0)
#define spin_lock_irqsave_nested(l, f, c) do { f = rt_word(spin_lock_irqsave_flags(l)); } while (0)
#define read_lock_irqsave(l, f) do { f = rt_word(read_lock_irqsave_flags(l)); } while (0)
#define write_lock_irqsave(l, f) do { f = rt_word(write_lock_irqsave_flags(l)); } while (0)
#define xa_lock_irqsave(l, f) do { f = rt_word(xa_lock_irqsave_flags(l)); } while (0)
#define spin_trylock_irqsave(l, f) ({ f = rt_word(local_irq_save_flags()); spin_trylock_irq_flags(l); })
#define raw_spin_trylock_irqsave(l, f) ({ f = rt_word(local_irq_save_flags()); spin_trylock_irq_flags(l); })
#define pcp_trylock_prepare(f) do { } while (0)
#define pcp_trylock_finish(f) do { } while (0)
#define get_user(x, p) ({ int k__r = rt_word(get_user_from(p)); (x) = rt_like(x, rt_output(0, 3)); k__r; })
#define __get_user(x, p) get_user(x, p)
#define put_user(x, p) put_user_value((unsigned long)(x), p)
#define __put_user(x, p) put_user(x, p)
#define this_cpu_read(x) READ_ONCE(x)
#define __this_cpu_read(x) READ_ONCE(x)
#define raw_cpu_read(x) READ_ONCE(x)
#define this_cpu_write(x, v) WRITE_ONCE(x, v)
#define __this_cpu_write(x, v) WRITE_ONCE(x, v)
#define this_cpu_add(x, v) this_cpu_add_at(&(x), v)
#define __this_cpu_add(x, v) this_cpu_add_at(&(x), v)
#define raw_cpu_add(x, v) this_cpu_add_at(&(x), v)
#define this_cpu_sub(x, v) this_cpu_add_at(&(x), -(v))
#define this_cpu_inc(x) this_cpu_add_at(&(x), 1)
#define __this_cpu_inc(x) this_cpu_add_at(&(x), 1)
#define this_cpu_dec(x) this_cpu_add_at(&(x), -1)
#define __this_cpu_dec(x) this_cpu_add_at(&(x), -1)
#define this_cpu_xchg(x, v) rt_word(this_cpu_xchg_at(&(x), v))
#define this_cpu_ptr(p) rt_like(p, rt_word(this_cpu_pointer(p)))
#define raw_cpu_ptr(p) rt_like(p, rt_word(this_cpu_pointer(p)))
#define per_cpu_ptr(p, c) rt_like(p, rt_word(per_cpu_pointer(p, c)))
#define per_cpu(x, c) (*rt_like(&(x), rt_word(per_cpu_pointer(&(x), c))))
#define get_cpu_ptr(p) rt_like(p, rt_word(get_cpu_pointer(p)))
#define get_cpu_var(x) (*rt_like(&(x), rt_word(get_cpu_pointer(&(x)))))
#define put_cpu_var(x) put_cpu_pointer(&(x))
#define wait_event(q, c) do { while (!(c)) wait_event_once(&(q)); } while (0)
#define wait_event_interruptible(q, c) ({ int k__r = 0; while (!(c) && !k__r) k__r = rt_word(wait_event_interruptible_once(&(q))); k__r; })
#define wait_event_killable(q, c) wait_event_interruptible(q, c)
#define wait_event_freezable(q, c) wait_event_interruptible(q, c)
#define wait_event_timeout(q, c, t) ({ long k__r = (t); while (!(c) && k__r) k__r = rt_word(wait_event_timeout_once(&(q), k__r)); k__r; })
#define wait_event_interruptible_timeout(q, c, t) wait_event_timeout(q, c, t)
#define wait_event_lock_irq(q, c, l) do { while (!(c)) wait_event_lock_once(&(q), &(l)); } while (0)
#define kzalloc_obj(x, ...) kzalloc_objects(sizeof(x))
#define kmalloc_obj(x, ...) kmalloc_objects(sizeof(x))
#define struct_size(p, m, n) (sizeof(*(p)) + sizeof(*(p)->m) * (n))
#define struct_size_t(t, m, n) (sizeof(t) + sizeof(*((t *)0)->m) * (n))
#define sizeof_field(t, m) sizeof(((t *)0)->m)
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
#define offsetofend(t, m) ((unsigned long)&((t *)0)->m + sizeof(((t *)0)->m))
#define KMEM_CACHE(s, f) rt_word(kmem_cache_of(f))
#define ATOMIC_INIT(x) { (x) }
#define ATOMIC_LONG_INIT(x) { (x) }
#define untagged_addr(x) rt_like(x, untagged_address((unsigned long)(x)))
#define untagged_addr_remote(m, x) rt_like(x, untagged_address_remote(m, (unsigned long)(x)))
#define xchg(p, v) rt_like(*(p), rt_word(xchg_at(p, (unsigned long)(v))))
#define cmpxchg(p, o, v) rt_like(*(p), rt_word(cmpxchg_at(p, (unsigned long)(o), (unsigned long)(v))))
#define cmpxchg_relaxed(p, o, v) cmpxchg(p, o, v)
#define try_cmpxchg(p, o, v) (try_cmpxchg_at(p, o, (unsigned long)(v)) & 1)
#define unsafe_get_user(x, p, l) do { if (get_user(x, p)) goto l; } while (0)
#define unsafe_put_user(x, p, l) do { if (put_user(x, p)) goto l; } while (0)
#define typecheck(t, x) 1
#define IS_ENABLED_IN(x) 0
#define DEFINE_RATELIMIT_STATE(n, i, b) struct ratelimit_state n = { }
#define kmap_local_page(p) ((void *)rt_word(kmap_local_page_address(p)))
#define _AC(x, y) ((unsigned long)(x))
#define UL(x) ((unsigned long)(x))
#define ULL(x) ((unsigned long)(x))
#define _UL(x) ((unsigned long)(x))
#define _BITUL(x) (1ul << (x))
#define _BITULL(x) (1ul << (x))
#define alloc_percpu(t) alloc_percpu_bytes(sizeof(t))
#define alloc_percpu_gfp(t, g) alloc_percpu_gfp_bytes(sizeof(t), g)
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
