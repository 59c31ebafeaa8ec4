// Tests that need a separate process: kill -9, and the memory of a large instance.

import { expect, test } from "vitest";
import { controlClient } from "../control/client";
import { endProcess, memoryOf, type OwnProcess, startProcess } from "../testing/process";
import { temporaryFolder } from "../testing/temporary-folder";

/** A generous time limit, because the machine may be busy. `npm run clerk:bench` measures the real figures. */
const maxGenerateMs = 30_000;
const maxMemoryMb = 500;

async function withProcess(
  dataDir: string,
  use: (running: OwnProcess, control: ReturnType<typeof controlClient>) => Promise<void>,
  signal?: NodeJS.Signals,
): Promise<void> {
  const running = await startProcess(dataDir);
  try {
    await use(running, controlClient(running.url));
  } finally {
    await endProcess(running, signal);
  }
}

test("a user whose creation was confirmed by a response still exists after a kill -9", async () => {
  const folder = temporaryFolder();
  const emailAddress = "kept@example.com";
  await withProcess(
    folder.path,
    async (_, control) => {
      await control.users.create({ emailAddress });
    },
    "SIGKILL",
  );
  await withProcess(folder.path, async (_, control) => {
    const { users } = await control.overview();
    expect(users.map(({ email }) => email)).toContain(emailAddress);
  });
  folder.remove();
});

test("100,000 users and 10,000 organizations are generated within 30 s and need less than 500 MB, also after a restart", {
  timeout: 120_000,
}, async () => {
  const folder = temporaryFolder();
  let made = {};
  await withProcess(folder.path, async (running, control) => {
    const began = performance.now();
    made = await control.generate();
    expect(performance.now() - began).toBeLessThan(maxGenerateMs);
    expect(made).toMatchObject({ users: 100_007, organizations: 10_002 });
    expect(memoryOf(running).peak).toBeLessThan(maxMemoryMb);
  });
  await withProcess(folder.path, async (running, control) => {
    const { usersCount, organizationsCount } = await control.overview();
    expect({ users: usersCount, organizations: organizationsCount }).toEqual({
      users: 100_007,
      organizations: 10_002,
    });
    expect(memoryOf(running).peak).toBeLessThan(maxMemoryMb);
  });
  folder.remove();
});
