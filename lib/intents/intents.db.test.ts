/** Tests deferred guest actions through the real route: which run, which need confirmation, and which are refused. */
import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { POST } from "@/app/api/actions/route";
import { clerkId, deletedJson, event } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorUser } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { database } from "../db";
import { wishlistAdd } from "../social/actions";
import { saveProfile } from "../social/profiles";
import { guardedAction } from "./guarded-action";
import type { Registry } from "./registry";
import { runIntent } from "./run";

const [ana, ben, banned] = [clerkId("user"), clerkId("user"), clerkId("user")];
const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

/** A browser with a cookie jar and the session of its signed-in user. */
class Browser {
  readonly jar = new Map<string, string>();
  token: string | null = null;

  constructor(copied?: Browser) {
    for (const [name, value] of copied?.jar ?? []) this.jar.set(name, value);
    this.token = copied?.token ?? null;
  }

  signIn(sub: string, claims: Record<string, unknown> = {}): this {
    this.token = signToken(process.env.TEST_PRIVATE_KEY ?? "", {
      sub,
      sid: clerkId("sess"),
      ...claims,
    });
    return this;
  }

  /** Gives the browser a token of this user that was issued an hour ago and has expired. */
  expireSession(sub: string): this {
    const now = Math.floor(Date.now() / 1000);
    return this.signIn(sub, { iat: now - 3_600, nbf: now - 3_610, exp: now - 3_540 });
  }

  async send(body: unknown, headers: Record<string, string> = {}) {
    const session = this.token === null ? [] : [`__session=${this.token}`];
    const cookie = [...[...this.jar].map((pair) => pair.join("=")), ...session].join("; ");
    const response = await POST(
      new Request("https://rollcall.test/api/actions", {
        method: "POST",
        headers: { "content-type": "application/json", cookie, ...headers },
        body: JSON.stringify(body),
      }),
    );
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split("; ");
      const [name = "", value = ""] = pair.split("=");
      if (attributes.includes("Max-Age=0")) this.jar.delete(name);
      else this.jar.set(name, value);
    }
    return { response, ...answer.parse(await response.json()) };
  }

  async press(countryId = "PT", id: string = randomUUID(), action = "wishlist.add") {
    const { results } = await this.send({ step: "press", id, action, args: { countryId } });
    return { id, ...results[0] };
  }

  async resume(id: string | null = null) {
    return (await this.send({ step: "resume", id })).results;
  }
}

const answer = z.object({
  status: z.string().optional(),
  results: z
    .array(
      z.object({
        id: z.string(),
        status: z.string(),
        text: z.string(),
        why: z.string().optional(),
        canUndo: z.boolean().optional(),
      }),
    )
    .default([]),
});

async function wishlistOf(userId: string): Promise<string[]> {
  const { rows } = await sql(
    "SELECT country_id FROM wishlist_items WHERE user_id = $1 ORDER BY country_id",
    [userId],
  );
  return rows.map((row) => row.country_id);
}

beforeAll(async () => {
  await listening();
  for (const id of [ana, ben]) await mirrorUser(id);
  await mirrorUser(banned, { banned: true });
  await caughtUp();
});
beforeEach(() => sql("TRUNCATE intents, wishlist_items"));

