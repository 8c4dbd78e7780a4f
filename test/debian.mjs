// Packages of Debian that tests need.
import { spawnSync } from "node:child_process";

/** Installs packages where that is allowed: as root, on a system that has apt-get. Elsewhere it does nothing. */
export function install(...packages) {
  if (process.platform !== "linux" || process.getuid() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return;
  console.error(`Installing ${packages.join(" and ")} (apt-get) …`);
  spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
  spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
    stdio: "ignore",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}
