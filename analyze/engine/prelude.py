"""Macros of the kernel's headers that the lowering expands, as C (L7, C7): what each does, written anew.

A definition in the file under review takes the place of one here. Sources are those of linux 6.12. Types as
parameters, statement expressions and typeof work as in C; `__x` names are hygienic by the same rules.
"""

from __future__ import annotations

from .getters import OBSERVING_TEXT, PURE_TEXT

PRELUDE_PATH = "<prelude>"

_VALUES = """
/* include/linux/err.h: T5 */
#define IS_ERR(ptr) ((unsigned long)(ptr) >= (unsigned long)-4095)
#define IS_ERR_VALUE(x) ((unsigned long)(x) >= (unsigned long)-4095)
#define IS_ERR_OR_NULL(ptr) (!(ptr) || IS_ERR(ptr))
#define ERR_PTR(error) ((void *)(long)(error))
#define PTR_ERR(ptr) ((long)(ptr))
#define ERR_CAST(ptr) ((void *)(ptr))
#define PTR_ERR_OR_ZERO(ptr) ({ typeof(ptr) __pez = (ptr); IS_ERR(__pez) ? (int)PTR_ERR(__pez) : 0; })

/* include/linux/minmax.h */
#define min(x, y) ({ __auto_type __mx = (x); __auto_type __my = (y); __mx < __my ? __mx : __my; })
#define max(x, y) ({ __auto_type __mx = (x); __auto_type __my = (y); __mx > __my ? __mx : __my; })
#define umin(x, y) min((unsigned long)(x), (unsigned long)(y))
#define umax(x, y) max((unsigned long)(x), (unsigned long)(y))
#define min_t(type, x, y) ({ type __mx = (x); type __my = (y); __mx < __my ? __mx : __my; })
#define max_t(type, x, y) ({ type __mx = (x); type __my = (y); __mx > __my ? __mx : __my; })
#define min3(x, y, z) min(min(x, y), z)
#define max3(x, y, z) max(max(x, y), z)
#define clamp(val, lo, hi) ({ __auto_type __cv = (val); __auto_type __cl = (lo); __auto_type __ch = (hi); \\
	__cv >= __ch ? __ch : (__cv <= __cl ? __cl : __cv); })
#define clamp_t(type, val, lo, hi) ({ type __cv = (val); type __cl = (lo); type __ch = (hi); \\
	__cv >= __ch ? __ch : (__cv <= __cl ? __cl : __cv); })
#define min_not_zero(x, y) ({ __auto_type __nx = (x); __auto_type __ny = (y); \\
	__nx == 0 ? __ny : (__ny == 0 ? __nx : min(__nx, __ny)); })
#define abs(x) ({ __auto_type __ax = (x); __ax < 0 ? -__ax : __ax; })
/* include/linux/jump_label.h: what the compiler is told of a key's state is no part of what it answers */
#define static_branch_likely(x) static_branch_unlikely(x)

#define swap(a, b) do { typeof(a) __swapped = (a); (a) = (b); (b) = __swapped; } while (0)

/* include/linux/math.h, align.h, array_size.h, bitops.h, bits.h, math64.h, wordpart.h */
#define ARRAY_SIZE(arr) (sizeof(arr) / sizeof((arr)[0]))
#define BIT(nr) (1UL << (nr))
#define BIT_ULL(nr) (1ULL << (nr))
#define GENMASK(h, l) (((~0UL) << (l)) & (~0UL >> (BITS_PER_LONG - 1 - (h))))
#define GENMASK_ULL(h, l) (((~0ULL) << (l)) & (~0ULL >> (BITS_PER_LONG - 1 - (h))))
#define BITS_PER_BYTE 8
#define BITS_PER_LONG 64
#define ALIGN_DOWN(x, a) ((x) & ~((typeof(x))(a) - 1))
#define ALIGN(x, a) (((x) + ((typeof(x))(a) - 1)) & ~((typeof(x))(a) - 1))
#define IS_ALIGNED(x, a) (((x) & ((typeof(x))(a) - 1)) == 0)
#define round_down(x, y) ((x) & ~((typeof(x))((y) - 1)))
#define round_up(x, y) ((((x) - 1) | ((typeof(x))((y) - 1))) + 1)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define roundup(x, y) ({ typeof(y) __ry = (y); (((x) + (__ry - 1)) / __ry) * __ry; })
#define rounddown(x, y) ({ typeof(x) __rx = (x); __rx - (__rx % (y)); })
#define BITS_TO_LONGS(nr) DIV_ROUND_UP(nr, 64UL)
#define div_u64(dividend, divisor) ((u64)(dividend) / (u32)(divisor))
#define div64_u64(dividend, divisor) ((u64)(dividend) / (u64)(divisor))
#define div64_ul(dividend, divisor) ((unsigned long)(dividend) / (unsigned long)(divisor))
#define upper_32_bits(n) ((u32)(((n) >> 16) >> 16))
#define lower_32_bits(n) ((u32)((n) & 0xffffffff))

/* include/linux/mm.h, pfn.h, gfp_types.h, limits.h */
#define PAGE_ALIGN(addr) ALIGN(addr, PAGE_SIZE)
#define PAGE_ALIGN_DOWN(addr) ALIGN_DOWN(addr, PAGE_SIZE)
#define PAGE_ALIGNED(addr) IS_ALIGNED((unsigned long)(addr), PAGE_SIZE)
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
#define PFN_ALIGN(x) (((unsigned long)(x) + (PAGE_SIZE - 1)) & PAGE_MASK)
#define PFN_UP(x) (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x) ((x) >> PAGE_SHIFT)
#define PFN_PHYS(x) ((phys_addr_t)(x) << PAGE_SHIFT)
#define PHYS_PFN(x) ((unsigned long)((x) >> PAGE_SHIFT))
#define U8_MAX ((u8)~0U)
#define U16_MAX ((u16)~0U)
#define U32_MAX ((u32)~0U)
#define U64_MAX ((u64)~0ULL)
#define INT_MAX ((int)(~0U >> 1))
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX (~0U)
#define LONG_MAX ((long)(~0UL >> 1))
#define LONG_MIN (-LONG_MAX - 1)
#define ULONG_MAX (~0UL)
#define SIZE_MAX (~(size_t)0)

/* include/linux/container_of.h, list.h, rbtree.h: their pointers into structs */
#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first_entry(ptr, type, member) list_entry((ptr)->next, type, member)
#define list_last_entry(ptr, type, member) list_entry((ptr)->prev, type, member)
#define list_first_entry_or_null(ptr, type, member) ({ struct list_head *__head = (ptr); \\
	struct list_head *__pos = READ_ONCE(__head->next); \\
	__pos != __head ? list_entry(__pos, type, member) : NULL; })
#define list_next_entry(pos, member) list_entry((pos)->member.next, typeof(*(pos)), member)
#define list_prev_entry(pos, member) list_entry((pos)->member.prev, typeof(*(pos)), member)
#define list_entry_is_head(pos, head, member) (&(pos)->member == (head))
#define hlist_entry(ptr, type, member) container_of(ptr, type, member)
#define hlist_entry_safe(ptr, type, member) \\
	({ typeof(ptr) __hp = (ptr); __hp ? hlist_entry(__hp, type, member) : NULL; })
#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member) \\
	({ typeof(ptr) __rp = (ptr); __rp ? rb_entry(__rp, type, member) : NULL; })
#define llist_entry(ptr, type, member) container_of(ptr, type, member)
#define list_entry_rcu(ptr, type, member) container_of(READ_ONCE(ptr), type, member)
#define per_cpu(var, cpu) (*per_cpu_ptr(&(var), cpu))
#define __get_cpu_var(var) (*this_cpu_ptr(&(var)))
#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = { .next = &(name), .prev = &(name) }
#define HLIST_HEAD(name) struct hlist_head name = { .first = NULL }
#define LLIST_HEAD(name) struct llist_head name = { .first = NULL }
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

/* include/linux/rcupdate.h, cleanup.h */
#define return_ptr(p) return no_free_ptr(p)
"""

