/*
 * What the two functions of a replay stand on: memory that fills itself, stubs that answer, a log.
 *
 * One module holds both functions. A run sets a seed (or the tables of a witness), calls one function, then the other,
 * and compares their logs. clang's thread sanitizer calls a hook in front of every access to memory that is not a
 * private local: the hook faults on the first page, on error pointers and outside every object (rule F1), fills a
 * cell that is read for the first time, and notes stores. Written for lorelens; nothing of it comes from a mail.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

#define OBJECT 16384ul
#define OBJECTS 1024ul
#define WORDS (OBJECT * OBJECTS / 8)
#define LOG 4096u
#define EFFECTS 48u
#define LOCALS 64u
#define DIRTY 512u
#define NAMES 1024u
#define TABLE 4096u

enum outcome { RUNNING, RETURNED, FAULT, STOPPED, UNDEFINED, CUT, SPENT };
enum entry { CALL = 1, STORE, LOCAL, WARNED, READ, WRITE, RETURN, FAULTED, STOP, STEP };
enum kind { VOID, POINTER, INTEGER, WORD, BOOL, PLACE };
enum source { PARAMETER = 1, ANSWER, CELL, LOCAL_CELL, PURE, OUTPUT };

struct side { u64 log[LOG]; u32 length, outcome, wild; };
struct local { u64 base, size, number; };
struct dirty { u64 word, old; };
struct given { u64 source, a, b, value; };
struct observed { u64 source, a, b, value; };

/* The objects, and when each word was filled: behind all that the linker places (sandbox.py, --initial-memory). */
#define rt_pool ((u8 *)0x1000000ul)
#define tag ((u32 *)0x2000000ul)
static u8 kind_at[OBJECT / 8], bools_at[OBJECT / 8];
static u64 owner[OBJECTS];
static u32 used[OBJECTS], used_length;
struct side rt_sides[2];
struct given rt_given[TABLE];
struct observed rt_observed[TABLE];
u32 rt_given_length, rt_observed_length, rt_recording, rt_scripted, rt_flags, rt_zeroes;
u64 rt_seed, rt_last;
u32 rt_side, rt_collided;
static u32 stamp = 1, base_stamp = 1, effects, locals_length, dirty_length, reached_length;
static struct local locals[LOCALS];
static u32 reached[LOCALS];
static struct dirty dirty[DIRTY];
static u32 counts[NAMES], named[LOG], named_length;
static u64 mixed;
static u32 benign, churn, keeps, near;
/* The stack below this address is not the functions': a local there died with the frame that it was in. */
static u64 living;
#define ENTER volatile u8 rt_mark = 0; living = (u64)&rt_mark + rt_mark

extern u8 __data_end, __heap_base;
extern void rt_side_before(void), rt_side_after(void);
extern const u32 rt_kinds[][2];
extern const u32 rt_kinds_length;

static u64 mix(u64 a, u64 b)
{
	u64 x = a * 0x9e3779b97f4a7c15ul ^ (b + 0x7f4a7c159e3779b9ul);

	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ul;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebul;
	return x ^ x >> 31;
}

static void end(u32 outcome)
{
	rt_sides[rt_side].outcome = outcome;
	__builtin_trap();
}

/* An access that no object holds (F1). */
static void wild(void)
{
	rt_sides[rt_side].wild = 1;
	end(FAULT);
}

static void put(u64 value)
{
	struct side *side = &rt_sides[rt_side];

	if (side->length >= LOG)
		end(CUT);
	side->log[side->length++] = value;
}

/* Values */

static u64 object(u64 key)
{
	u64 which = near ? 2 + mix(key, mixed + 77) % 5 : 8 + mix(key, mixed + 77) % (OBJECTS - 16);
	u64 mark = mix(key, mixed) | 1;

	if (!near && owner[which] && owner[which] != mark)
		rt_collided = 1;
	if (!owner[which] && used_length < OBJECTS)
		used[used_length++] = which;
	owner[which] = mark;
	return (u64)&rt_pool[which * OBJECT];
}

