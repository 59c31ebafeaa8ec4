/**
 * A TCP proxy before Postgres that breaks the connection at a chosen moment: before a statement reaches the server, or after the
 * commit and before the app receives the response. A statement is recognised by a string in it.
 */
import { connect as connectTo, createServer, type Socket } from "node:net";

export type Moment = "before commit" | "after commit";

export type StatementFaults = {
  /** The URL by which the app reaches the database through the proxy. */
  url: string;
  /** Breaks the next connection over which the app sends a statement that contains `mark`. Breaks only one connection. */
  arm(mark: string, moment: Moment): void;
  broken: number;
  close(): Promise<void>;
};

export async function startStatementFaults(databaseUrl: string): Promise<StatementFaults> {
  const target = new URL(databaseUrl);
  const armed = new Map<string, Moment>();
  const sockets = new Set<Socket>();

  function hit(chunk: Buffer): Moment | undefined {
    for (const [mark, moment] of armed) {
      if (!chunk.includes(mark)) continue;
      armed.delete(mark);
      proxy.broken += 1;
      return moment;
    }
    return undefined;
  }

  const server = createServer((app) => {
    const postgres = connectTo({ host: target.hostname, port: Number(target.port), noDelay: true });
    const end = () => {
      for (const socket of [app, postgres]) {
        socket.destroy();
        sockets.delete(socket);
      }
    };
    for (const socket of [app, postgres]) {
      sockets.add(socket);
      socket.on("error", end).on("close", end);
    }
    app.setNoDelay(true);
    app.on("data", (chunk) => {
      const moment = hit(chunk);
      if (moment === "before commit") return end();
      postgres.write(chunk);
      // The server responds to an implicit transaction only once it is committed.
      if (moment === "after commit") postgres.removeAllListeners("data").once("data", end);
    });
    postgres.on("data", (chunk) => app.write(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("no port for the fault proxy");
  const url = new URL(databaseUrl);
  url.port = String(address.port);
  const proxy: StatementFaults = {
    url: url.href,
    broken: 0,
    arm: (mark, moment) => armed.set(mark, moment),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return proxy;
}
