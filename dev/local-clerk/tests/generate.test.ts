import { expect } from "vitest";
import { test } from "../testing/test";

test("a large instance is made in seconds, answers by index, and is there after a restart", async ({
  site,
  control,
  backend,
}) => {
  const wanted = { users: 5_000, organizations: 500, membersEach: 10 };
  const made = await control.generate(wanted);
  expect(made).toEqual({ users: 5_007, organizations: 502, memberships: 5_006 });
  const seen = new Set<string>();
  for (let offset = 0; offset < 5_007; offset += 500) {
    const { data } = await backend.users.getUserList({ limit: 500, offset });
    for (const { id } of data) seen.add(id);
  }
  expect(seen.size).toBe(5_007);
  const second = await backend.users.getUserList({ emailAddress: ["person-1-7@example.net"] });
  expect(second.data[0]?.publicMetadata).toEqual({});
  await site.restart();
  expect((await site.control.overview()).peopleCount).toBe(5_007);
});
