/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_LINUX_STASH_H
#define _UAPI_LINUX_STASH_H

#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * /dev/stash keeps pages of the calling process pinned for a device.
 * All addresses and lengths are multiples of the page size.
 */
#define STASH_IOC		0xBD

struct stash_register {
	__u64 start;
	__u64 len;
	__u64 mode;
};

struct stash_populate {
	__u64 start;
	__u64 len;
#define STASH_MODE_WRITE	((__u64)1 << 0)
#define STASH_MODE_PIN		((__u64)1 << 1)
	__u64 mode;
	/*
	 * The kernel writes this field alone: bytes populated, or a negated
	 * errno. It is written whatever the ioctl returns, but for -EFAULT.
	 */
	__s64 populated;
};

struct stash_drop {
	__u64 start;
	__u64 len;
};

#define STASH_REGISTER		_IOW(STASH_IOC, 0x00, struct stash_register)
#define STASH_POPULATE		_IOWR(STASH_IOC, 0x01, struct stash_populate)
#define STASH_DROP		_IOW(STASH_IOC, 0x02, struct stash_drop)

#endif /* _UAPI_LINUX_STASH_H */
