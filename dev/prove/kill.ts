/**
 * `npm run prove:kill [-- --rounds N] [--next]` kills the app and Postgres in turn under load and counts lost webhooks.
 * The app is `npm run ingest`, or with `--next` the production build.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { runMain } from "../../lib/errors";
import { startIngest, startNext } from "../testing/servers";
import { openKillTest, type Round } from "./kill-round";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    next: { type: "boolean", default: false },
  },
});
const startApp = values.next ? startNext : startIngest;
const rounds = z.coerce.number().int().positive().parse(values.rounds);

async function run(isDurable: boolean, count: number): Promise<Round[]> {
  const killTest = await openKillTest({ isDurable, startApp });
  const done: Round[] = [];
  try {
    while (done.length < count) {
      // Without a durable commit, only killing Postgres can lose rows: the app stores none.
      const round = await killTest.round(isDurable && done.length % 2 === 0 ? "app" : "postgres");
      console.log(
        `  ${round.victim} killed with -9: ${round.acknowledged} acknowledged, ${round.lost} lost`,
      );
      done.push(round);
    }
  } finally {
    await killTest.close();
  }
  return done;
}

const lostIn = (done: Round[]) => done.reduce((sum, { lost }) => sum + lost, 0);

async function main(): Promise<void> {
  console.log("with synchronous_commit = on:");
  const lostWhenDurable = lostIn(await run(true, rounds));
  console.log("with synchronous_commit = off:");
  const lostWhenAsync = lostIn(await run(false, Math.max(1, Math.ceil(rounds / 4))));
  console.log(
    `${rounds} rounds, ${lostWhenDurable} lost; with synchronous_commit = off ${lostWhenAsync} lost${lostWhenAsync === 0 ? ", so these rounds prove nothing" : ""}`,
  );
  process.exitCode = lostWhenDurable === 0 && lostWhenAsync > 0 ? 0 : 1;
}

void runMain(main);
