/**
 * `npm run prove:kill [-- --rounds N] [--next]`: kills the app and Postgres in turn under load, and counts what was lost. The
 * app is `npm run ingest`, or with `--next` the production build.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { startIngest, startNext } from "../testing/servers";
import { openKillSite, type Round } from "./kill-round";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    next: { type: "boolean", default: false },
  },
});
const startApp = values.next ? startNext : startIngest;
const rounds = z.coerce.number().int().positive().parse(values.rounds);

async function run(isDurable: boolean, count: number): Promise<Round[]> {
  const site = await openKillSite({ isDurable, startApp });
  const done: Round[] = [];
  try {
    while (done.length < count) {
      // Without a durable commit only Postgres forgets: the app keeps nothing.
      const round = await site.round(isDurable && done.length % 2 === 0 ? "app" : "postgres");
      console.log(
        `  ${round.victim} killed with -9: ${round.acknowledged} acknowledged, ${round.lost} lost`,
      );
      done.push(round);
    }
  } finally {
    await site.close();
  }
  return done;
}

const lostIn = (done: Round[]) => done.reduce((sum, { lost }) => sum + lost, 0);

console.log("as it is:");
const kept = lostIn(await run(true, rounds));
console.log("with synchronous_commit = off:");
const forgotten = lostIn(await run(false, Math.max(1, Math.ceil(rounds / 4))));
console.log(
  `${rounds} rounds, ${kept} lost; with synchronous_commit = off ${forgotten} lost${forgotten === 0 ? ", so these rounds show nothing" : ""}`,
);
process.exitCode = kept === 0 && forgotten > 0 ? 0 : 1;
