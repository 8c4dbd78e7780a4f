// What all kernel variants have in common: every function of the model, for a variant's own ones to be laid over.

import * as sched from "../machine/sched.ts";
import * as semaphore from "../machine/semaphore.ts";
import * as shared from "../machine/shared.ts";
import * as spinlock from "../machine/spinlock.ts";
import * as fault from "./fault.ts";
import * as filemap from "./filemap.ts";
import * as fork from "./fork.ts";
import * as fremap from "./fremap.ts";
import * as hugetlb from "./hugetlb.ts";
import * as i_mmap from "./i_mmap.ts";
import * as inode from "./inode.ts";
import * as lib_prio_tree from "./lib_prio_tree.ts";
import * as lib_prio_tree_bits from "./lib_prio_tree_bits.ts";
import * as madvise from "./madvise.ts";
import * as memory from "./memory.ts";
import * as memory_pte from "./memory_pte.ts";
import * as memory_zap from "./memory_zap.ts";
import * as memory_fault from "./memory_fault.ts";
import * as mmap from "./mmap.ts";
import * as mprotect from "./mprotect.ts";
import * as mremap from "./mremap.ts";
import * as msync from "./msync.ts";
import * as page_alloc from "./page_alloc.ts";
import * as pgtable from "./pgtable.ts";
import * as prio_tree from "./prio_tree.ts";
import * as pte_ops from "./pte_ops.ts";
import * as rmap from "./rmap.ts";
import * as slab from "./slab.ts";
import * as syscalls from "./syscalls.ts";
import * as tlb from "./tlb.ts";
import * as tlbflush from "./tlbflush.ts";
import * as truncate from "./truncate.ts";
import * as truncate_count from "./truncate_count.ts";
import * as vmscan from "./vmscan.ts";

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
