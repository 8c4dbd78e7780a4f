// `lockbreak step`: scripts from a pipe.

import assert from "node:assert/strict";
import { sequence } from "../patterns.ts";
import { LEFT_MAPPED, LOCKBREAK, lockbreak, scenarioFolder } from "./support.ts";

describe("command line: step", () => {
  const folder = scenarioFolder();
  const good = folder.file("good.vmscn", LOCKBREAK);
  const bug = folder.file("bug.vmscn", LEFT_MAPPED);

  /** The output of each command of a script, and the output before the first. */
  function script(file: string, ...commands: readonly string[]): string[] {
    const { status, stdout, stderr } = lockbreak(["step", file], { input: `${commands.join("\n")}\n` });
    assert.equal(stderr, "");
    assert.equal(status, 0, stdout);
    return stdout.split(/^\(step \d+ event [^)]*\) .*\n/m);
  }

  /** The output of the last command. */
  function last(file: string, ...commands: readonly string[]): string {
    return script(file, ...commands).at(-1)!;
  }

  it("begins at the first statement of a task", () => {
    const [begin] = script(good, "quit");
    assert.match(
      begin!,
      sequence(
        /^good\.vmscn on kernel vmtrunc4\. 'help' lists the commands\.\n/,
        /event \d+\/\d+\+ · 1\.500 µs CPU0 shrink  shrink good\.vmscn:10\n10\ttruncate\(data, 64K\)\n$/,
      ),
    );
  });

  it("steps back as far as it has stepped forward", () => {
    for (const [forth, back] of [
      ["step", "back"],
      ["next", "reverse-next"],
    ] as const) {
      const there = ["break unmap_mapping_range_vma", "continue", "delete 1"];
      const look = ["where", "locals"];
      const steps = forth === "step" ? 25 : 5;
      const before = script(good, ...there, ...look).slice(-2);
      const after = script(good, ...there, ...Array<string>(steps).fill(forth), ...Array<string>(steps).fill(back), ...look).slice(-2);
      assert.deepEqual(after, before, forth);
      assert.match(
        before[0]!,
        /\* #0 +unmap_mapping_range_vma +kernel\/vmtrunc4\/memory\.ts:\d+ [^]*#\d +shrink +good\.vmscn:10 +truncate\(data, 64K\)/,
      );
      assert.match(before[1]!, /vma = viewer\[0\]\.V \(0x40000000-0x40080000\)\nstart_addr = 0x40010000\nend_addr = 0x40080000\n/);
    }
  });

  it("leaves a function forwards and backwards", () => {
    const there = ["break zap_pte_range", "continue"];
    const forward = last(good, ...there, "delete 1", "out", "where");
    assert.match(forward, /\* #0 +unmap_page_range/);
    const backward = last(good, ...there, "delete 1", "reverse-out", "where");
    assert.match(backward, /\* #0 +unmap_page_range .*zap_pte_range\(/);
  });

  it("stops at lockbreaks, shows the restart point, and goes back to the one before", () => {
    const [, , first, vma, address, second, again] = script(
      good,
      "break lockbreak",
      "c",
      "print details->restart_vma",
      "print details.restart_addr",
      "",
      "c",
      "reverse-continue",
      "quit",
    );
    const stop = sequence(
      /^breakpoint 1: shrink drops data\.i_mmap_lock inside viewer\[0\]\.V, to resume at (0x[0-9a-f]+)\n/,
      /(◀ )?event (\d+)\/(\d+)\+ · [\d.]+ µs CPU0 shrink  unmap_mapping_range_vma kernel\/vmtrunc4\/memory\.ts:\d+\n/,
    );
    const [, restart, past, event, furthest] = stop.exec(first!) ?? assert.fail(first);
    assert.equal(past, undefined);
    assert.equal(event, furthest);
    assert.match(vma!, /^details->restart_vma = viewer\[0\]\.V \(0x40000000-0x40080000\) \{\n[^]*  vm_start = 0x40000000\n[^]*\}\n$/);
    assert.equal(address, `details.restart_addr = ${restart}\n`);
    assert.equal(second, address);
    const sixth = script(good, "break lockbreak", "c", "c", "rc");
    const [, , , later] = sixth;
    assert.notEqual(stop.exec(later!)?.[1], restart);
    const back = stop.exec(sixth[4]!) ?? assert.fail(sixth[4]);
    assert.deepEqual([back[1], back[2], back[3]], [restart, "◀ ", event]);
    assert.match(again!, stop);
  });

  it("navigates to steps and events, and stops at the end", () => {
    const end = /^The run has ended; all 2 checks hold\. Go back with [^]*\nevent (\d+)\/\1 /;
    assert.match(last(good, "continue"), end);
    assert.match(last(good, "continue", "continue"), /^The run has ended: go back with /);
    assert.match(last(good, "goto 1"), /^◀ event 1\/\d+\+ · 0 ns helper setup  setup good\.vmscn:5\n5\tV = mmap\(data\)\n$/);
    assert.match(last(good, "goto 1", "back"), /^This is the start of the execution: there is nothing before it\.\n$/);
    assert.match(last(good, "goto event 60"), /^event 6[0-9]\/6[0-9]\+ /);
    assert.match(last(good, "goto 999999999"), end);
    assert.match(last(good, "goto time 20us"), /^event \d+\/\d+\+ · 2\d\.\d+ µs /);
    assert.match(last(good, "goto event 60", "goto event 50", "previous-event"), /^shrink .*\n◀ event 4\d\/6\d\+ /);
    assert.match(last(good, "goto event 50", "next-event", "previous-event", "where"), /#0/);
    assert.match(last(good, "c", "back", "run"), /^◀ event \d+\/\d+ · 1\.500 µs CPU0 shrink  shrink good\.vmscn:10\n/);
  });

  it("breaks at lines, functions and conditions", () => {
    const at = (place: string): string => last(good, `break ${place}`, "c");
    assert.match(at("15"), /^breakpoint 1\n.*CPU1 reader  reader good\.vmscn:15\n15\tB = mmap\(data, offset: 256K, length: 32K\)\n$/);
    assert.match(at("good.vmscn:14 if iteration == 1"), / reader good\.vmscn:14\n/);
    assert.match(at("sys_munmap"), / reader  sys_munmap kernel\/common\/syscalls\.ts:\d+\n/);
    assert.match(
      at("vma_complete if vma->vm_start == 0x40000000 && vma->vm_mm == viewer[1].mmap->vm_mm"),
      /^breakpoint 1: shrink has completed viewer\[1\]\.V/,
    );
    assert.match(
      last(good, "break zap_pte_range if size == 8 pages", "info break"),
      /^breakpoint 1: zap_pte_range, kernel\/common\/memory_zap\.ts:\d+ if size == 8 pages\n$/,
    );
    assert.match(last(good, "list 1"), /^good\.vmscn\n +1 /);
    assert.match(last(good, "list memory_zap.ts:1"), /^kernel\/common\/memory_zap\.ts\n +1 +\/\//);
    assert.match(last(good, "list memory.ts:1"), /^kernel\/vmtrunc4\/memory\.ts\n +1 +\/\//);
    assert.match(
      last(good, "break unmap_mapping_range_vma", "list unmap_mapping_range_vma"),
      /^kernel\/vmtrunc4\/memory\.ts\n[^]*\n● +\d+ /,
    );
    assert.match(last(good, "break lockbreak", "break restart", "delete 1", "info break"), /^breakpoint 2: event restart\n$/);
  });

  it("shows frames, tasks, vmas and locks", () => {
    const there = ["break lockbreak", "c"];
    assert.match(last(good, ...there, "up", "locals"), /details = a zap_details\n/);
    assert.match(last(good, ...there, "frame 99"), /^This is the outermost frame: there are frames 0 to \d\.\n$/);
    assert.match(last(good, ...there, "down"), /^This is the innermost frame\.\n$/);
    assert.match(
      last(good, ...there, "tasks"),
      /\* +2 +CPU0 +shrink is running.*\n +3 +CPU1 +reader waits for data\.i_mmap_lock, which is free by now, and holds editor\.mmap_sem\n/,
    );
    assert.match(last(good, ...there, "task reader", "where"), /#0 .*i_mmap_lock_write\(mapping[^]*reader +good\.vmscn:15/);
    assert.match(
      lockbreak(["step", good, "--kernel", "2.6.11", "--command", "break lockbreak", "--command", "c", "--command", "info vmas"]).stdout,
      /\nviewer\[0\]\.V .* (0x40[0-9a-f]+) +\d+ +tree\n/,
    );
    assert.match(
      last(good, "info vmas"),
      sequence(
        /^vma +addresses +flags +file +pgoff +vm_truncate_count +pages +in\n/,
        /viewer\[0\]\.V +0x40000000-0x40080000 +rw-s +data +0 +0 +128 +tree\n/,
      ),
    );
    assert.match(last(good, ...there, "info locks"), /\ndata\.i_sem +shrink +for [\d.]+ µs\ndata\.i_mmap_lock +free +reader +1\n/);
    assert.match(
      last(good, ...there, "print data"),
      /^data = the file 'data' \{\n  i_size = 65536 \(0x10000\)\n[^]*  truncate_count = 1\n/,
    );
  });

  it("shows the files of /proc, the tree, the last events and memory", () => {
    const there = ["break lockbreak", "c"];
    assert.match(last(good, "maps viewer[1]"), /^40000000-40080000 rw-s 00000000 03:01 1 {10}data\n$/);
    assert.match(
      last(good, "smaps viewer[1]"),
      sequence(
        /^40000000-[^\n]*\nSize: +512 kB\nRss: +512 kB\n/,
        /Shared_Clean: +512 kB\nShared_Dirty: +0 kB\nPrivate_Clean: +0 kB\nPrivate_Dirty: +0 kB\n$/,
      ),
    );
    assert.match(
      last(good, ...there, "lockstat"),
      sequence(
        /^class name +contentions +waittime-max +waittime-total +acquisitions +holdtime-max +holdtime-total\n/,
        /data\.i_mmap_lock: +1 +[\d.]+ +[\d.]+ +\d+ /,
      ),
    );
    assert.match(
      last(good, "info tree data"),
      /^\[0, 127\] viewer\[0\]\.V \(0\), vm_set: viewer\[1\]\.V \(0\)\n└─ left \[0, 15\] editor\.A \(0\)\n$/,
    );
    assert.match(
      last(good, ...there, "info trace 3"),
      sequence(
        /^ +event +time +CPU +task +what happens\n[^]*\n/,
        / +\d+ +[\d.]+ µs +CPU0 +shrink +drops data\.i_mmap_lock inside viewer\[0\]\.V[^\n]*\n$/,
      ),
    );
    assert.equal(last(good, ...there, "info trace 3").split("\n").length, 5);
    assert.match(
      last(good, "x/6 1 << 41"),
      /^0x20000000000: {2}0x00000000 {2}0x00000000 {2}0x00000000 {2}0x00000000\n0x20000000010: {2}0x00000000 {2}0x00000000\n$/,
    );
  });

  it("stops at a bug, before the statement that causes it", () => {
    const stop = /^BUG truncated-mapped: 4 truncated pages are still mapped[^]*\n◀ event \d+\/\d+ · [\d.]+ µs CPU0 shrink  do_truncate /;
    assert.match(last(bug, "continue"), stop);
    assert.match(last(bug, "continue", "where"), /#1 +shrink +bug\.vmscn:8 +truncate\(data, 0\)/);
    assert.match(last(bug, "continue", "back", "next", "next"), stop);
  });

  it("stops at a failed check and at the scenario's own stops", () => {
    const never = folder.file("never.vmscn", `${LOCKBREAK}check never lockbreaks(data) == 1\n`);
    assert.match(
      last(never, "c"),
      /^FAILED +never\.vmscn:21 +check never lockbreaks\(data\) == 1\n +1 == 1, at [^]*\nevent \d+\/\d+\+ · .* shrink /,
    );
    const stop = folder.file(
      "stop.vmscn",
      "file data size 64K\nprocess p { A = mmap(data) }\ntask t in p on cpu 0 {\n  touch(A)\n  stop\n  munmap(A)\n}\n",
    );
    assert.match(last(stop, "c"), /^a stop of the scenario\n.* t stop\.vmscn:5\n/);
    assert.match(last(stop, "c", "c"), /^The run has ended; it has no checks\./);
    assert.match(last(stop, "goto 999999"), /^The run has ended/);
  });

  it("answers invalid commands in one line with a remedy", () => {
    const answers: readonly (readonly [string, RegExp])[] = [
      ["contineu", /^There is no command 'contineu'\. Did you mean 'continue'\?/],
      ["next 3", /takes no argument/],
      ["break", /^Break where\?/],
      ["break munmap", /^There is no kernel function or event 'munmap' to stop at\. Did you mean 'sys_munmap'\?/],
      ["break lockbrake", /Did you mean 'lockbreak'\?/],
      ["break memry.c:12", /^There is no kernel source file 'memry\.c'\./],
      ["break 999", /^There is no statement on line 999 of good\.vmscn/],
      ["break lockbreak if 1 +", /^VMSCN010: /],
      ["delete 7", /^There is no breakpoint 7\./],
      ["print", /^Print what\?/],
      ["print data.truncate_cuont", /^VMSCN039: .* Did you mean 'truncate_count'\?/],
      ["print 1 / 0", /^VMSCN090: /],
      ["goto somewhere", /^Write: goto N/],
      ["task 99", /^There is no task 99/],
      ["info everything", /^Write: info vmas/],
      ["info tree viewer[0]", /^Write: info tree FILE/],
      ["maps data", /^Write: maps PROCESS/],
      ["x/9999 0", /^Write: x\/N ADDRESS/],
      ["x 12345678", /^There is no page table and no struct page at 0xbc614e/],
      ["frame x", /^Write: frame N/],
    ];
    const said = script(good, ...answers.map(([command]) => command)).slice(1);
    answers.forEach(([command, answer], at) => {
      assert.equal(said[at]?.split("\n").length, 2, `${command}: ${said[at]}`);
      assert.match(said[at]!, answer);
    });
    assert.match(
      lockbreak(["step", good, "--kernel", "2.6.9", "--command", "break unmap_mapping_range_vma"]).stdout,
      /\nKernel 2\.6\.9 has no function 'unmap_mapping_range_vma'; vmtrunc4, vmtrunc5, 2\.6\.11, 2\.6\.38, 3\.0 have\.\n/,
    );
  });
});
