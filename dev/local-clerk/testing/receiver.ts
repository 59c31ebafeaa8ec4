// An HTTP server in the app's place. It records every webhook, and responds with the status that the test chooses.

import { createServer } from "node:http";

type ReceivedWebhook = { headers: Record<string, string>; body: string };

export type Receiver = {
  url: string;
  received: ReceivedWebhook[];
  /** Returns the status with which the receiver responds to a webhook. Tests replace this function. */
  answer: (webhook: ReceivedWebhook) => number | Promise<number>;
  close(): Promise<void>;
};

export async function startReceiver(): Promise<Receiver> {
  const received: ReceivedWebhook[] = [];
  const receiver: Receiver = {
    url: "",
    received,
    answer: () => 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
      if (request.method !== "POST") {
        response.end();
        return;
      }
      const webhook = { headers, body: Buffer.concat(chunks).toString("utf8") };
      received.push(webhook);
      const status = await receiver.answer(webhook);
      response.writeHead(status, status >= 300 && status < 400 ? { location: "/elsewhere" } : {});
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port.");
  receiver.url = `http://127.0.0.1:${address.port}`;
  return receiver;
}
