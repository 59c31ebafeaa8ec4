/** A receiver of the change feed on a free port of loopback. It records each request, and responds as the test sets. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";

export type Received = { id: string; headers: Record<string, string>; body: string };

export type FeedReceiver = {
  url: string;
  /** All requests in the order of arrival, including requests that got an error response. */
  received: Received[];
  /** Sends the response after a request was recorded. When null, the receiver responds with 204. */
  answer: ((response: ServerResponse, received: Received) => void) | null;
  /** How many connections were opened. */
  connections: number;
  close(): Promise<void>;
};

const listeningAt = z.object({ port: z.number() });
const texts = z.record(z.string(), z.string());

export async function startFeedReceiver(): Promise<FeedReceiver> {
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const headers = texts.parse(request.headers);
    const one = { id: headers["webhook-id"] ?? "", headers, body: await text(request) };
    receiver.received.push(one);
    if (receiver.answer) receiver.answer(response, one);
    else response.writeHead(204).end();
  };
  const server = createServer((request, response) => void handle(request, response));
  server.on("connection", () => {
    receiver.connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = listeningAt.parse(server.address());
  const receiver: FeedReceiver = {
    url: `http://127.0.0.1:${port}/hook`,
    received: [],
    answer: null,
    connections: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
