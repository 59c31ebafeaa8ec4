/**
 * Tests saved views of the console's lists through the real GraphQL route: who can read and change them, and that no change is
 * lost.
 */
import { beforeAll, expect, test } from "vitest";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../../db";

const [ada, bob, member] = [clerkId("user"), clerkId("user"), clerkId("user")];

beforeAll(async () => {
  await listening();
  await mirrorAdmin(ada);
  await mirrorAdmin(bob);
  await mirrorUser(member);
  await caughtUp();
});

const send = (query: string, variables: object, sub: string) =>
  askGraphQL({ sub }, query, variables);

const result = "{ view { id name parameters isShared isOwn version } isDeleted message }";

type Fields = { name: string; parameters?: string; isShared?: boolean };

async function create(sub: string, fields: Fields) {
  const { data, errors } = await send(
    `mutation ($name: String!, $parameters: String!, $isShared: Boolean!) {
      createConsoleView(consoleList: USERS, name: $name, parameters: $parameters, isShared: $isShared) ${result}
    }`,
    { parameters: "", isShared: false, ...fields },
    sub,
  );
  expect(errors).toBeUndefined();
  return data.createConsoleView;
}

async function update(sub: string, id: string, version: number, fields: Fields) {
  const { data } = await send(
    `mutation ($id: ID!, $version: Int!, $name: String!, $parameters: String!, $isShared: Boolean!) {
      updateConsoleView(viewId: $id, version: $version, name: $name, parameters: $parameters, isShared: $isShared) ${result}
    }`,
    { id, version, parameters: "", isShared: false, ...fields },
    sub,
  );
  return data.updateConsoleView;
}

async function remove(sub: string, id: string, version: number) {
  const { data } = await send(
    `mutation ($id: ID!, $version: Int!) { deleteConsoleView(viewId: $id, version: $version) ${result} }`,
    { id, version },
    sub,
  );
  return data.deleteConsoleView;
}

async function namesFor(sub: string): Promise<string[]> {
  const { data } = await send("{ consoleViews(consoleList: USERS) { name } }", {}, sub);
  return data.consoleViews.map(({ name }: { name: string }) => name);
}

test("consoleViews returns an admin's own views and all shared views, but not the private views of other admins", async () => {
  await create(ada, { name: "Private of Ada" });
  await create(ada, { name: "Shared by Ada", isShared: true });
  await create(bob, { name: "Private of Bob" });
  expect(await namesFor(ada)).toEqual(["Private of Ada", "Shared by Ada"]);
  expect(await namesFor(bob)).toEqual(["Private of Bob", "Shared by Ada"]);
  const { errors } = await send("{ consoleViews(consoleList: USERS) { name } }", {}, member);
  expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
});

test("a change to an outdated version of a view is refused with a message, and overwrites nothing", async () => {
  const { view } = await create(ada, { name: "Both", parameters: "state=banned", isShared: true });
  const first = await update(bob, view.id, 1, { name: "Both", parameters: "state=locked" });
  expect(first).toMatchObject({ view: { version: 2, isShared: true }, message: null });
  const second = await update(ada, view.id, 1, { name: "Both", parameters: "state=deleted" });
  expect(second).toMatchObject({ view: { parameters: "state=locked", version: 2 } });
  expect(second.message).toMatch(/^This view was changed meanwhile/);
  expect((await remove(ada, view.id, 1)).message).toMatch(/^This view was changed meanwhile/);
  expect(await remove(ada, view.id, 2)).toMatchObject({ isDeleted: true, message: null });
  expect((await update(bob, view.id, 2, { name: "Both" })).message).toBe(
    "This view was deleted meanwhile.",
  );
});

test("another admin's private view can be neither changed nor deleted, and only the owner of a view can stop sharing it", async () => {
  const { view } = await create(ada, { name: "Ada's own" });
  const gone = { view: null, isDeleted: false, message: "This view was deleted meanwhile." };
  expect(await update(bob, view.id, 1, { name: "Mine" })).toMatchObject(gone);
  expect(await remove(bob, view.id, 1)).toMatchObject(gone);
  const shared = (await create(ada, { name: "Open", isShared: true })).view;
  const renamed = await update(bob, shared.id, 1, { name: "Open 2", isShared: false });
  expect(renamed.view).toMatchObject({ name: "Open 2", isShared: true, isOwn: false });
  const closed = await update(ada, shared.id, 2, { name: "Open 2", isShared: false });
  expect(closed.view.isShared).toBe(false);
});

test("a saved view keeps unknown URL parameters, but not the parameters that select a page", async () => {
  const parameters = "columns=email%2Cgone&shoe=44&after=cursor&from=51&show=user_1&q=%F0%9F%99%88";
  const { view } = await create(ada, { name: "  <b>‮אבג</b>\u0000 ", parameters });
  expect(view.name).toBe("<b>‮אבג</b>");
  expect(view.parameters).toBe("columns=email%2Cgone&shoe=44&q=%F0%9F%99%88");
});

test.each([
  ["no name", { name: " \n " }],
  ["a name of invisible characters", { name: "\u200b\u3164 \u2800" }],
  ["a name of 10,000 characters", { name: "x".repeat(10_000) }],
  ["parameters of 10,000 characters", { name: "x", parameters: "q=".padEnd(10_000, "x") }],
])(
  "a view with %s is not saved, and the response has a message that says why",
  async (_name, fields) => {
    const before = await namesFor(ada);
    const { view, message } = await create(ada, fields);
    expect(view).toBeNull();
    expect(message).toMatch(/name|filters/);
    expect(await namesFor(ada)).toEqual(before);
  },
);

test("the layout of a list is remembered for each admin", async () => {
  const remember = (sub: string, parameters: string) =>
    send(
      "mutation ($p: String!) { rememberConsoleLayout(consoleList: AUDIT, parameters: $p) }",
      { p: parameters },
      sub,
    );
  await remember(ada, "columns=actor");
  await remember(ada, "columns=reason&density=compact");
  const layoutOf = (sub: string) => send("{ consoleLayout(consoleList: AUDIT) }", {}, sub);
  expect((await layoutOf(ada)).data.consoleLayout).toBe("columns=reason&density=compact");
  expect((await layoutOf(bob)).data.consoleLayout).toBeNull();
  const { rows } = await database().pool.query("SELECT count(*)::int FROM console_layouts");
  expect(rows).toEqual([{ count: 1 }]);
});