describe("an action that a guest starts", () => {
  test("a guest's action is deferred and described; after sign-in it runs once, and can be undone once", async () => {
    const browser = new Browser();
    const pressed = await browser.press("PT");
    expect(pressed).toMatchObject({ status: "deferred", text: "add Portugal to your wishlist" });
    expect(browser.jar.size).toBe(1);
    browser.signIn(ana);
    expect(await browser.resume(pressed.id)).toEqual([
      { id: pressed.id, status: "done", text: "Portugal is on your wishlist.", canUndo: true },
    ]);
    expect(await wishlistOf(ana)).toEqual(["PT"]);
    expect(browser.jar.size).toBe(0);
    const undone = await browser.send({ step: "undo", id: pressed.id });
    expect(undone.results[0]?.status).toBe("undone");
    expect(await wishlistOf(ana)).toEqual([]);
    const again = await browser.send({ step: "undo", id: pressed.id });
    expect(again.results[0]?.status).toBe("refused");
  });

  test("a deferred action sets an HttpOnly cookie for this host only, and the database does not contain its secret", async () => {
    const browser = new Browser();
    const id = randomUUID();
    const { response } = await browser.send({
      step: "press",
      id,
      action: "wishlist.add",
      args: { countryId: "PT" },
    });
    const [line = ""] = response.headers.getSetCookie();
    expect(line).toMatch(
      new RegExp(
        `^__Host-rollcall-intent-${id}=[\\w-]{43}; Path=/; Max-Age=1800; HttpOnly; SameSite=Lax; Secure$`,
      ),
    );
    const { rows } = await sql("SELECT row_to_json(i)::text AS text FROM intents i");
    expect(rows).toHaveLength(1);
    expect(rows[0].text).not.toContain([...browser.jar.values()][0]);
  });

  test("a deferred action that several tabs resume at the same time runs once, and every tab reports it as done", async () => {
    const browser = new Browser();
    await browser.press("PT");
    browser.signIn(ana);
    const tabs = Array.from({ length: 8 }, () => new Browser(browser));
    const results = (await Promise.all(tabs.map((tab) => tab.resume()))).flat();
    expect(results.map(({ status }) => status)).toEqual(Array(8).fill("done"));
    const { rows } = await sql("SELECT state, changed FROM intents");
    expect(rows).toEqual([{ state: "done", changed: true }]);
  });

  test("a guest's action whose request is sent twice is stored once", async () => {
    const browser = new Browser();
    const id = randomUUID();
    const both = await Promise.all([browser.press("PT", id), browser.press("PT", id)]);
    expect(both.map(({ status }) => status)).toEqual(["deferred", "deferred"]);
    expect((await sql("SELECT FROM intents")).rowCount).toBe(1);
  });

  test("a deferred add of a country that is already on the wishlist succeeds, and its undo does not remove the country", async () => {
    await new Browser().signIn(ana).press("PT");
    const browser = new Browser();
    const { id } = await browser.press("PT");
    browser.signIn(ana);
    expect(await browser.resume()).toMatchObject([{ status: "done", canUndo: false }]);
    const { results } = await browser.send({ step: "undo", id });
    expect(results[0]?.status).toBe("refused");
    expect(await wishlistOf(ana)).toEqual(["PT"]);
  });

  test("deferred actions from two tabs of one browser both run after sign-in", async () => {
    const browser = new Browser();
    await Promise.all([browser.press("PT"), browser.press("IS")]);
    browser.signIn(ana);
    expect(await browser.resume()).toHaveLength(2);
    expect(await wishlistOf(ana)).toEqual(["IS", "PT"]);
  });

  test("a sixth deferred action in one browser withdraws the oldest", async () => {
    const browser = new Browser();
    for (const code of ["AR", "BE", "CA", "DK", "EE", "FI"]) await browser.press(code);
    expect(browser.jar.size).toBe(5);
    browser.signIn(ana);
    await browser.resume();
    expect(await wishlistOf(ana)).toEqual(["BE", "CA", "DK", "EE", "FI"]);
  });

  test("a discarded deferred action does not run", async () => {
    const browser = new Browser();
    const { id } = await browser.press("PT");
    const copy = new Browser(browser);
    await browser.send({ step: "discard", id });
    expect(await browser.signIn(ana).resume()).toEqual([]);
    expect(await copy.signIn(ana).resume()).toMatchObject([{ status: "refused" }]);
    expect(await wishlistOf(ana)).toEqual([]);
  });

  test("a deferred action stays pending while the guest has not signed in", async () => {
    const browser = new Browser();
    const { id } = await browser.press("PT");
    const { response, status, results } = await browser.send({ step: "resume", id });
    expect([response.status, status]).toEqual([401, "needs-sign-in"]);
    expect(results).toEqual([{ id, status: "deferred", text: "add Portugal to your wishlist" }]);
    expect(browser.jar.size).toBe(1);
  });
});

describe("an action of a signed-in user", () => {
  test("a signed-in user's action runs at once, and a second request with its id changes nothing", async () => {
    const browser = new Browser().signIn(ana);
    const id = randomUUID();
    const presses = await Promise.all([browser.press("PT", id), browser.press("PT", id)]);
    expect(presses.map(({ status }) => status)).toEqual(["done", "done"]);
    await browser.send({ step: "undo", id });
    expect((await browser.press("PT", id)).status).toBe("refused");
    expect(await wishlistOf(ana)).toEqual([]);
    expect(browser.jar.size).toBe(0);
  });

  test("an action that is sent with the id of another user's action is refused", async () => {
    const { id } = await new Browser().signIn(ana).press("PT");
    const browser = new Browser().signIn(ben);
    expect((await browser.press("IS", id)).status).toBe("refused");
    const { results } = await browser.send({ step: "undo", id });
    expect(results[0]?.status).toBe("refused");
    expect([await wishlistOf(ana), await wishlistOf(ben)]).toEqual([["PT"], []]);
  });

  test("the action of a user whose session has ended is deferred, and runs when that user signs in again", async () => {
    const browser = new Browser().expireSession(ana);
    expect((await browser.press("PT")).status).toBe("deferred");
    expect(await browser.signIn(ana).resume()).toMatchObject([{ status: "done" }]);
    expect(await wishlistOf(ana)).toEqual(["PT"]);
  });
});

