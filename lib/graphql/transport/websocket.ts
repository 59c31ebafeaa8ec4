/**
 * Serves the same subscriptions as `sse.ts`, over WebSockets (graphql-ws) and with the same authorization. The client sends its
 * token in `connectionParams.token`. The socket is closed when the token expires. Queries and mutations are refused.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
} from "graphql";
import { useServer as serveOver } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { z } from "zod";
import { findViewer, type Refusal, type Viewer } from "../../identity/viewer";
import { log } from "../../log";
import { listenerWithProbes } from "../../sync/monitoring/probe-server";
import { isTransient } from "../errors";
import { schema } from "../schema";
import { type LiveResults, millisecondsUntil } from "./live-results";
import { openSubscription } from "./open-subscription";

/** The path `/graphql`. People type it into settings, so extra slashes are accepted. */
const PATH = /^\/+graphql\/*(\?|$)/;
const MAX_MESSAGE_BYTES = 16 * 1024;
/** Close code for a missing or invalid token. A graphql-ws client does not reconnect after this code. */
const UNAUTHORIZED = 4401;
/**
 * Close code for an expired token. A graphql-ws client reconnects and calls its `connectionParams` function for a fresh token.
 */
const TOKEN_EXPIRED = 4499;
/** Close code for an unavailable database. A graphql-ws client reconnects. */
const TRY_AGAIN_LATER = 1013;

const connectionParams = z.object({ token: z.string(), resumed: z.boolean().default(false) });

type Connection = { viewer: Viewer; isResumed: boolean };
type Extra = { connection?: Connection };

const toError = ({ message, extensions }: GraphQLFormattedError) =>
  new GraphQLError(message, { ...(extensions && { extensions }) });

const end: IteratorReturnResult<undefined> = { value: undefined, done: true };

type Results = AsyncGenerator<ExecutionResult, undefined>;

/**
 * Adapts the results to the generator type that graphql's `subscribe` returns. The returned object is not a real generator,
 * because a pending `next()` of a real generator blocks `return()`. When the results end, `beforeEnd` is called: with true if the
 * last result was a failure of the server.
 */
function resultsOf(results: LiveResults, beforeEnd: (hasFailed: boolean) => void): Results {
  let hasFailed = false;
  const stop = async () => {
    await results.return();
    return end;
  };
  return {
    async next() {
      const { value, done } = await results.next();
      if (done) {
        beforeEnd(hasFailed);
        return end;
      }
      hasFailed = value.errors?.some(isTransient) ?? false;
      const errors = value.errors?.map(toError);
      return { value: { data: value.data ?? null, ...(errors && { errors }) }, done: false };
    },
    return: stop,
    throw: stop,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function connectionOf(params: unknown): Promise<Connection | Refusal> {
  const parsed = connectionParams.safeParse(params);
  if (!parsed.success) return "missing";
  const asking = await findViewer(new Headers({ authorization: `Bearer ${parsed.data.token}` }));
  return asking.viewer ? { viewer: asking.viewer, isResumed: parsed.data.resumed } : asking.reason;
}

/** The maximum time in ms that a closing server waits for clients to confirm the close. Then it ends their connections. */
const CLOSE_TIMEOUT_MS = 1_000;

const address = z.object({ port: z.number() });

/** The tolerance in ms for a timer that fires before the wall clock reaches its time. */
const TIMER_SKEW_MS = 10;

const millisecondsLeft = ({ viewer }: Connection) => millisecondsUntil(viewer.claims.expiresAt);

type Closable = { socket: Pick<WebSocket, "close"> };

const closeExpired = ({ socket }: Closable) => socket.close(TOKEN_EXPIRED, "Token expired");
const closeTryLater = ({ socket }: Closable) => socket.close(TRY_AGAIN_LATER, "Try again later");

type SubscriptionServer = {
  port: number;
  /** Closes every socket with code 1001, after which a graphql-ws client reconnects. Then stops listening. */
  close(): Promise<void>;
};

const connectWithWebSocket = () => new Response("Connect with a WebSocket.", { status: 426 });

/** Serves subscriptions and the probes on `port`; 0 takes a free one. @throws when the port is in use. */
export async function startWebSocketServer(port: number): Promise<SubscriptionServer> {
  const server = createServer(listenerWithProbes([], connectWithWebSocket));
  // Listen before the WebSocket server exists: if the port is in use, that server would also emit the error.
  server.listen(port);
  await once(server, "listening");
  const sockets = new WebSocketServer({ server, maxPayload: MAX_MESSAGE_BYTES });
  sockets.shouldHandle = ({ url = "" }) => PATH.test(url);
  const opened = new WeakMap<object, Results>();
  const graphqlWs = serveOver<Record<string, unknown>, Extra>(
    {
      schema,
      async onConnect({ connectionParams: params, extra }) {
        const connection = await connectionOf(params);
        if (connection === "unavailable") return closeTryLater(extra);
        if (typeof connection === "string") return extra.socket.close(UNAUTHORIZED, "Unauthorized");
        extra.connection = connection;
        const expiry = setTimeout(() => closeExpired(extra), millisecondsLeft(connection));
        extra.socket.once("close", () => clearTimeout(expiry));
      },
      async onSubscribe({ extra }, _id, payload) {
        const { connection } = extra;
        if (!connection) return [new GraphQLError("Sign in to see this.")];
        const { viewer, isResumed } = connection;
        const subscription = await openSubscription(payload, { viewer }, isResumed ? 0 : null);
        if (!("results" in subscription)) return subscription.errors.map(toError);
        const { results, operation } = subscription;
        const args: ExecutionArgs = { schema, ...operation, contextValue: {} };
        // The expiry timer of the stream may fire before the socket's own timer. A client that received `complete` would not
        // reconnect, so the socket is closed here.
        const beforeEnd = (hasFailed: boolean) => {
          if (hasFailed) closeTryLater(extra);
          else if (millisecondsLeft(connection) <= TIMER_SKEW_MS) closeExpired(extra);
        };
        opened.set(args, resultsOf(results, beforeEnd));
        return args;
      },
      subscribe: (args) =>
        opened.get(args) ?? { errors: [new GraphQLError("This subscription is not open.")] },
    },
    sockets,
  );
  sockets.on("error", (error) => log.error("WebSocket server failed", {}, error));
  return {
    port: address.parse(server.address()).port,
    async close() {
      const terminateAll = () => {
        for (const socket of sockets.clients) socket.terminate();
      };
      const timer = setTimeout(terminateAll, CLOSE_TIMEOUT_MS);
      await graphqlWs.dispose();
      clearTimeout(timer);
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
