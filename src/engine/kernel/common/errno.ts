// include/asm/errno.h, signal.h: the errors that calls can return, and others that programs test for; kernel functions
// return them negated. And the signals in which an access ends that cannot be served.

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
  EOVERFLOW: 75,
} as const;

export const SIGBUS = 7;
export const SIGSEGV = 11;

export const { ESRCH, ENOMEM, EFAULT, EINVAL, EFBIG, EOVERFLOW } = ERRNO;
