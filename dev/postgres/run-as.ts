/**
 * Chooses the user that the Postgres server runs as. Postgres refuses to run as root, so for root this tries, in order: the owner
 * of the data or of its parent folder, the user `postgres`, the user `nobody`. A user is chosen only if it can access the
 * binaries and the data. If none can (a project below /root), the server runs in a user namespace in which root has another uid.
 * Creates no users, and changes the mode of no folder but the data folder.
 */
import { execFileSync, type SpawnOptions, spawnSync } from "node:child_process";
import { chownSync, lchownSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../../lib/errors";

/** The command prefix and the options that start a program as a user other than root. */
export type RunAs = { prefix: string[]; options: Pick<SpawnOptions, "uid" | "gid"> };

type Identity = { uid: number; gid: number };

const NAMESPACE = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"];

/** Chooses the user for Postgres. `dataDir` must exist. If this process is root, changes the owner of `dataDir` to that user. */
export function findRunAs(dataDir: string, binary: string): RunAs {
  if (process.getuid?.() !== 0) return { prefix: [], options: {} };

  const owner = statSync(dataDir);
  const home = statSync(dirname(dirname(dataDir)));
  const candidates = [owner, home, findUser("postgres"), findUser("nobody")];
  const belongsToRoot = owner.uid === 0 && readdirSync(dataDir).length > 0;
  if (belongsToRoot && canMapRoot(binary)) return { prefix: NAMESPACE, options: {} };

  for (const candidate of candidates) {
    if (candidate === undefined || candidate.uid === 0) continue;
    const { uid, gid } = candidate;
    handOver(dataDir, { uid, gid });
    if (canReach({ uid, gid }, binary, dataDir)) return { prefix: [], options: { uid, gid } };
  }

  handOver(dataDir, { uid: 0, gid: 0 });
  if (canMapRoot(binary)) return { prefix: NAMESPACE, options: {} };

  throw new UserError(
    `Postgres refuses to run as root, and no other user can reach ${dataDir}. Let other users read the project (chmod -R o+rX) and enter the folders above it (chmod o+x), run it as a normal user, or set DATABASE_URL.`,
  );
}

function canMapRoot(binary: string): boolean {
  const [command = "", ...args] = [...NAMESPACE, binary, "--version"];
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

function findUser(name: string): Identity | undefined {
  const id = (flag: string) =>
    Number(
      execFileSync("id", [flag, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
    );
  try {
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}

/**
 * Tests in a shell of the given user whether the binary runs and the data folder is writable. Only the system itself applies all
 * modes, ACLs and mount options.
 */
function canReach({ uid, gid }: Identity, binary: string, dataDir: string): boolean {
  const script = '"$1" --version && test -w "$2" && test -x "$2"';
  const options = { uid, gid, cwd: "/", stdio: "ignore" as const };
  return spawnSync("/bin/sh", ["-c", script, "sh", binary, dataDir], options).status === 0;
}

function handOver(folder: string, { uid, gid }: Identity): void {
  const paths = [folder, ...readdirSync(folder).map((name) => join(folder, name))];
  if (paths.every((path) => statSync(path).uid === uid)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    lchownSync(join(entry.parentPath, entry.name), uid, gid);
  }
  chownSync(folder, uid, gid);
}
