/**
 * Measures what telemetry costs: the rate of webhooks through `npm run ingest` and `next start` without it, with metrics, and with
 * metrics and traces. The collector is a separate process, and uses some of the same machine.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { findFreePort } from "../ports";
import { startIngest, startNext } from "../testing/servers";
import { median, medianRatio } from "./load";
import { rate, signed } from "./signed-load";

/** Answers every request at once, and reads nothing of it. */
const SINK = `require("node:http").createServer((request, response) => { request.resume(); response.end(); })
  .listen(Number(process.argv[1]), "localhost", () => process.stdout.write("ready"));`;

async function startSink(): Promise<{ url: string; process: ChildProcess }> {
  const port = await findFreePort();
  const child = spawn(process.execPath, ["-e", SINK, String(port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return { url: `http://localhost:${port}`, process: child };
}

type Load = { rounds: number; warm: number; requests: number };

export async function benchTelemetry(
  environment: Record<string, string>,
  secret: string,
  { rounds, warm, requests }: Load,
): Promise<void> {
  const sink = await startSink();
  const withMetrics = { ...environment, METRICS_TOKEN: "a-token-of-the-benchmark" };
  const withTraces = (share: string) => ({
    ...withMetrics,
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: share,
  });
  const variants: Record<string, Record<string, string>> = {
    "without telemetry": environment,
    "with metrics": withMetrics,
    "with metrics and 5 % of the traces": withTraces("0.05"),
    "with metrics and all traces": withTraces("1"),
  };
  try {
    for (const [what, start] of Object.entries({
      "npm run ingest": startIngest,
      "next start": startNext,
    })) {
      const servers = [];
      for (const [name, variables] of Object.entries(variants))
        servers.push({ name, server: await start(variables), rates: [] as number[] });
      for (const { server } of servers) await rate(server.url, signed(warm, secret));
      // In turn, so that other load on the machine affects all of them.
      for (let round = 0; round < rounds; round += 1)
        for (const { server, rates } of servers)
          rates.push(await rate(server.url, signed(requests, secret)));
      console.log(`webhooks a second through ${what}, medians of ${rounds} rounds:`);
      const [plain] = servers;
      for (const { name, rates, server } of servers) {
        const ratio = medianRatio(rates, plain?.rates ?? rates).toFixed(3);
        console.log(`  ${name.padEnd(38)}${median(rates).toFixed(0).padStart(6)}, ${ratio} ×`);
        await server.stop();
      }
    }
  } finally {
    sink.process.kill();
  }
}