_LOOPS = """
/* include/linux/list.h: T5's and M1's terms only, so that a changed list is seen */
#define list_for_each(pos, head) for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_prev(pos, head) for (pos = (head)->prev; pos != (head); pos = pos->prev)
#define list_for_each_safe(pos, n, head) \\
	for (pos = (head)->next, n = pos->next; pos != (head); pos = n, n = pos->next)
#define list_for_each_entry(pos, head, member) \\
	for (pos = list_first_entry(head, typeof(*pos), member); !list_entry_is_head(pos, head, member); \\
		pos = list_next_entry(pos, member))
#define list_for_each_entry_reverse(pos, head, member) \\
	for (pos = list_last_entry(head, typeof(*pos), member); !list_entry_is_head(pos, head, member); \\
		pos = list_prev_entry(pos, member))
#define list_for_each_entry_continue(pos, head, member) \\
	for (pos = list_next_entry(pos, member); !list_entry_is_head(pos, head, member); \\
		pos = list_next_entry(pos, member))
#define list_for_each_entry_from(pos, head, member) \\
	for (; !list_entry_is_head(pos, head, member); pos = list_next_entry(pos, member))
#define list_for_each_entry_safe(pos, n, head, member) \\
	for (pos = list_first_entry(head, typeof(*pos), member), n = list_next_entry(pos, member); \\
		!list_entry_is_head(pos, head, member); pos = n, n = list_next_entry(n, member))
#define list_for_each_entry_safe_reverse(pos, n, head, member) \\
	for (pos = list_last_entry(head, typeof(*pos), member), n = list_prev_entry(pos, member); \\
		!list_entry_is_head(pos, head, member); pos = n, n = list_prev_entry(n, member))
#define list_for_each_entry_safe_from(pos, n, head, member) \\
	for (n = list_next_entry(pos, member); !list_entry_is_head(pos, head, member); \\
		pos = n, n = list_next_entry(n, member))

/* include/linux/mm.h */
#define for_each_vma(vmi, vma) while (((vma) = vma_next(&(vmi))) != NULL)
#define for_each_vma_range(vmi, vma, end) while (((vma) = vma_find(&(vmi), (end))) != NULL)

/* include/linux/wait.h: the condition is asked anew at each turn */
#define wait_event(wq_head, condition) while (!(condition)) __wait_event_sleep(&(wq_head))
#define wait_event_killable(wq_head, condition) ({ int __wr = 0; \\
	while (!(condition)) { __wr = __wait_event_killable_sleep(&(wq_head)); if (__wr) break; } __wr; })
#define wait_event_interruptible(wq_head, condition) ({ int __wr = 0; \\
	while (!(condition)) { __wr = __wait_event_interruptible_sleep(&(wq_head)); if (__wr) break; } __wr; })
"""


def prelude_text() -> str:
    """Return the table as the text of a header."""
    return _VALUES + _LOOPS + PURE_TEXT + OBSERVING_TEXT
