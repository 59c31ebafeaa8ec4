import { randomUUID } from "node:crypto";
import { expect, newPerson, PASSWORD, signIn, test } from "./fixtures";

test("the console lists a user whose details Clerk did not return, and an admin can retry at once", async ({
  page,
  sql,
}) => {
  const admin = await newPerson("Turnstone", { publicMetadata: { role: "admin" } });
  const person = await newPerson("Sanderling");
  const isMirrored = async () =>
    (await sql("SELECT FROM users WHERE id = $1 AND version > 0", [person.id])).length === 1;
  await expect.poll(isMirrored).toBe(true);
  // Simulates two users whose webhook was lost, and whose details could not be fetched from Clerk at their first API call. Clerk
  // does not know the second user.
  await sql("DELETE FROM users WHERE id = $1", [person.id]);
  const unknown = `user_${randomUUID().replaceAll("-", "")}`;
  for (const [id, error] of [
    [person.id, "timeout"],
    [unknown, "rate_limited"],
  ]) {
    await sql(
      `INSERT INTO provisionings (user_id, attempts, claimed_until, failed_at, error)
       VALUES ($1, 6, now() + interval '1 hour', now(), $2)`,
      [id, error],
    );
  }

  await signIn(page, admin.email, "/admin", PASSWORD);
  const failures = page.getByRole("table", { name: "Profiles still loading" });
  const rowOf = (id: string) =>
    failures.getByRole("row").filter({ has: page.getByRole("button", { name: `Copy id ${id}` }) });
  await expect(rowOf(person.id)).toContainText("Clerk did not answer in time");
  await expect(rowOf(unknown)).toContainText("Clerk’s rate limit was reached");

  await rowOf(unknown).getByRole("button", { name: "Try again" }).click();
  await expect(rowOf(unknown)).toContainText("Failed again");
  await expect(rowOf(unknown)).toContainText("Clerk has no such user");

  await rowOf(person.id).getByRole("button", { name: "Try again" }).click();
  await expect(rowOf(person.id)).toHaveCount(0);
  expect(await isMirrored()).toBe(true);
  const retries = await sql(
    "SELECT actor FROM audit_log WHERE action = 'provisioning.retry' AND subject = $1",
    [person.id],
  );
  expect(retries).toEqual([{ actor: admin.id }]);
  await page.goto(`/admin/users/${person.id}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(person.name);
  await sql("DELETE FROM provisionings WHERE user_id = $1", [unknown]);
});
