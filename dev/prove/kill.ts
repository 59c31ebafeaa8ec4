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
      // Without a durable commit, only killing Postgres can lose rows: the unflushed rows are in the memory of Postgres, not of
      // the app.
      const round = await killTest.round(isDurable && done.length % 2 === 0 ? "app" : "postgres");
      console.log(
        `  ${round.victim} killed with -9: ${round.acknowledged} acknowledged, ${round.lost} lost, ${round.wrongEffects} users without exactly one effect`,
      );
      done.push(round);
    }
  } finally {
    await killTest.close();
  }
  return done;
}

const wrongIn = (done: Round[]) => done.reduce((sum, { wrongEffects }) => sum + wrongEffects, 0);
const lostIn = (done: Round[]) => done.reduce((sum, { lost }) => sum + lost, 0);

async function main(): Promise<void> {
  console.log("with synchronous_commit = on:");
  const durable = await run(true, rounds);
  const lostWhenDurable = lostIn(durable);
  console.log("with synchronous_commit = off:");
  const async = await run(false, Math.max(1, Math.ceil(rounds / 4)));
  const lostWhenAsync = lostIn(async);
  // A user and its effect are committed together, so both are lost together, even with `synchronous_commit` off.
  const wrongEffects = wrongIn([...durable, ...async]);
  console.log(`users without exactly one effect, in all rounds: ${wrongEffects}`);
  console.log(
    `${rounds} rounds, ${lostWhenDurable} lost; with synchronous_commit = off ${lostWhenAsync} lost${lostWhenAsync === 0 ? ", so these rounds prove nothing" : ""}`,
  );
  process.exitCode = lostWhenDurable === 0 && lostWhenAsync > 0 && wrongEffects === 0 ? 0 : 1;
}

void runMain(main);
