/*
 * What the two functions of a fuzzed pair stand on, natively: made-up memory, callees that answer by what
 * happened so far, a trace of each. Compiled from generated text only, never from a mail. The types that the
 * engine is not told (T1 to T4) are macros of the compiler's command line.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include "fuzz_world.h"

#define OBJECTS 12
#define MOST 600

struct obj pool[OBJECTS];
struct hid hidden[3];
int ints[4][16];
int gx;
unsigned long gl;
struct obj gobj;
T1 zz;

enum { RETURNED, FAULT, ENDLESS, UNDEFINED };
static uint64_t logs[2][MOST], past;
static int length[2], outcome[2], side, events;
static uint64_t seed;
static int distinct, valid, calm, pair_number, patient, turns, seen, ticks;
static sigjmp_buf out;
static uintptr_t top;
static uintptr_t locals[64];
static int locals_length;

static uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t x = a * 0x9e3779b97f4a7c15ul ^ (b + 0x7f4a7c159e3779b9ul);

	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ul;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebul;
	return x ^ x >> 31;
}

/* A number as programs meet them. */
static uint64_t number(uint64_t h)
{
	uint64_t pick = h >> 20;

	switch (h & 15) {
	case 0: case 1: case 2: return 0;
	case 3: case 4: return 1;
	case 5: case 6: case 7: return pick % 6;
	case 8: return -1ul;
	case 9: return -(pick % 30);
	case 10: return 1ul << pick % 64;
	case 11: return (1ul << pick % 64) - 1;
	case 12: return pick % 300;
	case 13: return 0x7fffffff + pick % 3;
	case 14: return 0xffffffff80000000ul + pick % 3 - 1;
	default: return mix(h, 5);
	}
}

static struct obj *pointer(uint64_t h, int own)
{
	if (distinct)
		return own < OBJECTS ? &pool[own] : (valid ? &pool[OBJECTS - 1] : NULL);
	if (!valid && (h & 15) < 2)
		return NULL;
	if (!valid && (h & 15) == 2)
		return (struct obj *)-(long)(1 + h / 16 % 40);
	return &pool[h / 16 % (OBJECTS / 2)];
}

static void fill(struct obj *o, uint64_t h, int next)
{
	o->n = number(mix(h, 1));
	o->m = number(mix(h, 2));
	o->u = number(mix(h, 3));
	o->l = number(mix(h, 4));
	o->w = number(mix(h, 5));
	o->c = number(mix(h, 6));
	o->s = number(mix(h, 7));
	o->ok = number(mix(h, 8)) & 1;
	o->lo = number(mix(h, 9));
	o->hi = number(mix(h, 10));
	o->part = number(mix(h, 11));
	o->next = pointer(mix(h, 12), next);
	for (int i = 0; i < 4; i++)
		o->arr[i] = number(mix(h, 13 + i));
	o->in.a = number(mix(h, 20));
	o->in.b = number(mix(h, 21));
	o->as.word = number(mix(h, 22));
	o->mtx.x = 0;
}

/* A pointer to a local stands in the trace by when it was first seen (P2). */
static uint64_t abstract(uint64_t v)
{
	if (v > top || v < top - 65536)
		return v;
	for (int i = 0; i < locals_length; i++)
		if (locals[i] == v)
			return 0xfe00000000000000ul + i;
	if (locals_length < 64)
		locals[locals_length++] = v;
	return 0xfe00000000000000ul + locals_length - 1;
}

static uint64_t sum(const struct obj *o)
{
	uint64_t h = mix(o->n, o->m);

	h = mix(mix(mix(h, o->u), o->l), o->w);
	h = mix(mix(mix(h, o->c), o->s), o->ok);
	h = mix(mix(mix(h, o->lo), o->hi), o->part);
	h = mix(mix(h, abstract((uint64_t)o->next)), o->in.a);
	for (int i = 0; i < 4; i++)
		h = mix(h, o->arr[i]);
	return mix(mix(h, o->in.b), o->as.word);
}

