// What all kernel variants have in common: every function of the model, of which a variant replaces some.

import * as sched from "../machine/sched.ts";
import * as semaphore from "../machine/semaphore.ts";
import * as shared from "../machine/shared.ts";
import * as spinlock from "../machine/spinlock.ts";
import * as fault from "./common/fault.ts";
import * as filemap from "./common/filemap.ts";
import * as fork from "./common/fork.ts";
import * as fremap from "./common/fremap.ts";
import * as hugetlb from "./common/hugetlb.ts";
import * as i_mmap from "./common/i_mmap.ts";
import * as inode from "./common/inode.ts";
import * as lib_prio_tree from "./common/lib_prio_tree.ts";
import * as lib_prio_tree_bits from "./common/lib_prio_tree_bits.ts";
import * as madvise from "./common/madvise.ts";
import * as memory from "./common/memory.ts";
import * as memory_pte from "./common/memory_pte.ts";
import * as memory_zap from "./common/memory_zap.ts";
import * as memory_fault from "./common/memory_fault.ts";
import * as mmap from "./common/mmap.ts";
import * as mprotect from "./common/mprotect.ts";
import * as mremap from "./common/mremap.ts";
import * as msync from "./common/msync.ts";
import * as page_alloc from "./common/page_alloc.ts";
import * as pgtable from "./common/pgtable.ts";
import * as prio_tree from "./common/prio_tree.ts";
import * as pte_lock from "./common/pte_lock.ts";
import * as pte_ops from "./common/pte_ops.ts";
import * as rmap from "./common/rmap.ts";
import * as slab from "./common/slab.ts";
import * as syscalls from "./common/syscalls.ts";
import * as tlb from "./common/tlb.ts";
import * as tlbflush from "./common/tlbflush.ts";
import * as truncate from "./common/truncate.ts";
import * as truncate_count from "./common/truncate_count.ts";
import * as vmscan from "./common/vmscan.ts";

export const common = {
  ...sched,
  ...spinlock,
  ...semaphore,
  ...shared,
  ...lib_prio_tree,
  ...lib_prio_tree_bits,
  ...prio_tree,
  ...page_alloc,
  ...pgtable,
  ...pte_lock,
  ...pte_ops,
  ...rmap,
  ...slab,
  ...tlb,
  ...tlbflush,
  ...hugetlb,
  ...inode,
  ...i_mmap,
  ...memory,
  ...memory_pte,
  ...memory_zap,
  ...memory_fault,
  ...fault,
  ...filemap,
  ...truncate,
  ...truncate_count,
  ...mmap,
  ...mprotect,
  ...mremap,
  ...fremap,
  ...madvise,
  ...msync,
  ...vmscan,
  ...fork,
  ...syscalls,
};
