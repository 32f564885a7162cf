// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/stash: the stash for programs.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/stash.h>
#include <linux/uaccess.h>
#include <uapi/linux/stash.h>

#define STASH_MODE_VALID	(STASH_MODE_WRITE | STASH_MODE_PIN)

/**
 * struct stash_ctx - one open file
 * @mm: of the process that opened it, as mmgrab() counts
 */
struct stash_ctx {
	struct mm_struct *mm;
};

static int stash_validate(struct mm_struct *mm, __u64 start, __u64 len)
{
	if (start & ~PAGE_MASK)
		return -EINVAL;
	if (len & ~PAGE_MASK)
		return -EINVAL;
	if (!len)
		return -EINVAL;
	if (start >= mm->task_size || len > mm->task_size - start)
		return -EINVAL;
	return 0;
}

static int stash_ioctl_register(struct stash_ctx *ctx, unsigned long arg)
{
	struct stash_register req;
	int ret;

	if (copy_from_user(&req, (void __user *)arg, sizeof(req)))
		return -EFAULT;
	ret = stash_validate(ctx->mm, req.start, req.len);
	if (ret)
		return ret;
	if (req.mode)
		return -EINVAL;

	return stash_region_add(ctx->mm, req.start, req.start + req.len);
}

static int stash_ioctl_populate(struct stash_ctx *ctx, unsigned long arg)
{
	struct stash_populate __user *user = (void __user *)arg;
	struct stash_populate req;
	unsigned int flags = 0;
	long ret;

	/* The last field is for us to write. */
	if (copy_from_user(&req, user, sizeof(req) - sizeof(__s64)))
		return -EFAULT;
	ret = stash_validate(ctx->mm, req.start, req.len);
	if (ret)
		return ret;
	if (req.mode & ~STASH_MODE_VALID)
		return -EINVAL;

	if (req.mode & STASH_MODE_WRITE)
		flags |= STASH_WRITE;
	flags |= req.mode & STASH_MODE_PIN ? STASH_PIN : STASH_GET;

	if (!mmget_not_zero(ctx->mm))
		return -ESRCH;
	ret = stash_populate(ctx->mm, req.start, req.len >> PAGE_SHIFT, flags);
	mmput(ctx->mm);

	if (ret > 0)
		ret <<= PAGE_SHIFT;
	if (put_user(ret, &user->populated))
		return -EFAULT;
	if (ret < 0)
		return ret;
	return ret == req.len ? 0 : -EAGAIN;
}

static int stash_ioctl_drop(struct stash_ctx *ctx, unsigned long arg)
{
	struct stash_drop req;
	long ret;

	if (copy_from_user(&req, (void __user *)arg, sizeof(req)))
		return -EFAULT;
	ret = stash_validate(ctx->mm, req.start, req.len);
	if (ret)
		return ret;

	ret = stash_drop(ctx->mm, req.start, req.len >> PAGE_SHIFT);
	return ret < 0 ? ret : 0;
}

static long stash_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct stash_ctx *ctx = file->private_data;

	switch (cmd) {
	case STASH_REGISTER:
		return stash_ioctl_register(ctx, arg);
	case STASH_POPULATE:
		return stash_ioctl_populate(ctx, arg);
	case STASH_DROP:
		return stash_ioctl_drop(ctx, arg);
	default:
		return -ENOTTY;
	}
}

static int stash_open(struct inode *inode, struct file *file)
{
	struct stash_ctx *ctx;

	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	if (!ctx)
		return -ENOMEM;
	ctx->mm = current->mm;
	mmgrab(ctx->mm);
	file->private_data = ctx;
	return 0;
}

static int stash_release_file(struct inode *inode, struct file *file)
{
	struct stash_ctx *ctx = file->private_data;

	mmdrop(ctx->mm);
	kfree(ctx);
	return 0;
}

static const struct file_operations stash_fops = {
	.owner		= THIS_MODULE,
	.open		= stash_open,
	.release	= stash_release_file,
	.unlocked_ioctl	= stash_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.llseek		= noop_llseek,
};

static struct miscdevice stash_misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "stash",
	.fops	= &stash_fops,
};
module_misc_device(stash_misc);