static uint64_t memory(void)
{
	uint64_t h = mix(gx, gl);

	h = mix(h, sum(&gobj));
	h = mix(h, (uint64_t)zz);
	for (int i = 0; i < OBJECTS; i++)
		h = mix(h, sum(&pool[i]));
	for (int i = 0; i < 3; i++)
		h = mix(mix(mix(h, (uint64_t)hidden[i].a), (uint64_t)hidden[i].b), (uint64_t)hidden[i].c);
	for (int i = 0; i < 64; i++)
		h = mix(h, ints[i / 16][i % 16]);
	return h;
}

static void note(uint64_t v)
{
	past = mix(past, v);
	if (length[side] < MOST)
		logs[side][length[side]++] = v;
	else
		siglongjmp(out, 1 + ENDLESS);
}

/* A callee may change what others can reach. */
static void churn(void)
{
	uint64_t h = mix(past, seed);

	if (calm || (h & 3))
		return;
	struct obj *o = h & 64 ? &pool[h / 128 % 4] : &gobj;

	switch (h / 4 % 16) {
	case 0: o->n = number(h / 512); break;
	case 1: o->m = number(h / 512); break;
	case 2: o->u = number(h / 512); break;
	case 3: o->l = number(h / 512); break;
	case 4: o->c = number(h / 512); break;
	case 5: o->ok = h / 512 & 1; break;
	case 6: o->arr[h / 512 & 3] = number(h / 4096); break;
	case 7: o->in.a = number(h / 512); break;
	case 8: gx = number(h / 512); break;
	case 9: gl = number(h / 512); break;
	case 10: hidden[h / 512 % 2].a = number(h / 4096); break;
	case 11: ints[h / 512 % 3][h / 4096 % 8] = number(h / 65536); break;
	case 12: o->lo = h / 512; break;
	case 13: o->as.word = number(h / 512); break;
	case 14: if (!distinct) o->next = pointer(h / 512, 0); break;
	default: zz = number(h / 512);
	}
}

void rt_event(int name, uint64_t a, uint64_t b, uint64_t c)
{
	note(name);
	note(abstract(a));
	note(abstract(b));
	note(abstract(c));
	note(memory());
	events++;
	churn();
}

uint64_t rt_answer(void) { return number(mix(past, seed + 1)); }

struct obj *rt_pointer(void) { return pointer(mix(past, seed + 2), OBJECTS); }

/* What a pointer to an int that is handed over points to, and what the callee makes of it. */
void rt_out(int *x)
{
	if ((uintptr_t)x >= 4096 && (uintptr_t)x < (uintptr_t)-4096) {
		note(*x);
		*x = number(mix(past, seed + 3));
	}
}

void rt_struct(struct pair *x)
{
	note(x->a);
	note(x->b);
	x->a = number(mix(past, seed + 4));
	if (past & 1)
		x->b = number(mix(past, seed + 5));
}

void rt_touch(void *at, int size)
{
	rt_event(90, (uint64_t)at, size, 0);
	if (!calm && size >= 4 && (past & 1))
		*(int *)at = number(mix(past, seed + 6));
}

/* A local's contents are no part of the memory that an effect carries, but of the trace. */
void rt_write(void *at, uint64_t value)
{
	rt_event(91, (uint64_t)at, value, 0);
}

/* The clock ticks each 2 ms: a run that has seen two ticks (a patient one 600) has no end. */
static void stopped(int signal)
{
	if (signal == SIGVTALRM) {
		if (seen != turns) {
			seen = turns;
			ticks = 0;
		}
		if (++ticks < (patient ? 600 : 3))
			return;
	}
	siglongjmp(out, 1 + (signal == SIGILL || signal == SIGTRAP ? UNDEFINED : signal == SIGVTALRM ? ENDLESS : FAULT));
}

