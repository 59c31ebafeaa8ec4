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

/** A server that answers when told to, and the operations that wait for it. */
function held() {
  const session = new Session(
    () => Promise.resolve(),
    () => Promise.resolve(),
  );
  const waiting: Subject<ApolloLink.Result>[] = [];
  const server = new ApolloLink(() => {
    const answer = new Subject<ApolloLink.Result>();
    waiting.push(answer);
    return answer;
  });
  const link = sameIdentityLink(session).concat(server);
  const client = new ApolloClient({ cache: new InMemoryCache(), link });
  const ask = (document: typeof query) =>
    lastValueFrom(execute(link, { query: document }, { client }));
  const answer = (nth: number, id: string) => {
    waiting[nth]?.next({ data: { viewer: { id } } });
    waiting[nth]?.complete();
  };
  return { session, waiting, ask, answer };
}

test("an answer that a switch overtook is thrown away and asked for again", async () => {
  const { session, waiting, ask, answer } = held();
  const result = ask(query);
  session.notifySwitch();
  answer(0, "the person before");
  answer(1, "the person now");
  expect(await result).toEqual({ data: { viewer: { id: "the person now" } } });
  expect(waiting).toHaveLength(2);
});

test("a failure that a switch overtook is asked again too; one of today is told", async () => {
  const { session, waiting, ask } = held();
  const result = ask(query);
  session.notifySwitch();
  waiting[0]?.error(new Error("of the person before"));
  waiting[1]?.error(new Error("of the person now"));
  await expect(result).rejects.toThrow("of the person now");
});

test("a mutation is never sent twice", async () => {
  const { session, waiting, ask, answer } = held();
  const result = ask(mutation);
  session.notifySwitch();
  answer(0, "done");
  await result;
  expect(waiting).toHaveLength(1);
});
