// What only a process of its own shows: a kill, and the memory of a large instance.

import { expect, test } from "vitest";
import { controlClient } from "../control/client";
import { endProcess, memoryOf, type OwnProcess, startProcess } from "../testing/process";
import { temporaryFolder } from "../testing/temporary-folder";

/** A busy machine's; `npm run clerk:bench` has the figures. */
const generatedWithinMs = 30_000;
const most = 500;

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

test("what was answered is there after a kill -9, by the next process on the same data", async () => {
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
    const { people } = await control.overview();
    expect(people.map(({ email }) => email)).toContain(emailAddress);
  });
  folder.remove();
});

test("100,000 people and 10,000 organizations are made in seconds, and take 500 MB, after a restart too", {
  timeout: 120_000,
}, async () => {
  const folder = temporaryFolder();
  let made = {};
  await withProcess(folder.path, async (running, control) => {
    const began = performance.now();
    made = await control.generate();
    expect(performance.now() - began).toBeLessThan(generatedWithinMs);
    expect(made).toMatchObject({ users: 100_007, organizations: 10_002 });
    expect(memoryOf(running).peak).toBeLessThan(most);
  });
  await withProcess(folder.path, async (running, control) => {
    const { peopleCount, organizationsCount } = await control.overview();
    expect({ users: peopleCount, organizations: organizationsCount }).toEqual({
      users: 100_007,
      organizations: 10_002,
    });
    expect(memoryOf(running).peak).toBeLessThan(most);
  });
  folder.remove();
});
