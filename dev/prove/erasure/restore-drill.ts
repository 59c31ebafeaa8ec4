/**
 * Backup → erasures → restore → start. The app must refuse every request until all persons who were erased after the backup are
 * erased again, and must then serve the others.
 */
import { database } from "../../../lib/db";
import { runErasures } from "../../../lib/erasure/erase";
import { verifyChain } from "../../../lib/erasure/receipt";
import { type Canary, makeCanary } from "../../testing/canary-person";
import { findInDatabase } from "../../testing/personal-data-scan";
import { signToken } from "../../testing/sign";
import { startApp } from "../../testing/start-app";
import { backUp } from "./backup";
import { finishErasures } from "./finish";
import { deleteUser } from "./kill-rounds";

const REFUSALS = 20;
const WITHIN_MS = 60_000;

type Place = { server: string; url: string; folder: string };
type Answer = { status: number; text: string };

async function ask(url: string, query: string, sub?: string): Promise<Answer> {
  const authorization = sub && `Bearer ${signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub })}`;
  const response = await fetch(`${url}/api/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(authorization && { authorization }) },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, text: await response.text() };
}

/** Repeats a request that is answered with 503, as on a machine too busy for the app's own timeouts. */
async function askServed(url: string, query: string, sub: string): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask(url, query, sub);
    if (answer.status !== 503 || attempt === 10) return answer;
  }
}

const profileOf = ({ traces: [tag] }: Canary) =>
  `{ profile(handle: "warbler_${tag}") { name bio } }`;

export type DrillResult = { how: string; refused: number; resurrected: string[] };

export async function restoreDrill({ server, url, folder }: Place): Promise<DrillResult> {
  const [early, half, late, alive] = [
    await makeCanary(),
    await makeCanary(),
    await makeCanary(),
    await makeCanary(),
  ];
  await deleteUser(early.id);
  await finishErasures();
  await deleteUser(half.id);
  await runErasures();
  const backup = await backUp(server, url, folder);
  await deleteUser(late.id);
  await finishErasures();
  await backup.restore();

  const erased = [early, half, late];
  const wrong: string[] = [];
  if ((await findInDatabase(late.traces)).length === 0)
    wrong.push("the backup has nothing of the canary: the drill says nothing");
  const app = await startApp();
  let refused = 0;
  try {
    const check = async (canary: Canary): Promise<boolean> => {
      const { status, text } = await ask(app.url, profileOf(canary));
      if (canary.traces.some((trace) => text.includes(trace))) wrong.push(`served: ${text}`);
      if (status === 503) refused += 1;
      return status === 200;
    };
    while (refused < REFUSALS && wrong.length === 0)
      if (await check(late)) wrong.push("served before it was erased again");
    app.startWorker();
    const giveUpAt = performance.now() + WITHIN_MS;
    while (!(await check(late))) {
      if (performance.now() > giveUpAt) throw new Error("the app serves nothing after the restore");
    }
    for (const canary of erased)
      wrong.push(...(await findInDatabase(canary.traces)).map((place) => `resurrected: ${place}`));
    for (const canary of erased) await check(canary);
    const viewer = "{ viewer { email } }";
    if ((await askServed(app.url, viewer, late.id)).status !== 401)
      wrong.push("the token of an erased user is accepted");
    if (!(await askServed(app.url, viewer, alive.id)).text.includes("email"))
      wrong.push("another user is not served");
  } finally {
    await app.stop();
  }
  await finishErasures();
  if ((await verifyChain(database().pool)).broken) wrong.push("the chain of receipts is broken");
  return { how: backup.how, refused, resurrected: wrong };
}
