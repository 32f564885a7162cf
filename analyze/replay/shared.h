/* In front of the two functions of a replay, behind the preprocessing of their text: lorelens' own. */
typedef unsigned long rt_u64;
unsigned long rt_call(unsigned, unsigned, unsigned, rt_u64, rt_u64, rt_u64, rt_u64, rt_u64, rt_u64, rt_u64, rt_u64);
unsigned long rt_many(unsigned, unsigned, unsigned, const rt_u64 *);
unsigned long rt_pure(unsigned, unsigned, unsigned, unsigned, const rt_u64 *);
unsigned long rt_step(unsigned, rt_u64, rt_u64, rt_u64);
unsigned long rt_record(const void *, rt_u64);
void rt_fill(void *, rt_u64);
void rt_spread(void *, rt_u64, rt_u64);
unsigned long rt_output(unsigned, unsigned);
unsigned long rt_parameter(unsigned, unsigned);
unsigned long rt_registered(rt_u64, rt_u64, rt_u64);
unsigned long rt_target(rt_u64);
int rt_warn(int);
void rt_stop(void);
void rt_returned(rt_u64);
#define rt_pool ((char *)0x1000000ul)
#define rt_once(x) (*(const volatile __typeof__(x) *)&(x))
#define rt_set_once(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define rt_like(x, v) ((__typeof__((x) + 0))(v))
#define rt_word(x) (x)
#define rt_refill(x, n) rt_spread((void *)&(x), sizeof(x), rt_output(n, 3))
#define rt_r(x) ({ __typeof__(x) rt_t = (x); rt_record(&rt_t, sizeof rt_t); })
#define rt_at(p, root) ((__typeof__(p))rt_registered((rt_u64)(p), (rt_u64)&(root), sizeof(root)))
#define rt_at_array(x, root) ((__typeof__(&(x)[0]))rt_registered((rt_u64)(x), (rt_u64)&(root), sizeof(root)))
static inline int rt_is_err_or_null(rt_u64 p) { return !p || p >= (rt_u64)-4095; }
static inline long rt_ptr_err_or_zero(rt_u64 p) { return p >= (rt_u64)-4095 ? (long)p : 0; }
