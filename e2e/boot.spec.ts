import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { makeKeys, testEnvironment } from "../dev/testing/environment";
import { expect, test } from "./fixtures";
import { LogWatch } from "./log-watch";

const bin = join(process.cwd(), "node_modules/next/dist/bin/next");

/** Starts the production server of this build and waits until it exits. */
async function boot(variables: Record<string, string>) {
  const app = spawn(process.execPath, [bin, "start", "-p", "0", "-H", "localhost"], {
    timeout: 30_000,
    killSignal: "SIGKILL",
    env: { PATH: process.env.PATH ?? "", NODE_ENV: "production", ...variables },
  });
  const ended = new Promise<number | null>((resolve) => app.once("exit", resolve));
  const [code, out, error] = await Promise.all([ended, text(app.stdout), text(app.stderr)]);
  return { code, output: out + error };
}

const complete = testEnvironment(makeKeys(), "postgresql://somebody:secret@127.0.0.1:1/none");

for (const [name, value] of [
  ["CLERK_SECRET_KEY", ""],
  ["CLERK_SECRET_KEY", "sk_test_your_key_goes_here_12345"],
  ["CLERK_WEBHOOK_SIGNING_SECRET", "whsec_xxxxxxxxxxxxxxxxxxxx"],
  ["NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY", ""],
  ["DATABASE_URL", "postgresql://johndoe:randompassword@localhost:5432/mydb"],
] as const) {
  test(`${name}=${value} stops the boot with a message that names the variable and shows no value`, async () => {
    const { code, output } = await boot({ ...complete, [name]: value });
    expect(code).toBe(1);
    expect(output).toContain(`Rollcall cannot start: ${name} is`);
    for (const secret of [value, ...Object.values(complete)].filter(Boolean)) {
      expect(output).not.toContain(secret);
    }
  });
}

test("requireNothingPrivate throws when the app's log contains a secret or personal data", async () => {
  const write = async (line: string) => {
    const app = spawn(process.execPath, ["-e", "console.log(process.argv[1])", line]);
    const watch = new LogWatch();
    watch.follow(app);
    await new Promise((resolve) => app.once("close", resolve));
    return () => watch.requireNothingPrivate(["hunter2"]);
  };
  expect(await write("listening on 3000, user_2abc signed in")).not.toThrow();
  for (const line of ["a@example.com", "Bearer eyJhbGciOiJ.eyJzdWIiOiJ", "pw=hunter2", "Amsel"]) {
    expect(await write(line)).toThrow(/the app's log holds/);
  }
});