static const short errors[] = { 12, 22, 14, 11, 16, 1, 2, 17, 28, 4, 512, 75, 19, 5, 95, 133 };

static u64 integer(u64 h)
{
	u64 pick = h >> 40;

	switch (h & 15) {
	case 0: case 1: case 2: return 0;
	case 3: case 4: return 1;
	case 5: case 6: return pick % 5;
	case 7: return pick % 300;
	case 8: case 9: return -(u64)errors[pick % 16];
	case 10: return 1ul << pick % 32;
	case 11: return 1ul << pick % 64;
	case 12: return (pick & 1) ? -1ul : 0x7ffffffful;
	case 13: return pick % 64 << 12;
	default: return mix(h, 5);
	}
}

static u64 pointer(u64 h, u64 key)
{
	if (!benign) {
		if ((h & 15) < 3)
			return 0;
		if ((h & 15) == 3)
			return -(u64)errors[(h >> 40) % 16];
	}
	return object(key);
}

static u64 value(u32 kind, u64 key)
{
	u64 h = mix(key, mixed);

	switch (kind) {
	case VOID: return 0;
	case POINTER: return pointer(h, key);
	case INTEGER: return integer(h);
	case BOOL: return integer(h) & 1;
	default: return (h >> 60) < (benign ? 10 : 7) ? pointer(h >> 4, key) : integer(h >> 4);
	}
}

static u64 given(u64 source, u64 a, u64 b, u64 otherwise)
{
	for (u32 i = 0; i < rt_given_length; i++)
		if (rt_given[i].source == source && rt_given[i].a == a && rt_given[i].b == b)
			return rt_given[i].value;
	return otherwise;
}

/* A witness names a local object by its number in the log; one that is not there yet has no address. */
static u64 concrete(u64 v)
{
	u32 number = v >> 32 & 0xffffff;

	if (v >> 56 != 0xfe || !number || number > reached_length)
		return v;
	return locals[reached[number - 1]].base + (u32)v;
}

static u64 draw(u64 source, u64 a, u64 b, u32 kind)
{
	u64 key = mix(mix(source, a), b);
	u64 v = !rt_scripted ? value(kind, key)
		: concrete(given(source, a, b, rt_flags & 32 ? value(kind, key) : 0));

	if (rt_recording && rt_observed_length < TABLE)
		rt_observed[rt_observed_length++] = (struct observed){ source, a, b, v };
	return v;
}

/* Memory */

static int in_pool(u64 a) { return a - (u64)rt_pool < OBJECT * OBJECTS; }
static int in_stack(u64 a) { return a >= (u64)&__data_end && a < (u64)&__heap_base; }

static int is_given(u64 w, u64 epoch)
{
	for (u32 i = 0; i < rt_given_length; i++)
		if (rt_given[i].source == CELL && rt_given[i].a == w && rt_given[i].b == epoch)
			return 1;
	return 0;
}

/* Whether the effect numbered `epoch` changed the word, by what it called. */
static int changed(u64 w, u64 epoch)
{
	if (rt_scripted)
		return is_given(w, epoch);
	return churn && !(mix(mix(w, epoch), mixed + 3) & 3);
}

/* A bool holds 0 or 1: every other byte is undefined in C. */
static u64 tidy(u64 w, u64 v)
{
	u32 bools = bools_at[w % (OBJECT / 8)];

	for (u32 i = 0; bools >> i; i++)
		if (bools >> i & 1)
			v &= ~(0xfeul << i * 8);
	return v;
}

static void fill(u64 w)
{
	u64 *cell = (u64 *)&rt_pool[w * 8];
	u32 last = tag[w], kind = kind_at[w % (OBJECT / 8)];

	if (last == stamp)
		return;
	if (last < base_stamp) {
		*cell = tidy(w, draw(CELL, w, 0, kind));
		last = base_stamp;
	}
	for (u32 e = stamp; e > last; e--)
		if (changed(w, e - base_stamp)) {
			*cell = tidy(w, draw(CELL, w, e - base_stamp, kind));
			break;
		}
	tag[w] = stamp;
}

