/** Finds free TCP ports of this machine. A port is free when nothing listens on it, over IPv4 or IPv6. */
import { createServer } from "node:net";

export async function isPortFree(port: number): Promise<boolean> {
  return (await canListen(port, "127.0.0.1")) && (await canListen(port, "::"));
}

/** Resolves to the first port in `preferred` that is free, or to any free port if none of them is. */
export async function findFreePort(...preferred: number[]): Promise<number> {
  for (const port of preferred) if (await isPortFree(port)) return port;
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no free port"));
        else resolve(address.port);
      });
    });
  });
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      // The system reports that IPv6 is not available, so nothing listens on this port over IPv6.
      resolve(error.code === "EAFNOSUPPORT" || error.code === "EADDRNOTAVAIL");
    });
    server.listen({ port, host }, () => server.close(() => resolve(true)));
  });
}
