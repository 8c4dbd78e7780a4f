// What all kernel variants have in common: every function of the model, for a variant's own ones to be laid over.

import * as lib_prio_tree from "./lib_prio_tree.ts";
import * as prio_tree from "./prio_tree.ts";

export const common = { ...lib_prio_tree, ...prio_tree };