static void check(u64 a, u64 n, int write)
{
	if (n == 0)
		return;
	if (in_pool(a) && in_pool(a + n - 1)) {
		u64 first = (a - (u64)rt_pool) / 8, last = (a + n - 1 - (u64)rt_pool) / 8;

		for (u64 w = first; w <= last; w++) {
			fill(w);
			if (!write)
				continue;
			u32 i = 0;
			while (i < dirty_length && dirty[i].word != w)
				i++;
			if (i == DIRTY)
				end(CUT);
			if (i == dirty_length)
				dirty[dirty_length++] = (struct dirty){ w, *(u64 *)&rt_pool[w * 8] };
		}
		return;
	}
	if (in_stack(a) && in_stack(a + n - 1))
		return;
	if (!write && a >= 65536 && a + n <= (u64)&__data_end && a + n > a)
		return;
	wild();
}

/* Abstract values (P2) */

static u64 abstract(u64 v)
{
	if (!in_stack(v))
		return v;
	u32 i = 0;
	/* A pointer just behind an object is that object's too. */
	while (i < locals_length && !(v >= locals[i].base && v < locals[i].base + locals[i].size))
		i++;
	for (u32 k = 0; i == locals_length && k < locals_length; k++)
		if (v == locals[k].base + locals[k].size)
			i = k;
	if (i == locals_length) {
		if (i == LOCALS)
			end(CUT);
		locals[locals_length++] = (struct local){ v, 0, 0 };
	}
	if (!locals[i].number) {
		reached[reached_length++] = i;
		locals[i].number = reached_length;
	}
	return 0xfeul << 56 | locals[i].number << 32 | (v - locals[i].base);
}

static u64 load(u64 a, u64 n)
{
	u64 v = 0;

	__builtin_memcpy(&v, (void *)a, n);
	return v;
}

/* The memory that goes with an effect or an outcome: stores since the last one, then the reached locals (M6). */
static void memory(void)
{
	for (u32 i = 1; i < dirty_length; i++)
		for (u32 k = i; k && dirty[k].word < dirty[k - 1].word; k--) {
			struct dirty swap = dirty[k];
			dirty[k] = dirty[k - 1];
			dirty[k - 1] = swap;
		}
	for (u32 i = 0; i < dirty_length; i++) {
		u64 v = *(u64 *)&rt_pool[dirty[i].word * 8];

		if (v == dirty[i].old)
			continue;
		put((u64)STORE << 56 | dirty[i].word);
		put(abstract(v));
	}
	dirty_length = 0;
	for (u32 i = 0; i < reached_length; i++) {
		struct local *local = &locals[reached[i]];

		for (u64 at = 0; local->base > living && at < local->size; at += 8) {
			u64 n = local->size - at < 8 ? local->size - at : 8;

			put((u64)LOCAL << 56 | local->number << 32 | at);
			put(abstract(load(local->base + at, n)));
		}
	}
}

static void effect(void)
{
	memory();
	if (++effects > EFFECTS)
		end(CUT);
	stamp++;
}

/* A callee may write the locals whose address it got; those it got earlier only in runs where callees keep them. */
static void write_local(u32 i, u64 id)
{
	struct local *local = &locals[i];

	if (!rt_scripted && (mix(mix(id, effects), mixed + 9) & 3) == 0)
		return;
	for (u64 at = 0; at < local->size; at += 8) {
		u64 n = local->size - at < 8 ? local->size - at : 8;
		u64 key = local->number << 32 | at;

		if (rt_scripted && !(rt_flags & 32)
		    && given(LOCAL_CELL, key, effects, 0) != given(LOCAL_CELL, key, effects, 1))
			continue; /* the witness says nothing of it */
		u64 v = draw(LOCAL_CELL, key, effects, n == 8 ? WORD : INTEGER);
		__builtin_memcpy((void *)(local->base + at), &v, n);
	}
}

