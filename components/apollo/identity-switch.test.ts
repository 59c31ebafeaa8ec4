import {
  ApolloClient,
  ApolloLink,
  InMemoryCache,
  Observable,
  type TypedDocumentNode,
} from "@apollo/client";
import { parse } from "graphql";
import { expect, test } from "vitest";
import { switchIdentity } from "./identity-switch";

const query: TypedDocumentNode<{ name: string }> = parse(`
  query Name {
    name
  }
`);

const ada = { userId: "user_ada", organizationId: null };

/** Creates a client whose queries return the number of queries so far, and a record of what {@link switchIdentity} reported. */
function page() {
  const seen = { queries: 0, switches: 0, signedOut: 0 };
  const link = new ApolloLink(
    () =>
      new Observable((observer) => {
        seen.queries += 1;
        observer.next({ data: { name: `answer ${seen.queries}` } });
        observer.complete();
      }),
  );
  const client = new ApolloClient({ cache: new InMemoryCache(), link });
  const options = {
    client,
    session: {
      notifySwitch() {
        seen.switches += 1;
      },
    },
    onSignedOut() {
      seen.signedOut += 1;
    },
  };
  const become = (identity: Parameters<typeof switchIdentity>[0]) =>
    switchIdentity(identity, options);
  const cached = () => client.readQuery({ query });
  return { client, seen, become, cached };
}

test("the cache is not cleared when the first identity is set, or when the same identity is set again", async () => {
  const { client, seen, become, cached } = page();
  await client.query({ query });
  await become(ada);
  await become({ ...ada });
  expect(cached()).toEqual({ name: "answer 1" });
  expect(seen).toEqual({ queries: 1, switches: 0, signedOut: 0 });
});

test.each([
  ["another user", { userId: "user_grace", organizationId: null }],
  ["another organization", { ...ada, organizationId: "org_1" }],
])("a switch to %s empties the cache and sends the open queries again", async (_name, next) => {
  const { client, seen, become } = page();
  await become(ada);
  const shown: unknown[] = [];
  const open = client.watchQuery({ query }).subscribe(({ data }) => shown.push(data?.name));
  await client.query({ query });
  await become(next);
  expect(shown.at(-1)).toBe("answer 2");
  expect(seen).toEqual({ queries: 2, switches: 1, signedOut: 0 });
  open.unsubscribe();
});

test("signing out empties the cache and sends no query", async () => {
  const { client, seen, become, cached } = page();
  await become(ada);
  await client.query({ query });
  await become(null);
  expect(cached()).toBeNull();
  expect(seen).toEqual({ queries: 1, switches: 1, signedOut: 1 });
  await become({ userId: "user_grace", organizationId: null });
  expect(seen.switches).toBe(2);
});
