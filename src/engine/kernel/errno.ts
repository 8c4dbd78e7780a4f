// include/asm/errno.h: the errors that calls can come to, and others that programs look for. Kernel functions return them negated.

export const ERRNO = {
  EPERM: 1,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EINVAL: 22,
  EFBIG: 27,
} as const;

export const { ESRCH, ENOMEM, EFAULT, EINVAL, EFBIG } = ERRNO;