static u64 call(u32 type, u32 kind, u32 id, u32 n, const u64 *args)
{
	u32 number = counts[id % NAMES]++;

	if (!number)
		named[named_length++] = id % NAMES;

	put((u64)type << 56 | (u64)n << 32 | id);
	for (u32 i = 0; i < n; i++)
		put(abstract(args[i]));
	effect();
	for (u32 k = 0; k < reached_length; k++) {
		struct local *local = &locals[reached[k]];
		int passed = keeps || rt_scripted;

		for (u32 i = 0; i < n; i++)
			passed |= args[i] >= local->base && args[i] < local->base + local->size;
		if (passed && local->base > living)
			write_local(reached[k], id);
	}
	return draw(ANSWER, rt_scripted ? effects : (u64)id << 32 | number, 0, kind);
}

u64 rt_call(u32 kind, u32 id, u32 n, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h)
{
	u64 args[] = { a, b, c, d, e, f, g, h };

	ENTER;
	return call(CALL, kind, id, n, args);
}

u64 rt_many(u32 kind, u32 id, u32 n, const u64 *args)
{
	ENTER;
	return call(CALL, kind, id, n, args);
}

/* The head of a loop whose macro is not at hand (L7): more, or not. */
u64 rt_step(u32 id, u64 a, u64 b, u64 c)
{
	u64 args[] = { a, b, c };

	ENTER;
	return call(STEP, INTEGER, id, 3, args) & 1;
}

/* Called by functions that are no effect: a value of the arguments, or of memory too (C1). */
u64 rt_pure(u32 kind, u32 id, u32 observing, u32 n, const u64 *args)
{
	u64 key = mix(id, n), seen = 0;

	for (u32 i = 0; i < n; i++)
		key = mix(key, abstract(args[i]));
	for (u32 i = 0; rt_scripted && i < rt_given_length; i++)
		if (rt_given[i].source == PURE && rt_given[i].a == key && rt_given[i].b == (observing ? effects : 0))
			return concrete(rt_given[i].value);
	if (observing) {
		for (u32 i = 0; i < dirty_length; i++) {
			u64 v = *(u64 *)&rt_pool[dirty[i].word * 8];
			if (v != dirty[i].old)
				seen ^= mix(dirty[i].word, v);
		}
		key = mix(key, seen + effects);
	}
	return draw(PURE, key, id, kind);
}

u64 rt_record(const void *record, u64 size)
{
	u64 h = 0, n = size;

	if (size <= 8)
		return abstract(load((u64)record, size));
	for (u64 at = 0; at < n; at += 8)
		h = mix(h, abstract(load((u64)record + at, n - at < 8 ? n - at : 8)));
	return h;
}

void rt_spread(void *record, u64 size, u64 answer)
{
	for (u64 at = 0; at < size; at += 8) {
		u64 v = at ? (rt_scripted ? 0 : integer(mix(answer, at))) : answer;
		__builtin_memcpy((u8 *)record + at, &v, size - at < 8 ? size - at : 8);
	}
}

/* The second filling of a variable that is declared without a value (T11); the first is the compiler's pattern. */
void rt_fill(void *variable, u64 size)
{
	for (u64 i = 0; rt_zeroes && i < size; i++)
		((u8 *)variable)[i] = 0;
}

/* What the last call assigned through its argument at `position`. */
u64 rt_output(u32 position, u32 kind) { return draw(OUTPUT, effects, position, kind); }

u64 rt_parameter(u32 index, u32 kind) { return draw(PARAMETER, index, 0, kind); }

u64 rt_registered(u64 p, u64 base, u64 size)
{
	if (!in_stack(base))
		return p;
	for (u32 i = 0; i < locals_length; i++)
		if (locals[i].base == base) {
			if (size > locals[i].size)
				locals[i].size = size;
			return p;
		}
	if (locals_length == LOCALS)
		end(CUT);
	locals[locals_length++] = (struct local){ base, size, 0 };
	return p;
}

