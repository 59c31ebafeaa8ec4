/** Lints the Dockerfile and compose.yaml with the linters of their own projects, and checks what these do not know of Rollcall. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DCLinter } from "dclint";
import { DockerfileParser } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const pathOf = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const read = (file: string) => readFileSync(pathOf(file), "utf8");

const dockerfile = read("Dockerfile");

/** The instructions of the last stage, as [keyword, arguments]. */
function lastStage(): Map<string, string> {
  const instructions = DockerfileParser.parse(dockerfile).getInstructions();
  const start = instructions.findLastIndex((each) => each.getKeyword() === "FROM");
  return new Map(
    instructions
      .slice(start)
      .map((each) => [each.getKeyword(), each.getArguments().map(String).join(" ")]),
  );
}

test("the Dockerfile has no fault that Docker's builder would refuse or warn of", () => {
  expect(
    validate(dockerfile).map(({ message, range }) => `${range.start.line}: ${message}`),
  ).toEqual([]);
});

test("the image runs as a user without rights, with a health check and the signal that drains", () => {
  const stage = lastStage();
  expect(stage.get("USER")).toBe("node");
  expect(stage.get("STOPSIGNAL")).toBe("SIGTERM");
  expect(dockerfile).toMatch(/^HEALTHCHECK .*CMD \["node", "rollcall\.mjs", "probe"\]$/m);
  // The exec form: a shell as process 1 would not pass SIGTERM on.
  expect(dockerfile).toMatch(/^ENTRYPOINT \["node", "rollcall\.mjs"\]$/m);
  expect(stage.get("COPY")).toContain("/build/.next/standalone");
});

test("every base image has a version, and no secret is an argument or a variable of the image", () => {
  for (const from of DockerfileParser.parse(dockerfile).getFROMs()) {
    const isStage = ["dependencies"].includes(from.getImage() ?? "");
    if (!isStage) expect(from.getImageTag(), from.getImage() ?? "").toMatch(/\d|bookworm/);
  }
  const declared = DockerfileParser.parse(dockerfile)
    .getInstructions()
    .filter((each) => ["ARG", "ENV"].includes(each.getKeyword()))
    .map(String);
  expect(declared.join("\n")).not.toMatch(/SECRET|PASSWORD|TOKEN|KEY\b/);
});

test("the build's context leaves out the env files and the history of the machine that builds", () => {
  const ignored = read(".dockerignore").split("\n");
  for (const name of [".env", ".env.*", ".git", ".next", "**/node_modules"])
    expect(ignored).toContain(name);
});

const hasHaproxy = existsSync("/usr/sbin/haproxy");

test.skipIf(!hasHaproxy)("HAProxy accepts the proxy's configuration", () => {
  const { status, stderr } = spawnSync("/usr/sbin/haproxy", [
    "-c",
    "-f",
    pathOf("ops/haproxy.cfg"),
  ]);
  // Outside of compose, the names of its services have no address; HAProxy warns of that and starts.
  const complaints = String(stderr)
    .split("\n")
    .filter((line) => /ALERT|WARNING/.test(line) && !line.includes("could not resolve address"));
  expect({ status, complaints }).toEqual({ status: 0, complaints: [] });
});

test("compose.yaml is valid by Compose's own schema and has no fault that its linter knows", async () => {
  const linter = new DCLinter({
    rules: {
      // The order of keys and the quotes follow this repository's own style.
      "service-keys-order": 0,
      "services-alphabetical-order": 0,
      "top-level-properties-order": 0,
      "service-dependencies-alphabetical-order": 0,
      "require-quotes-in-ports": [1, { quoteType: "double" }],
      // Roles of one image differ by their command, so each also has the build of that image.
      "no-build-and-image": 0,
      // The proxy is the only service that the network outside reaches.
      "no-unbound-port-interfaces": 0,
    },
    quiet: false,
    debug: false,
    exclude: [],
  });
  const results = await linter.lintFiles([pathOf("compose.yaml")], false);
  const messages = results.flatMap((result) =>
    result.messages.map(({ line, rule, message }) => `${line} ${rule}: ${message}`),
  );
  expect(messages).toEqual([]);
});

const service = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  deploy: z.object({ replicas: z.number() }).optional(),
});
const { services } = z
  .object({ services: z.record(z.string(), service) })
  .parse(parse(read("compose.yaml"), { merge: true }));

test("compose.yaml runs two web processes and each other role, read-only and without capabilities, behind a proxy", () => {
  const roles = ["web", "ingest", "ws", "worker", "migrate"];
  for (const name of roles) {
    const { command, read_only, cap_drop, ports } = services[name] ?? {};
    expect({ command, read_only, cap_drop, ports }, name).toEqual({
      command: [name],
      read_only: true,
      cap_drop: ["ALL"],
      ports: [],
    });
  }
  expect(services.web?.deploy?.replicas).toBe(2);
  const published = Object.entries(services).filter(([, { ports }]) => ports.length > 0);
  expect(published.map(([name]) => name)).toEqual(["proxy"]);
  expect(Object.keys(services)).toEqual(expect.arrayContaining(["postgres", "pgbouncer"]));
});
