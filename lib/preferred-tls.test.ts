/** Tests PreferredTlsStream with stub servers that respond to a request for TLS as Postgres does. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext, TLSSocket } from "node:tls";
import { afterAll, afterEach, expect, test } from "vitest";
import { z } from "zod";
import { PreferredTlsStream } from "./preferred-tls";

const folder = mkdtempSync(join(tmpdir(), "tls-"));
afterAll(() => rmSync(folder, { recursive: true }));

function secureContext() {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=db.test", "-days", "2", "-keyout", key, "-out", cert];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject], {
    stdio: "ignore",
  });
  return createSecureContext({ key: readFileSync(key), cert: readFileSync(cert) });
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Starts a server that responds to the first message of a connection with `answer`. Resolves to its port. */
async function listen(answer: string, then: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (request) => {
      expect(request.toString("hex")).toBe("0000000804d2162f");
      socket.write(answer);
      then(socket);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return z.object({ port: z.number() }).parse(server.address()).port;
}

/**
 * Sends a megabyte to a server that sends it back. Resolves to `echoed` if the text came back unchanged, otherwise to `damaged`.
 */
async function echo(port: number): Promise<string> {
  const stream = new PreferredTlsStream().connect(port, "127.0.0.1");
  const sent = "rollcall".repeat(131_072);
  stream.once("connect", () => stream.write(sent));
  let received = "";
  await new Promise<void>((resolve, reject) => {
    stream.on("error", reject);
    stream.on("data", (chunk) => {
      received += chunk.toString();
      if (received.length >= sent.length) resolve();
    });
  });
  stream.destroy();
  return received === sent ? "echoed" : "damaged";
}

test("with sslmode=prefer, the connection to a server without TLS is not encrypted", async () => {
  const port = await listen("N", (socket) => socket.pipe(socket));
  expect(await echo(port)).toBe("echoed");
});

test("with sslmode=prefer, the connection to a server with TLS is encrypted, and its certificate is not verified", async () => {
  const context = secureContext();
  let isEncrypted = false;
  const port = await listen("S", (socket) => {
    const session = new TLSSocket(socket, { isServer: true, secureContext: context });
    session.on("secure", () => {
      isEncrypted = true;
    });
    session.on("error", () => undefined);
    session.pipe(session);
  });
  expect(await echo(port)).toBe("echoed");
  expect(isEncrypted).toBe(true);
});

test.each(["E", "SX", "HTTP/1.1 400 Bad Request"])(
  "a connection fails with an error if the server responds to the request for TLS with %j",
  async (answer) => {
    const port = await listen(answer, () => undefined);
    await expect(echo(port)).rejects.toThrow("did not answer the request for TLS");
  },
);