u64 rt_target(u64 p)
{
	if (p < 4096 || p >= -4095ul)
		wild();
	return p;
}

int rt_warn(int fires)
{
	ENTER;
	if (fires) {
		put((u64)WARNED << 56);
		effect();
	}
	return fires;
}

void rt_stop(void)
{
	ENTER;
	put((u64)STOP << 56);
	memory();
	end(STOPPED);
}

void rt_returned(u64 v)
{
	living = (u64)&__heap_base; /* all locals are dead */
	put((u64)RETURN << 56);
	put(abstract(v));
	memory();
}

/* Hooks of the compiler's */

void __tsan_init(void) { }
#define HOOKS(n) \
	void __tsan_read##n(u64 a) { check(a, n, 0); } \
	void __tsan_write##n(u64 a) { check(a, n, 1); } \
	void __tsan_unaligned_read##n(u64 a) { check(a, n, 0); } \
	void __tsan_unaligned_write##n(u64 a) { check(a, n, 1); } \
	void __tsan_read_write##n(u64 a) { check(a, n, 1); } \
	void __tsan_unaligned_read_write##n(u64 a) { check(a, n, 1); } \
	void __tsan_volatile_read##n(u64 a) { volatile_read(a, n); } \
	void __tsan_volatile_write##n(u64 a) { volatile_write(a, n); } \
	void __tsan_unaligned_volatile_read##n(u64 a) { volatile_read(a, n); } \
	void __tsan_unaligned_volatile_write##n(u64 a) { volatile_write(a, n); }

static void volatile_read(u64 a, u64 n)
{
	ENTER;
	check(a, n, 0);
	if (!in_pool(a))
		return;
	put((u64)READ << 56 | n);
	put(a - (u64)rt_pool);
	effect();
	u64 w = (a - (u64)rt_pool) / 8;
	fill(w);
	if (rt_scripted) {
		u64 v = given(ANSWER, effects, 0, load(a, n));
		__builtin_memcpy((void *)a, &v, n);
	} else if (mix(mix(w, effects), mixed + 5) & 1)
		*(u64 *)&rt_pool[w * 8] = tidy(w, draw(CELL, w, effects, kind_at[w % (OBJECT / 8)]));
}

/* The value is seen with the next effect, as the store that it is. */
static void volatile_write(u64 a, u64 n)
{
	ENTER;
	if (in_pool(a)) {
		put((u64)WRITE << 56 | n);
		put(a - (u64)rt_pool);
		effect();
	}
	check(a, n, 1);
}

HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)

void *memcpy(void *to, const void *from, u64 n)
{
	check((u64)from, n, 0);
	check((u64)to, n, 1);
	for (u64 i = 0; i < n; i++)
		((volatile u8 *)to)[i] = ((const u8 *)from)[i];
	return to;
}

void *memmove(void *to, const void *from, u64 n)
{
	check((u64)from, n, 0);
	check((u64)to, n, 1);
	if (to < from)
		for (u64 i = 0; i < n; i++)
			((volatile u8 *)to)[i] = ((const u8 *)from)[i];
	else
		while (n--)
			((volatile u8 *)to)[n] = ((const u8 *)from)[n];
	return to;
}

void *memset(void *to, int c, u64 n)
{
	check((u64)to, n, 1);
	for (u64 i = 0; i < n; i++)
		((volatile u8 *)to)[i] = c;
	return to;
}

void *__tsan_memcpy(void *to, const void *from, u64 n) { return memcpy(to, from, n); }
void *__tsan_memmove(void *to, const void *from, u64 n) { return memmove(to, from, n); }
void *__tsan_memset(void *to, int c, u64 n) { return memset(to, c, n); }

void __ubsan_handle_shift_out_of_bounds_minimal_abort(void) { end(UNDEFINED); }
void __ubsan_handle_divrem_overflow_minimal_abort(void) { end(FAULT); }
void __ubsan_handle_load_invalid_value_minimal_abort(void) { end(UNDEFINED); }
void __ubsan_handle_builtin_unreachable_minimal_abort(void) { end(UNDEFINED); }

