/**
 * A GraphQL server on a real socket. It records the requests. A test can publish to its streams, end the streams and cut
 * connections.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString, graphql } from "graphql";
import { createHandler } from "graphql-sse/lib/use/http";
import { z } from "zod";

const address = z.object({ port: z.number() });
const request = z.object({ query: z.string().optional() });
/** The response to a request that sends only the hash of a query. This server stores no persisted queries. */
const notFound = { errors: [{ message: "PersistedQueryNotFound" }] };

type StreamEvent = { event: string };
type Next = IteratorResult<StreamEvent, undefined>;

/** Yields the events of one stream, in the order of the calls of `publish`. `return` also ends a pending `next`. */
class Feed implements AsyncIterableIterator<StreamEvent, undefined> {
  readonly #waiting: StreamEvent[] = [];
  #reader: ((next: Next) => void) | undefined;
  #isOver = false;
  readonly #open: Set<Feed>;

  constructor(open: Set<Feed>) {
    this.#open = open.add(this);
  }

  publish(event: string): void {
    if (!this.#reader) this.#waiting.push({ event });
    this.#reader?.({ value: { event }, done: false });
    this.#reader = undefined;
  }

  next(): Promise<Next> {
    const value = this.#waiting.shift();
    if (value) return Promise.resolve({ value, done: false });
    if (this.#isOver) return this.return();
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  return(): Promise<Next> {
    this.#isOver = true;
    this.#open.delete(this);
    this.#reader?.({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

export type LiveServer = {
  url: string;
  /** The headers of every request, in order. */
  asked: IncomingHttpHeaders[];
  /** The streams that are open now. */
  open: Set<Feed>;
  /** How often the mutation was executed. */
  counted: number;
  /** If set, sends the response to every request. */
  answer: ((response: ServerResponse) => void) | null;
  /** Closes every connection abruptly, as a crash does. */
  cut(): void;
  close(): Promise<void>;
};

/** Answers queries and mutations as JSON, and requests for an event stream with the handler of graphql-sse. */
export async function startLiveServer(): Promise<LiveServer> {
  const live: LiveServer = {
    url: "",
    asked: [],
    open: new Set(),
    counted: 0,
    answer: null,
    cut: () => server.closeAllConnections(),
    close() {
      live.cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: "Query",
      fields: { hello: { type: GraphQLString, resolve: () => "hello" } },
    }),
    mutation: new GraphQLObjectType({
      name: "Mutation",
      fields: { count: { type: GraphQLInt, resolve: () => ++live.counted } },
    }),
    subscription: new GraphQLObjectType({
      name: "Subscription",
      fields: { event: { type: GraphQLString, subscribe: () => new Feed(live.open) } },
    }),
  });
  const stream = createHandler({ schema });
  const server = createServer(async (incoming, response) => {
    live.asked.push(incoming.headers);
    if (live.answer) return live.answer(response);
    if (incoming.headers.accept?.includes("text/event-stream")) {
      // A client that disconnects during a response is no error.
      return stream(incoming, response).catch(() => undefined);
    }
    const { query } = request.parse(JSON.parse(await text(incoming)));
    response.setHeader("content-type", "application/json");
    const answer = query === undefined ? notFound : await graphql({ schema, source: query });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  live.url = `http://127.0.0.1:${address.parse(server.address()).port}`;
  return live;
}