describe("deferred actions that need confirmation", () => {
  test("an action deferred by an ended session needs confirmation when another user signs in", async () => {
    const browser = new Browser().expireSession(ana);
    const { id } = await browser.press("PT");
    browser.signIn(ben);
    expect(await browser.resume()).toMatchObject([{ status: "ask", why: "other-account" }]);
    expect(await wishlistOf(ben)).toEqual([]);
    const { results } = await browser.send({ step: "confirm", id });
    expect(results).toMatchObject([{ status: "done" }]);
    expect([await wishlistOf(ana), await wishlistOf(ben)]).toEqual([[], ["PT"]]);
  });

  test("a deferred action older than ten minutes needs confirmation", async () => {
    const browser = new Browser();
    await browser.press("PT");
    await sql("UPDATE intents SET made_at = made_at - interval '11 min'");
    expect(await browser.signIn(ana).resume()).toMatchObject([{ status: "ask", why: "stale" }]);
    expect(browser.jar.size).toBe(1);
  });

  test("a deferred action needs confirmation in an impersonated session", async () => {
    const browser = new Browser();
    await browser.press("PT");
    browser.signIn(ana, { act: { sub: ben } });
    expect(await browser.resume()).toMatchObject([{ status: "ask", why: "impersonation" }]);
  });

  test("a deferred action that cannot be undone needs confirmation", async () => {
    const browser = new Browser();
    const { id } = await browser.press("PT");
    const secret = [...browser.jar.values()][0] ?? "";
    const performed: string[] = [];
    const once = guardedAction("wishlist.add", {
      args: z.object({ countryId: z.string() }),
      purpose: () => "delete everything",
      done: () => "Everything is deleted.",
      perform: async (_db, userId) => {
        performed.push(userId);
        return "changed";
      },
    });
    const registry: Registry = new Map([[once.name, once]]);
    const runner = { userId: ana, isImpersonated: false };
    const asked = await runIntent(registry, { id, secret }, runner);
    expect(asked).toMatchObject({ status: "ask", why: "irreversible" });
    expect(performed).toEqual([]);
    const confirmed = await runIntent(registry, { id, secret }, runner, true);
    expect(confirmed).toMatchObject({ status: "done", canUndo: false });
    expect(performed).toEqual([ana]);
  });
});

/** An action that counts how often it ran; `purpose` is called before each run. */
function counted(purpose: () => Promise<string> | string = () => "add") {
  const performed: string[] = [];
  const action = guardedAction("wishlist.add", {
    args: z.object({ countryId: z.string() }),
    purpose,
    done: () => "Done.",
    undo: () => Promise.resolve(),
    perform: async (_db, userId) => {
      performed.push(userId);
      return "changed";
    },
  });
  const registry: Registry = new Map([[action.name, action]]);
  return { performed, registry };
}

describe("the claim of an intent", () => {
  const runner = { userId: ana, isImpersonated: false };
  const pressed = async () => {
    const browser = new Browser();
    const { id } = await browser.press("PT");
    return { id, secret: [...browser.jar.values()][0] ?? "" };
  };

  test("two tabs that resume one intent at the same time run its action once", async () => {
    const intent = await pressed();
    const { performed, registry } = counted();
    const results = await Promise.all([1, 2, 3].map(() => runIntent(registry, intent, runner)));
    expect(results.map(({ status }) => status)).toEqual(["done", "done", "done"]);
    expect(performed).toEqual([ana]);
  });

  test("an intent that expires while it is resumed does not run", async () => {
    const intent = await pressed();
    const { performed, registry } = counted(async () => {
      await sql("UPDATE intents SET expires_at = now() - interval '1 s'");
      return "add";
    });
    expect(await runIntent(registry, intent, runner)).toMatchObject({ status: "refused" });
    expect(performed).toEqual([]);
  });
});

