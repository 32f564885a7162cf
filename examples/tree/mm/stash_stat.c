// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of the stash, in /proc/stashstat.
 */
#include <linux/init.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/stash.h>

static const char * const stash_stat_name[NR_STASH_STAT] = {
	[STASH_STAT_KEPT]	= "kept",
	[STASH_STAT_DROPPED]	= "dropped",
	[STASH_STAT_RESTART]	= "restart",
};

static DEFINE_SPINLOCK(stash_stat_lock);
static unsigned long stash_stats[NR_STASH_STAT];

void stash_stat_inc(enum stash_stat what)
{
	spin_lock(&stash_stat_lock);
	stash_stats[what]++;
	spin_unlock(&stash_stat_lock);
}

static int stash_stat_show(struct seq_file *m, void *v)
{
	unsigned long stats[NR_STASH_STAT];
	int i;

	spin_lock(&stash_stat_lock);
	for (i = 0; i < NR_STASH_STAT; i++)
		stats[i] = stash_stats[i];
	spin_unlock(&stash_stat_lock);

	for (i = 0; i < NR_STASH_STAT; i++)
		seq_printf(m, "%s %lu\n", stash_stat_name[i], stats[i]);
	return 0;
}

static int __init stash_stat_init(void)
{
	if (!proc_create_single("stashstat", 0444, NULL, stash_stat_show))
		return -ENOMEM;
	return 0;
}
late_initcall(stash_stat_init);
