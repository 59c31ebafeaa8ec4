// Vitest's `test` with a local Clerk in its fixtures, which is closed after the test.
//
//     test("a locked user cannot sign in", async ({ browser, backend }) => …)
//
// `test` starts a local Clerk for each test. `sharedTest` starts one for each file: for tests that only read, or that
// each create what they change.

import { test as base } from "vitest";
import { MovableClock } from "../clock";
import type { controlClient } from "../control/client";
import type { Settings } from "../instance/settings";
import type { LocalClerk } from "../start";
import type { Browser } from "./browser";
import { type Backend, openSite, type Site } from "./site";

type SiteFixtures = {
  /** Settings that apply before the test begins, such as `test.extend({ settings: { phone: "optional" } })`. */
  settings: Partial<Settings>;
  clock: MovableClock;
  site: Site;
};

type Fixtures = SiteFixtures & {
  clerk: LocalClerk;
  control: ReturnType<typeof controlClient>;
  /** Clerk's SDK for the Backend API, with the secret key of this test's local Clerk. */
  backend: Backend;
  /** A browser in which no user is signed in. */
  browser: Browser;
  /** Opens another browser and signs the user in. */
  signedIn: (identifier: string, password?: string) => Promise<Browser>;
};
type Context = { site: Site };
type Use<T> = (value: T) => Promise<void>;

async function provideSite({ clock, settings }: Omit<SiteFixtures, "site">, use: Use<Site>) {
  const site = await openSite({ clock, settings });
  await use(site);
  await site.close();
}

const ofSite = {
  clerk: ({ site }: Context, use: Use<LocalClerk>) => use(site.clerk),
  control: ({ site }: Context, use: Use<Fixtures["control"]>) => use(site.control),
  backend: ({ site }: Context, use: Use<Backend>) => use(site.backend),
  browser: ({ site }: Context, use: Use<Browser>) => use(site.newBrowser()),
  signedIn: ({ site }: Context, use: Use<Fixtures["signedIn"]>) =>
    use((identifier, password) => site.signedIn(identifier, password)),
};

export const test = base.extend<Fixtures>({
  settings: {},
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of a fixture's needs from here
  clock: ({}, use) => use(new MovableClock()),
  site: provideSite,
  ...ofSite,
});

export const sharedTest = base.extend<Fixtures>({
  settings: [{}, { scope: "file" }],
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of a fixture's needs from here
  clock: [({}, use: Use<MovableClock>) => use(new MovableClock()), { scope: "file" }],
  site: [provideSite, { scope: "file" }],
  ...ofSite,
});