describe("refused actions", () => {
  test("an intent with a forged secret is refused", async () => {
    const { id } = await new Browser().press("PT");
    const forger = new Browser().signIn(ben);
    forger.jar.set(`__Host-rollcall-intent-${id}`, "A".repeat(43));
    expect(await forger.resume()).toMatchObject([{ status: "refused" }]);
    expect(await wishlistOf(ben)).toEqual([]);
  });

  test("resuming an intent without its cookie is refused, and the text says that it was made in another browser", async () => {
    const { id } = await new Browser().press("PT");
    const [result] = await new Browser().signIn(ana).resume(id);
    expect(result?.status).toBe("refused");
    expect(result?.text).toContain("another browser");
    expect(await wishlistOf(ana)).toEqual([]);
  });

  test("a deferred action that already ran is refused when another user resumes it with copied cookies", async () => {
    const browser = new Browser();
    await browser.press("PT");
    const copy = new Browser(browser);
    await browser.signIn(ana).resume();
    expect(await copy.signIn(ben).resume()).toMatchObject([{ status: "refused" }]);
    expect(await wishlistOf(ben)).toEqual([]);
  });

  test("an intent that was undone is refused when a copy of its cookies is sent again", async () => {
    const browser = new Browser();
    const { id } = await browser.press("PT");
    const copy = new Browser(browser);
    await browser.signIn(ana).resume();
    await browser.send({ step: "undo", id });
    expect(await copy.signIn(ana).resume()).toMatchObject([{ status: "refused" }]);
    expect(await wishlistOf(ana)).toEqual([]);
  });

  test("undo needs a viewer, the same user, and less than ten minutes since the action", async () => {
    const browser = new Browser().signIn(ana);
    const { id } = await browser.press("PT");
    const undo = { step: "undo", id };
    expect((await new Browser().send(undo)).response.status).toBe(401);
    expect((await new Browser().signIn(ben).send(undo)).results).toMatchObject([
      { status: "refused" },
    ]);
    await sql("UPDATE intents SET settled_at = now() - interval '11 min'");
    expect((await browser.send(undo)).results).toMatchObject([{ status: "refused" }]);
    expect(await wishlistOf(ana)).toEqual(["PT"]);
  });

  test("the id of an intent that ran tells another user nothing, and discards nothing without its secret", async () => {
    const browser = new Browser();
    const { id } = await browser.press("PT");
    const forger = new Browser();
    forger.jar.set(`__Host-rollcall-intent-${id}`, "A".repeat(43));
    await forger.send({ step: "discard", id });
    expect(await browser.signIn(ana).resume()).toMatchObject([{ status: "done" }]);
    const [result] = await new Browser().signIn(ben).resume(id);
    expect(result).toMatchObject({ status: "refused" });
    expect(result?.text).toContain("another browser");
  });

  test("an intent that a sixth one withdrew is refused when a copy of its cookie is sent", async () => {
    const browser = new Browser();
    const { id } = await browser.press("PT");
    const copy = new Browser(browser);
    for (const country of ["IS", "FR", "DE", "IT", "ES"]) await browser.press(country);
    expect(await copy.signIn(ana).resume(id)).toMatchObject([{ status: "refused" }]);
    expect(await wishlistOf(ana)).toEqual([]);
  });

  test("an expired intent is refused even if the user confirms it", async () => {
    const browser = new Browser();
    const { id } = await browser.press("PT");
    await sql("UPDATE intents SET expires_at = now()");
    browser.signIn(ana);
    const { results } = await new Browser(browser).send({ step: "confirm", id });
    expect(results[0]?.text).toContain("30 minutes");
    expect(await browser.resume()).toMatchObject([{ status: "refused" }]);
    expect(await wishlistOf(ana)).toEqual([]);
  });

  test("a banned user's request to resume an intent gets 401, and the intent does not run", async () => {
    const browser = new Browser();
    await browser.press("PT");
    const { response } = await browser.signIn(banned).send({ step: "resume", id: null });
    expect(response.status).toBe(401);
    expect(await wishlistOf(banned)).toEqual([]);
  });

  test("a deleted user's request to resume an intent gets 401, and the intent does not run", async () => {
    const leaving = clerkId("user");
    await mirrorUser(leaving);
    const browser = new Browser();
    await browser.press("PT");
    await deliver(event("user.deleted", deletedJson(leaving)));
    await caughtUp();
    const { response } = await browser.signIn(leaving).send({ step: "resume", id: null });
    expect(response.status).toBe(401);
    expect(await wishlistOf(leaving)).toEqual([]);
  });

  test("an unknown action is refused, both when it is requested and when it is resumed", async () => {
    const browser = new Browser();
    expect((await browser.press("PT", randomUUID(), "wishlist.burn")).status).toBe("refused");
    expect(browser.jar.size).toBe(0);
    await browser.press("PT");
    await sql("UPDATE intents SET action = 'constructor'");
    expect(await browser.signIn(ana).resume()).toMatchObject([{ status: "refused" }]);
  });

  test("an action on an unknown object is refused, both when it is requested and when it is resumed", async () => {
    const browser = new Browser();
    expect((await browser.press("ZZ")).status).toBe("refused");
    await browser.press("PT");
    await sql(`UPDATE intents SET args = '{"countryId": "ZZ"}'`);
    expect(await browser.signIn(ana).resume()).toMatchObject([{ status: "refused" }]);
    expect(await wishlistOf(ana)).toEqual([]);
  });

  test("an action with malformed arguments is refused", async () => {
    const browser = new Browser();
    const { results } = await browser.send({
      step: "press",
      id: randomUUID(),
      action: "wishlist.add",
      args: { countryId: "PT", userId: ben },
    });
    expect(results[0]?.status).toBe("refused");
  });

  test("an intent made with a copied session does not run at the victim's next sign-in", async () => {
    // The thief copies the victim's cookies. With them, the thief makes an intent that only the thief's browser has.
    const victim = new Browser().expireSession(ana);
    await victim.press("IS");
    const thief = new Browser(victim);
    const stashed = await thief.press("PT");
    expect(stashed.status).toBe("deferred");
    expect(await victim.signIn(ana).resume(stashed.id)).toMatchObject([
      { status: "done", text: "Iceland is on your wishlist." },
      { status: "refused" },
    ]);
    expect(await wishlistOf(ana)).toEqual(["IS"]);
    // When the thief signs in, the intent needs confirmation, because it was made with the victim's session.
    expect((await thief.signIn(ben).resume()).at(-1)).toMatchObject({
      status: "ask",
      why: "other-account",
    });
    expect(await wishlistOf(ben)).toEqual([]);
  });

  test("an action requested by another site is refused", async () => {
    const browser = new Browser().signIn(ana);
    const press = { step: "press", id: randomUUID(), action: "wishlist.add", args: {} };
    const foreign: Record<string, string>[] = [
      { "content-type": "text/plain" },
      { origin: "https://evil.test" },
      { "sec-fetch-site": "same-site" },
    ];
    for (const headers of foreign) {
      expect((await browser.send(press, headers)).response.status).toBe(403);
    }
  });
});

