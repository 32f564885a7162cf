"""Error numbers by name: include/uapi/asm-generic/errno-base.h, errno.h and include/linux/errno.h.

They hold on every architecture but alpha, mips, parisc and sparc (from 35 on), so no proof rests on them: a
witness uses them, to be one that a reader and a replay know (V2).
"""

from __future__ import annotations

_FROM_1 = (
    "EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY "
    "EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK "
    "EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP"
)
ERROR_NUMBERS = {name: number for number, name in enumerate(_FROM_1.split(), 1)} | {
    "EWOULDBLOCK": 11, "ENOMSG": 42, "EIDRM": 43, "ENODATA": 61, "ETIME": 62, "EPROTO": 71, "EBADMSG": 74,
    "EOVERFLOW": 75, "EILSEQ": 84, "EUSERS": 87, "EMSGSIZE": 90, "EOPNOTSUPP": 95, "EADDRINUSE": 98,
    "ENOBUFS": 105, "ETIMEDOUT": 110, "EALREADY": 114, "EINPROGRESS": 115, "ESTALE": 116, "EDQUOT": 122,
    "ECANCELED": 125, "EHWPOISON": 133, "ERESTARTSYS": 512, "ERESTARTNOINTR": 513, "ERESTARTNOHAND": 514,
    "ENOTSUPP": 524,
}  # fmt: skip
