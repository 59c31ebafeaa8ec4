/**
 * Detects that the npm which started this process has exited. npm runs a script through a shell. The shell ends on SIGTERM
 * without forwarding the signal, and keeps running if npm is killed. Without this check, the script would go on running. Plain
 * JavaScript, because `next.mjs` runs where the development packages are missing.
 */
import { readFileSync } from "node:fs";

const CHECK_MS = 250;

/** @param {number} pid @param {string} name */
function readProc(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}

/** @param {number} pid */
function findParent(pid) {
  const stat = readProc(pid, "stat");
  // The second field of /proc/PID/stat is the process name in brackets, which may contain spaces and brackets.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
}

/**
 * Calls `callback` once, when the shell or npm itself has exited; never for a process that npm did not start. Only Linux reports
 * the parent of the shell: on other systems, only the shell is observed.
 * @param {() => void} callback
 */
export function onNpmExit(callback) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  // A shell such as bash may replace itself by the command, so that npm itself is the parent of this process. Then only npm is
  // observed, because npm's own parent may exit while npm runs on.
  const isShell = readProc(shell, "cmdline").split("\0")[1] === "-c";
  const npm = isShell ? findParent(shell) : undefined;
  const timer = setInterval(() => {
    if (process.ppid === shell && (npm === undefined || findParent(shell) === npm)) return;
    clearInterval(timer);
    callback();
  }, CHECK_MS);
  timer.unref();
}