test("an action that throws rolls back the claim, so the intent can run later", async () => {
  const browser = new Browser();
  await browser.press("PT");
  await browser.press("IS");
  browser.signIn(ana);
  await sql("ALTER TABLE wishlist_items ADD CONSTRAINT fault CHECK (country_id <> 'PT')");
  expect(await browser.resume()).toMatchObject([{ status: "failed" }, { status: "done" }]);
  const press = { step: "press", id: randomUUID(), action: "wishlist.add" };
  const { response } = await browser.send({ ...press, args: { countryId: "PT" } });
  expect(response.status).toBe(503);
  await sql("ALTER TABLE wishlist_items DROP CONSTRAINT fault");
  expect(await browser.resume()).toMatchObject([{ status: "done" }]);
  expect(await wishlistOf(ana)).toEqual(["IS", "PT"]);
});

test("adding a country is refused for a user who is not mirrored, because nothing would be stored", async () => {
  const { pool } = database();
  const performed = await wishlistAdd.bind({ countryId: "PT" })?.perform(pool, clerkId("user"));
  expect(performed).toEqual({
    refused: "Your account is still being set up. Try again in a moment.",
  });
});

describe("actions on a profile", () => {
  const [cleo, dora] = [clerkId("user"), clerkId("user")];
  const followersOf = async (userId: string) =>
    (await sql("SELECT followers_count AS count FROM profiles WHERE user_id = $1", [userId]))
      .rows[0]?.count;
  const press = async (browser: Browser, action: string, userId: string) => {
    const profileId = (await sql("SELECT id FROM profiles WHERE user_id = $1", [userId])).rows[0]
      .id;
    const id = randomUUID();
    const { results } = await browser.send({ step: "press", id, action, args: { profileId } });
    return { id, ...results[0] };
  };

  beforeAll(async () => {
    await mirrorUser(cleo, { first_name: "Cleo", last_name: null });
    await mirrorUser(dora, { first_name: "Dora", last_name: null });
    await saveProfile(cleo, { handle: "cleo_public", bio: null, isPrivate: false });
    await saveProfile(dora, { handle: "dora_private", bio: null, isPrivate: true });
  });
  beforeEach(() =>
    sql("TRUNCATE follows, blocks; UPDATE profiles SET followers_count = 0, following_count = 0"),
  );

  test("a guest's follow runs once after sign-in, and can be undone", async () => {
    const browser = new Browser();
    const pressed = await press(browser, "profile.follow", cleo);
    expect(pressed).toMatchObject({ status: "deferred", text: "follow Cleo" });
    browser.signIn(ana);
    expect(await browser.resume()).toEqual([
      { id: pressed.id, status: "done", text: "You follow Cleo.", canUndo: true },
    ]);
    expect(await followersOf(cleo)).toBe(1);
    await browser.send({ step: "undo", id: pressed.id });
    expect(await followersOf(cleo)).toBe(0);
  });

  test("a guest's follow of a private profile becomes a follow request, which the owner can accept", async () => {
    const browser = new Browser();
    await press(browser, "profile.follow", dora);
    browser.signIn(ana);
    expect(await browser.resume()).toMatchObject([{ text: "You asked to follow Dora." }]);
    expect(await followersOf(dora)).toBe(0);
    const accepted = await press(new Browser().signIn(dora), "follower.accept", ana);
    expect(accepted).toMatchObject({ status: "done", canUndo: false });
    expect(await followersOf(dora)).toBe(1);
  });

  test(`a deferred follow is refused as "not available" if the profile's owner has blocked the user meanwhile`, async () => {
    const browser = new Browser();
    await press(browser, "profile.follow", cleo);
    await new Browser().signIn(ben).press();
    await press(new Browser().signIn(ben), "profile.follow", cleo);
    await press(new Browser().signIn(cleo), "profile.block", ben);
    browser.signIn(ben);
    expect(await browser.resume()).toMatchObject([
      { status: "refused", text: "This profile is not available." },
    ]);
    expect(await followersOf(cleo)).toBe(0);
  });

  test("an action on the profile of a banned person is refused without the person's name", async () => {
    const eve = clerkId("user");
    await mirrorUser(eve, { first_name: "Eve" });
    await saveProfile(eve, { handle: "eve_banned", bio: null, isPrivate: false });
    await sql("UPDATE profiles SET is_banned = true WHERE user_id = $1", [eve]);
    const { status, text } = await press(new Browser(), "profile.follow", eve);
    expect(status).toBe("refused");
    expect(text).not.toContain("Eve");
  });

  test("following oneself is refused, and a deferred accept of a follow request needs confirmation, because it has no undo", async () => {
    expect(await press(new Browser().signIn(cleo), "profile.follow", cleo)).toMatchObject({
      status: "refused",
      text: "This is your own profile.",
    });
    await press(new Browser().signIn(ana), "profile.follow", dora);
    const browser = new Browser();
    await press(browser, "follower.accept", ana);
    browser.signIn(dora);
    expect(await browser.resume()).toMatchObject([{ status: "ask", why: "irreversible" }]);
    expect(await followersOf(dora)).toBe(0);
  });

  test("undoing a block does not restore the follows that it ended", async () => {
    await press(new Browser().signIn(ana), "profile.follow", cleo);
    const browser = new Browser().signIn(cleo);
    const { id } = await press(browser, "profile.block", ana);
    await browser.send({ step: "undo", id });
    expect((await sql("SELECT FROM blocks")).rowCount).toBe(0);
    expect(await followersOf(cleo)).toBe(0);
  });
});

test("intents older than a day are deleted when the next intent is stored", async () => {
  await new Browser().press("PT");
  await sql("UPDATE intents SET expires_at = now() - interval '25 h'");
  await new Browser().press("IS");
  expect((await sql("SELECT FROM intents")).rowCount).toBe(1);
});

test("the database role of viewers cannot read intents", async () => {
  const { rows } = await sql(
    "SELECT has_table_privilege(viewer_role(), 'intents', 'SELECT') AS may",
  );
  expect(rows).toEqual([{ may: false }]);
});
