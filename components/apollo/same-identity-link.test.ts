import { ApolloClient, ApolloLink, execute, InMemoryCache } from "@apollo/client";
import { parse } from "graphql";
import { lastValueFrom, Subject } from "rxjs";
import { expect, test } from "vitest";
import { sameIdentityLink } from "./same-identity-link";
import { Session } from "./session";

const query = parse(`
  query Home {
    viewer {
      id
    }
  }
`);
const mutation = parse(`
  mutation Retry {
    retryProvisioning(userId: "user_1")
  }
`);

/** Creates a link to a stub server, whose responses the test sends. */
function setUp() {
  const session = new Session(
    () => Promise.resolve(),
    () => Promise.resolve(),
  );
  const pending: Subject<ApolloLink.Result>[] = [];
  const server = new ApolloLink(() => {
    const response = new Subject<ApolloLink.Result>();
    pending.push(response);
    return response;
  });
  const link = sameIdentityLink(session).concat(server);
  const client = new ApolloClient({ cache: new InMemoryCache(), link });
  const send = (document: typeof query) =>
    lastValueFrom(execute(link, { query: document }, { client }));
  const respond = (nth: number, id: string) => {
    pending[nth]?.next({ data: { viewer: { id } } });
    pending[nth]?.complete();
  };
  return { session, pending, send, respond };
}

test("a query result that arrives after a switch of identity is dropped, and the query is sent again", async () => {
  const { session, pending, send, respond } = setUp();
  const result = send(query);
  session.notifySwitch();
  respond(0, "the old identity");
  respond(1, "the new identity");
  expect(await result).toEqual({ data: { viewer: { id: "the new identity" } } });
  expect(pending).toHaveLength(2);
});

test("a query failure that arrives after a switch of identity is dropped, and the failure of the repeated query is passed on", async () => {
  const { session, pending, send } = setUp();
  const result = send(query);
  session.notifySwitch();
  pending[0]?.error(new Error("of the old identity"));
  pending[1]?.error(new Error("of the new identity"));
  await expect(result).rejects.toThrow("of the new identity");
});

test("a mutation is not sent again after a switch of identity", async () => {
  const { session, pending, send, respond } = setUp();
  const result = send(mutation);
  session.notifySwitch();
  respond(0, "done");
  await result;
  expect(pending).toHaveLength(1);
});
