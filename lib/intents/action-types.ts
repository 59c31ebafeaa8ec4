/** Types that browser and server share. Types only, so that the code of the actions does not reach a page's bundle. */
import type { z } from "zod";
import type { Ask } from "./decide";
import type { ListedAction } from "./registry";

export type ActionName = ListedAction["name"];
export type ActionArgs<Name extends ActionName> = z.input<
  Extract<ListedAction, { name: Name }>["schema"]
>;

/** The result of one action. `text` is a sentence; with `deferred` and `ask` it completes "Sign in to …". */
export type Result = { id: string; text: string } & (
  | { status: "done"; canUndo: boolean }
  | { status: "deferred" }
  | { status: "ask"; why: Ask }
  | { status: "refused" | "undone" | "failed" }
);

/** `needs-sign-in`: there is no session, and `results` lists the actions that are still pending. */
export type ActionResponse = { status: "ok" | "needs-sign-in"; results: Result[] };
