/** Clerk's Backend API as far as a test needs it: on a real socket, with answers that the test decides. */
import { createServer, type ServerResponse } from "node:http";
import { z } from "zod";

const address = z.object({ port: z.number() });

export type BackendApi = {
  url: string;
  /** Method and path of every request, in order. */
  asked: string[];
  /** The people Clerk knows. */
  people: Map<string, object>;
  /** Answers instead of the defaults until it is set back. */
  answer: ((response: ServerResponse) => void) | null;
  close(): Promise<void>;
};

export function answerJson(response: ServerResponse, status: number, body: unknown, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

export async function startBackendApi(jwks: object[] = []): Promise<BackendApi> {
  const api: BackendApi = {
    url: "",
    asked: [],
    people: new Map(),
    answer: null,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    api.asked.push(`${request.method} ${path}`);
    if (api.answer) return api.answer(response);
    if (path.startsWith("/v1/jwks")) return answerJson(response, 200, { keys: jwks });
    const person = api.people.get(path.split("/").at(-1) ?? "");
    if (person) return answerJson(response, 200, person);
    answerJson(response, 404, { errors: [{ code: "resource_not_found", message: "not found" }] });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  api.url = `http://127.0.0.1:${address.parse(server.address()).port}`;
  return api;
}
