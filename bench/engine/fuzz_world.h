/* The types and functions of fuzzed pairs, natively; fuzz.py tells the engine a part of them. */
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#ifndef T1
#define T1 int
#define T2 unsigned long
#define T3 unsigned char
#define T4 long
#endif

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
struct mutex { int x; };
struct obj {
	int n; int m; unsigned int u; long l; unsigned long w; unsigned char c; short s; bool ok;
	unsigned int lo:3; unsigned int hi:5; int part:4;
	struct obj *next; int arr[4];
	struct { int a; long b; } in;
	union { unsigned int word; unsigned short half; } as;
	struct mutex mtx;
};
struct pair { int a; long b; };
struct hid { T1 a; T2 b; T3 c; };
extern int gx;
extern unsigned long gl;
extern struct obj gobj;
extern T1 zz;

void rt_event(int name, uint64_t a, uint64_t b, uint64_t c);
uint64_t rt_answer(void);
struct obj *rt_pointer(void);
void rt_out(int *x);
void rt_struct(struct pair *x);
void rt_touch(void *at, int size);
void rt_write(void *at, uint64_t value);
typedef uint64_t rt_function(int, unsigned int, long, unsigned char, bool, struct obj *, struct obj *, int *, int *,
			     struct hid *);
extern rt_function *const rt_table[][2];

static inline int g(int x) { rt_event(1, (uint64_t)x, 0, 0); return rt_answer(); }
static inline long h(long x, struct obj *p) { rt_event(2, x, (uint64_t)p, 0); return rt_answer(); }
static inline bool more(void) { rt_event(3, 0, 0, 0); return (rt_answer() & 3) == 1; }
static inline unsigned char narrow(short x) { rt_event(4, (uint64_t)x, 0, 0); return rt_answer(); }
static inline struct obj *get(struct obj *p) { rt_event(5, (uint64_t)p, 0, 0); return rt_pointer(); }
static inline void put(struct obj *p) { rt_event(6, (uint64_t)p, 0, 0); }
static inline void read_len(int *x) { rt_event(7, (uint64_t)x, 0, 0); rt_out(x); }
static inline int send(struct pair *x) { rt_event(8, (uint64_t)x, 0, 0); rt_struct(x); return rt_answer(); }
static inline T4 unk(T2 x) { rt_event(9, (uint64_t)x, 0, 0); return rt_answer(); }
static inline T3 unkp(struct hid *x, T1 y) { rt_event(10, (uint64_t)x, (uint64_t)y, 0); return rt_answer(); }
static inline void mutex_lock(struct mutex *m) { rt_event(11, (uint64_t)m, 0, 0); }
static inline void mutex_unlock(struct mutex *m) { rt_event(12, (uint64_t)m, 0, 0); }
static inline void rt_guarded(struct mutex **m) { mutex_unlock(*m); }

/* What the engine's table says only reads: include/linux/bitops.h, hugetlb.h, mm.h; what it reads is made up. */
struct hstate;
typedef unsigned long vm_flags_t;
static inline bool test_bit(long nr, const unsigned long *at) { return *at >> (nr & 63) & 1; }
static inline unsigned int huge_page_order(struct hstate *h)
{
	struct obj *p = (struct obj *)h;

	return p->u & 1 ? p->n : p->arr[1];
}
static inline bool is_cow_mapping(vm_flags_t flags) { return (flags & 6) == 2; }

#define RT_NAME2(a, b) a##b
#define RT_NAME(a, b) RT_NAME2(a, b)
#define guard(class) rt_guard_##class
#define rt_guard_mutex(m) \
	struct mutex *RT_NAME(rt_held, __LINE__) __attribute__((cleanup(rt_guarded))) = (m); \
	mutex_lock(RT_NAME(rt_held, __LINE__))
#define scoped_guard(class, m) rt_scoped_##class(m)
#define rt_scoped_mutex(m) \
	for (struct mutex *rt_scoped __attribute__((cleanup(rt_guarded))) = (m), \
	     *rt_once = (mutex_lock(rt_scoped), (struct mutex *)1); rt_once; rt_once = NULL)
/* An access that faults is no event (F1): the place is read before it is logged. */
#define RT_REACH(x) ((void)*(volatile char *)&(x))
#define READ_ONCE(x) ({ RT_REACH(x); rt_touch((void *)&(x), sizeof(x)); (x); })
#define WRITE_ONCE(x, v) ({ __typeof__(x) __w = (v); RT_REACH(x); rt_write((void *)&(x), (uint64_t)__w); (x) = __w; })
#define likely(x) (!!(x))
#define unlikely(x) (!!(x))
#define __auto(x, y, op) ({ __auto_type __x = (x); __auto_type __y = (y); __x op __y ? __x : __y; })
#define min(x, y) __auto(x, y, <)
#define max(x, y) __auto(x, y, >)
#define __as(t, x, y, op) ({ t __x = (x); t __y = (y); __x op __y ? __x : __y; })
#define min_t(t, x, y) __as(t, x, y, <)
#define max_t(t, x, y) __as(t, x, y, >)
#define swap(a, b) do { __typeof__(a) __s = (a); (a) = (b); (b) = __s; } while (0)
#define BIT(n) (1UL << (n))
#define ALIGN(x, a) (((x) + ((__typeof__(x))(a) - 1)) & ~((__typeof__(x))(a) - 1))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define IS_ERR(p) ((unsigned long)(p) >= (unsigned long)-4095)
#define IS_ERR_OR_NULL(p) (!(p) || IS_ERR(p))
#define ERR_PTR(e) ((void *)(long)(e))
#define PTR_ERR(p) ((long)(p))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
