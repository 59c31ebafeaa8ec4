import { expect, test } from "vitest";
import { controlClient } from "../control/client";
import { backendOf, startClerkFor, startReceiver, temporaryFolder } from "../testing/site";

test("a large instance is made in seconds, answers by index, and is there after a restart", async () => {
  const folder = temporaryFolder();
  const receiver = await startReceiver();
  const { clerk } = await startClerkFor(receiver, folder.path);
  const wanted = { users: 5_000, organizations: 500, membersEach: 10 };
  const made = await controlClient(clerk.url).generate(wanted);
  expect(made).toEqual({ users: 5_007, organizations: 502, memberships: 5_006 });
  const client = backendOf(clerk);
  const seen = new Set<string>();
  for (let offset = 0; offset < 5_007; offset += 500) {
    const { data } = await client.users.getUserList({ limit: 500, offset });
    for (const { id } of data) seen.add(id);
  }
  expect(seen.size).toBe(5_007);
  const second = await client.users.getUserList({ emailAddress: ["person-1-7@example.net"] });
  expect(second.data[0]?.publicMetadata).toEqual({});
  await clerk.close();
  const { clerk: again } = await startClerkFor(receiver, folder.path);
  expect((await controlClient(again.url).overview()).peopleCount).toBe(5_007);
  await again.close();
  await receiver.close();
  folder.remove();
});