/* Runs */

/* Bit-fields of odd widths are read without a hook: what the other run left there must not be seen. */
static void forget(u32 which)
{
	u64 *at = (u64 *)&rt_pool[which * OBJECT];

	for (u32 i = 0; i < 512; i++)
		at[i] = 0;
}

static void begin(void)
{
	struct side *side = &rt_sides[rt_side];

	side->length = side->wild = 0;
	side->outcome = RUNNING;
	stamp += 2;
	base_stamp = stamp;
	effects = locals_length = dirty_length = reached_length = 0;
	while (named_length)
		counts[named[--named_length]] = 0;
	for (u32 i = 0; i < used_length; i++)
		forget(used[i]);
	for (u32 i = 1; i < (rt_scripted ? 64 : 2); i++)
		forget(i);
	if (rt_side == 0) {
		rt_collided = 0;
		while (used_length)
			owner[used[--used_length]] = 0;
	}
	mixed = mix(rt_seed, 0x5eed);
	benign = mixed % 3 == 0;
	churn = (mixed >> 8) % 3 == 0 && rt_flags & 2;
	keeps = (mixed >> 16) % 3 == 0 && rt_flags & 4;
	near = (mixed >> 24) % 2 == 0 && rt_flags & 8;
}

/* 1 where the logs of this seed differ, before either side was cut off or went undefined. */
static int differs(void)
{
	struct side *a = &rt_sides[0], *b = &rt_sides[1];
	u32 n = a->length < b->length ? a->length : b->length;

	for (u32 i = 0; i < n; i++)
		if (a->log[i] != b->log[i])
			return !rt_collided;
	/* P5: an end on one side only, where the other goes on for ever without an effect */
	if (a->length <= b->length && a->outcome == SPENT && b->outcome < UNDEFINED)
		return !rt_collided;
	if (b->length <= a->length && b->outcome == SPENT && a->outcome < UNDEFINED)
		return !rt_collided;
	if (a->outcome >= UNDEFINED && a->length <= b->length)
		return 0;
	if (b->outcome >= UNDEFINED && b->length <= a->length)
		return 0;
	return (a->length != b->length || a->outcome != b->outcome) && !rt_collided;
}

/* After a trap: division, a wild address or the fuel leaves the outcome open; a fault is the log's last entry. */
void rt_trapped(u32 out_of_fuel)
{
	struct side *side = &rt_sides[rt_side];

	if (side->outcome == RUNNING)
		side->outcome = out_of_fuel ? SPENT : FAULT;
	if (side->outcome == FAULT) {
		if (side->length < LOG) {
			side->log[side->length++] = (u64)FAULTED << 56;
		} else {
			side->outcome = CUT;
		}
	}
	rt_side++;
}

/* Run from (rt_seed, rt_side) on, up to rt_last; 1 at a difference, which rt_seed then names, else 0. */
u32 rt_go(void)
{
	for (;;) {
		if (rt_side == 2) {
			if (differs())
				return 1;
			rt_side = 0;
			if (++rt_seed >= rt_last)
				return 0;
		}
		begin();
		if (rt_side == 0)
			rt_side_before();
		else
			rt_side_after();
		rt_sides[rt_side].outcome = RETURNED;
		rt_side++;
	}
}

void rt_begin(void)
{
	for (u32 i = 0; i < OBJECT / 8; i++)
		kind_at[i] = WORD;
	for (u32 i = 0; i < rt_kinds_length; i++)
		if (rt_kinds[i][1] == PLACE)
			continue; /* for the witness alone */
		else if (rt_kinds[i][0] < OBJECT && rt_kinds[i][1] != BOOL)
			kind_at[rt_kinds[i][0] / 8] = rt_kinds[i][1];
		else if (rt_kinds[i][0] < OBJECT)
			bools_at[rt_kinds[i][0] / 8] |= 1u << rt_kinds[i][0] % 8;
	rt_side = 0;
}
