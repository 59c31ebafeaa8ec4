import { request } from "node:http";

type Call = { method: string; headers: Record<string, string>; body: string };

/**
 * Sends the headers of a request. Once the server has started to handle the request ("100 Continue"), runs `meanwhile` and then
 * sends the body. Resolves to the status of the response.
 */
export function callWithLateBody(
  url: string,
  { method, headers, body }: Call,
  meanwhile: () => Promise<unknown>,
): Promise<number | undefined> {
  const length = { "content-length": Buffer.byteLength(body), expect: "100-continue" };
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers: { ...headers, ...length } }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
    });
    call.on("error", reject);
    call.on("continue", () => void meanwhile().then(() => call.end(body), reject));
    call.flushHeaders();
  });
}
