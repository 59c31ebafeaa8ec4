/**
 * A TCP proxy before Postgres that can refuse connections, delay responses, stop forwarding, or reset the connection instead of
 * responding.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export type Fault =
  | { kind: "none" }
  /** Closes new and open connections. */
  | { kind: "refuse" }
  /** Delays each response by `ms`. */
  | { kind: "slow"; ms: number }
  /** Drops data in both directions and keeps the connection open, as a half-open connection does. */
  | { kind: "silent" }
  /** Forwards requests, and resets the connection instead of forwarding the response. */
  | { kind: "reset-answer" };

export type FaultProxy = {
  /** The URL of the database, with the proxy's host and port. */
  url: string;
  set(fault: Fault): void;
  /** How many connections were refused. */
  refused: number;
  close(): Promise<void>;
};

export async function startFaultProxy(databaseUrl: string): Promise<FaultProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let fault: Fault = { kind: "none" };

  function toClient(client: Socket, upstream: Socket, chunk: Buffer): void {
    if (fault.kind === "silent") return;
    if (fault.kind === "reset-answer") {
      client.resetAndDestroy();
      upstream.destroy();
    } else if (fault.kind === "slow") setTimeout(() => client.write(chunk), fault.ms);
    else client.write(chunk);
  }

  const server = createServer((client) => {
    if (fault.kind === "refuse") {
      proxy.refused += 1;
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port || 5432), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (chunk) => {
      if (fault.kind !== "silent") upstream.write(chunk);
    });
    upstream.on("data", (chunk) => toClient(client, upstream, chunk));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("no port");
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String(address.port);

  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  const proxy: FaultProxy = {
    url: url.href,
    refused: 0,
    set: (next) => {
      fault = next;
      if (next.kind === "refuse") drop();
    },
    close: async () => {
      drop();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}
