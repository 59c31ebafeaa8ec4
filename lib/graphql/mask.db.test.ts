import { beforeAll, expect, test, vi } from "vitest";
import { POST } from "@/app/api/graphql/route";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { database } from "../db";

const admin = clerkId("user");
beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await caughtUp();
});

test("a client gets only the request id of a database error, and the log has the error without row data", async () => {
  await database().pool.query("ALTER TABLE provisionings RENAME COLUMN attempts TO hidden");
  const written = vi.spyOn(process.stderr, "write");
  const response = await POST(
    new Request("https://rollcall.test/api/graphql", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub: admin })}`,
      },
      body: JSON.stringify({ query: "{ provisioningFailures { userId attempts } }" }),
    }),
  );
  const lines = written.mock.calls.map(([line]) => String(line));
  written.mockRestore();
  const body = await response.text();
  const requestId = response.headers.get("x-request-id") ?? "";
  expect(JSON.parse(body).errors).toEqual([
    {
      message: `Something failed on the server. Quote this request id when you report it: ${requestId}`,
      path: ["provisioningFailures"],
      extensions: { code: "INTERNAL_SERVER_ERROR", requestId },
    },
  ]);
  const line = lines.find((each) => each.includes(requestId)) ?? "";
  expect(JSON.parse(line)).toMatchObject({ level: "error", path: "provisioningFailures" });
  for (const text of [body, line]) {
    expect(text).not.toMatch(/select|column|provisionings\b|stack|at \//i);
  }
});
