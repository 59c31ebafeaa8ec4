/** Saved views and layouts of the console's lists, for platform admins. */
import {
  type ConsoleListName,
  consoleLists,
  createView,
  deleteView,
  rememberLayout,
  updateView,
  type ViewResult,
} from "../../console/views";
import type { ConsoleView as ViewRow } from "../../generated/prisma/client";
import { builder } from "../builder";
import { type Context, viewerDbOf } from "../context";
import { graphQLError } from "../errors";
import { nameOf } from "./name-of";
import { enumValues } from "./sync-state";

const ConsoleList = builder.enumType("ConsoleList", {
  description: "A list of the console.",
  values: enumValues(consoleLists),
});

const ConsoleView = builder.objectRef<ViewRow>("ConsoleView").implement({
  description: "A saved view of a list: the parameters of its URL under a name.",
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    name: t.exposeString("name", { nullable: false }),
    parameters: t.exposeString("parameters", {
      nullable: false,
      description:
        "For example `state=banned&sort=-name`. Parameters that no longer exist are kept.",
    }),
    isShared: t.exposeBoolean("isShared", {
      nullable: false,
      description: "True if every platform admin may open and change it.",
    }),
    isOwn: t.boolean({
      nullable: false,
      resolve: ({ ownerId }, _args, { authentication }) =>
        authentication.viewer?.user.id === ownerId,
    }),
    version: t.exposeInt("version", { nullable: false }),
    updatedAt: t.expose("updatedAt", { type: "DateTime", nullable: false }),
    updatedBy: t.string({
      nullable: false,
      description: "The name of the user who changed it last, or the id.",
      resolve: async ({ updatedBy }, _args, context) =>
        (await nameOf(context, updatedBy)) ?? updatedBy,
    }),
  }),
});

const Result = builder.objectRef<ViewResult>("ConsoleViewResult").implement({
  description:
    "A change of a saved view. Exactly one of `view`, `isDeleted` and `message` says the result.",
  authScopes: { admin: true },
  fields: (t) => ({
    view: t.field({
      type: ConsoleView,
      description: "As it is now.",
      resolve: (result) => {
        if (result.kind === "saved") return result.view;
        return result.kind === "conflict" ? result.current : null;
      },
    }),
    isDeleted: t.boolean({ nullable: false, resolve: ({ kind }) => kind === "deleted" }),
    message: t.string({
      description: "Why nothing was changed; null if it was.",
      resolve: messageOf,
    }),
  }),
});

const refusals = {
  name: "Enter a name of at most 80 characters.",
  parameters: "This view has too many filters to be saved.",
  "too-many": "You have 200 views. Delete one first.",
};

function messageOf(result: ViewResult): string | null {
  if (result.kind === "refused") return refusals[result.reason];
  if (result.kind !== "conflict") return null;
  return result.current
    ? "This view was changed meanwhile. Nothing was overwritten: open it to see the change, or save yours under another name."
    : "This view was deleted meanwhile.";
}

function adminIdOf({ authentication: { viewer } }: Context): string {
  if (!viewer?.isAdmin) throw graphQLError("FORBIDDEN", "Only a platform admin has saved views.");
  return viewer.user.id;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

function viewId(id: string): string {
  if (UUID.test(id)) return id;
  throw graphQLError("BAD_USER_INPUT", "This is not the id of a saved view.");
}

builder.queryFields((t) => ({
  consoleViews: t.field({
    type: [ConsoleView],
    nullable: false,
    description: "The viewer's own views of a list and the shared ones, by name.",
    authScopes: { admin: true },
    args: { consoleList: t.arg({ type: ConsoleList, required: true }) },
    resolve: (_root, { consoleList }: { consoleList: ConsoleListName }, context) =>
      viewerDbOf(context).consoleView.findMany({
        where: { list: consoleList },
        orderBy: [{ name: "asc" }, { id: "asc" }],
        take: 500,
      }),
  }),
  consoleLayout: t.string({
    description:
      "The columns, density and page size that the viewer last chose for a list, as parameters of its URL.",
    authScopes: { admin: true },
    args: { consoleList: t.arg({ type: ConsoleList, required: true }) },
    resolve: async (_root, { consoleList }: { consoleList: ConsoleListName }, context) => {
      const row = await viewerDbOf(context).consoleLayout.findFirst({
        where: { list: consoleList, userId: adminIdOf(context) },
      });
      return row?.parameters;
    },
  }),
}));

builder.mutationFields((t) => ({
  createConsoleView: t.field({
    type: Result,
    nullable: false,
    description: "Saves a view of a list.",
    authScopes: { administer: true },
    args: {
      consoleList: t.arg({ type: ConsoleList, required: true }),
      name: t.arg.string({ required: true }),
      parameters: t.arg.string({ required: true }),
      isShared: t.arg.boolean({ required: true }),
    },
    resolve: (_root, { consoleList, ...fields }, context) =>
      createView(adminIdOf(context), consoleList, fields),
  }),
  updateConsoleView: t.field({
    type: Result,
    nullable: false,
    description:
      "Replaces a version of a view. Changes nothing if the view has another version now.",
    authScopes: { administer: true },
    args: {
      viewId: t.arg.id({ required: true }),
      version: t.arg.int({ required: true }),
      name: t.arg.string({ required: true }),
      parameters: t.arg.string({ required: true }),
      isShared: t.arg.boolean({ required: true }),
    },
    resolve: (_root, { viewId: id, version, ...fields }, context) =>
      updateView(adminIdOf(context), viewId(id), version, fields),
  }),
  deleteConsoleView: t.field({
    type: Result,
    nullable: false,
    description:
      "Deletes a version of a view. Changes nothing if the view has another version now.",
    authScopes: { administer: true },
    args: { viewId: t.arg.id({ required: true }), version: t.arg.int({ required: true }) },
    resolve: (_root, { viewId: id, version }, context) =>
      deleteView(adminIdOf(context), viewId(id), version),
  }),
  rememberConsoleLayout: t.boolean({
    nullable: false,
    description: "Remembers the columns, density and page size of a list for the viewer.",
    authScopes: { administer: true },
    args: {
      consoleList: t.arg({ type: ConsoleList, required: true }),
      parameters: t.arg.string({ required: true }),
    },
    resolve: (_root, { consoleList, parameters }, context) =>
      rememberLayout(adminIdOf(context), consoleList, parameters),
  }),
}));