static void run(int which)
{
	uint64_t p[8];

	for (int i = 0; i < OBJECTS; i++)
		fill(&pool[i], mix(seed, 100 + i), 2 + i);
	fill(&gobj, mix(seed, 99), OBJECTS);
	for (int i = 0; i < 3; i++) {
		hidden[i].a = number(mix(seed, 200 + i));
		hidden[i].b = number(mix(seed, 210 + i));
		hidden[i].c = number(mix(seed, 220 + i));
	}
	for (int i = 0; i < 64; i++)
		ints[i / 16][i % 16] = number(mix(seed, 300 + i));
	gx = number(mix(seed, 400));
	gl = number(mix(seed, 401));
	zz = number(mix(seed, 402));
	side = which;
	turns++;
	length[which] = 0;
	past = seed;
	events = locals_length = 0;
	for (int i = 0; i < 8; i++)
		p[i] = number(mix(seed, 500 + i));
	struct obj *a = pointer(mix(seed, 600), 0), *b = pointer(mix(seed, 601), 1);
	int *v = &ints[0][4], *x = distinct || (seed & 4) ? &ints[1][4] : &ints[0][4 + seed / 8 % 2];

	if (!distinct && !valid && seed / 32 % 8 == 0)
		x = NULL;
	else if (!distinct && seed / 32 % 8 == 1)
		x = &pool[0].n;
	int how = sigsetjmp(out, 1);

	if (how == 0) {
		top = (uintptr_t)__builtin_frame_address(0);
		uint64_t r = rt_table[pair_number][which](p[0], p[1], p[2], p[3], p[4], a, b, v, x, &hidden[0]);

		note(abstract(r));
		outcome[which] = RETURNED;
	} else {
		outcome[which] = how - 1;
	}
	length[which] -= how && length[which] == MOST;
	uint64_t end = memory();

	if (length[which] < MOST)
		logs[which][length[which]++] = end;
}

/* Whether one log, but for the memory at its end, is how the other starts. */
static int is_start(void)
{
	int shorter = length[0] < length[1] ? length[0] : length[1];

	return shorter < 2 || !memcmp(logs[0], logs[1], (shorter - 1) * 8ul);
}

/* first, last, distinct, valid, calm, the pair's number: prints the first seed that tells the two apart, or "same N undefined". */
int main(int count, char **given)
{
	struct sigaction action = { .sa_handler = stopped, .sa_flags = SA_NODEFER | SA_ONSTACK };
	static char stack[1 << 16];
	stack_t other = { .ss_sp = stack, .ss_size = sizeof(stack) };
	int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGVTALRM }, undefined = 0, endless = 0, slow = 0;
	uint64_t first_slow = 0;

	if (count < 7)
		return 2;
	struct itimerval clock = { .it_interval = { .tv_usec = 2000 }, .it_value = { .tv_usec = 2000 } };

	sigaltstack(&other, NULL);
	setitimer(ITIMER_VIRTUAL, &clock, NULL);
	for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
	distinct = atoi(given[3]);
	valid = atoi(given[4]);
	calm = atoi(given[5]);
	pair_number = atoi(given[6]);
	for (seed = atol(given[1]); seed < (uint64_t)atol(given[2]); seed++) {
		run(0);
		run(1);
		if (outcome[0] == UNDEFINED || outcome[1] == UNDEFINED) {
			undefined++;
			continue;
		}
		int one = (outcome[0] == ENDLESS) != (outcome[1] == ENDLESS), both = outcome[0] == ENDLESS && !one;

		if (one && is_start()) {	/* perhaps only slow */
			patient = 1;
			run(0);
			run(1);
			patient = 0;
			one = (outcome[0] == ENDLESS) != (outcome[1] == ENDLESS);
			if (one && is_start() && !slow++)
				first_slow = seed;
			if (one && is_start() && slow < 4)
				continue;
			if (one && is_start())
				break;
			both = outcome[0] == ENDLESS && !one;
		}
		endless += both;
		if (endless > 3)
			break;
		if (both && is_start())
			continue;
		if (outcome[0] != outcome[1] || length[0] != length[1] || memcmp(logs[0], logs[1], length[0] * 8ul)) {
			int at = 0;

			while (at < length[0] && at < length[1] && logs[0][at] == logs[1][at])
				at++;
			printf("differ %lu outcomes %d %d at %d of %d %d\n", seed, outcome[0], outcome[1], at, length[0], length[1]);
			if (count > 7)
				for (int i = 0; i < 2; i++) {
					for (int k = 0; k < length[i]; k++)
						printf("%lx ", logs[i][k]);
					printf("\n");
				}
			return 0;
		}
	}
	if (slow) {
		printf("slow %lu times %d\n", first_slow, slow);
		return 0;
	}
	printf("same %d undefined %d\n", (int)(seed - atol(given[1])), undefined);
	return 0;
}
