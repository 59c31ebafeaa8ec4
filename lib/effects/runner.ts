/**
 * Runs effects: claims due jobs, calls their handlers, and writes the result of each try. A slow or failing handler uses only its
 * own slots. A try fails when the handler throws or misses its deadline.
 * The signal of a handler is aborted at the deadline, and when the runner no longer holds the job. Whatever the handler does
 * after that is ignored.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { SpanKind } from "@opentelemetry/api";
import { backoffMs, MAX_ATTEMPTS } from "../backoff";
import { withDeadline } from "../deadline";
import { env } from "../env";
import { log } from "../log";
import { metrics, secondsSince } from "../telemetry/metrics";
import { annotate, contextOfTraceparent, DELIVERY_ID, withSpan } from "../telemetry/tracing";
import {
  claimJobs,
  effectOf,
  findTraceparents,
  type Job,
  LEASE_MS,
  type Outcome,
  renewLeases,
  settleJobs,
} from "./jobs";
import { findHandler, type Registry } from "./registry";

const DEADLINE_MS = 30_000;
const CONCURRENCY = 4;
/**
 * The runner looks for due jobs at least this often, in ms: a notification may be lost, and no notification is sent when a retry
 * becomes due.
 */
const POLL_MS = 2_000;
/** The pause in ms after a database failure. */
const PAUSE_MS = 2_000;

class DeadlineExceeded extends Error {
  override name = "DeadlineExceeded";
}

class LeaseLost extends Error {
  override name = "LeaseLost";
}

/** A job whose handler runs in this process. */
type RunningJob = {
  handler: string;
  key: string;
  abort: AbortController;
  /** The time at which the lease ends unless it is renewed, by `performance.now()`. */
  leaseEndsAt: number;
};

/** Returns the name of the error that a handler threw, without its message, which may contain data. */
function failureClass(thrown: unknown): string {
  if (thrown instanceof Error) return String(thrown.name);
  return `threw ${thrown === null ? "null" : `a value of type ${typeof thrown}`}`;
}

/** Returns a handler's name without the part that names an object: the endpoints of the change feed are one label. */
const handlerLabel = (handler: string) => handler.split(":", 1)[0] ?? handler;

function resultOf({ error, delayMs }: Outcome): "done" | "failed" | "dead" {
  if (error === null) return "done";
  return delayMs === null ? "dead" : "failed";
}

export class EffectRunner {
  readonly #registry: Registry;
  readonly #leaseMs: number;
  readonly #name = `${hostname()} ${process.pid} ${randomUUID()}`;
  readonly #running = new Map<string, RunningJob>();
  #outcomes: Outcome[] = [];
  #wake: () => void = () => undefined;
  /** True if the last step failed. An outage is logged at its start and at its end, not at each try. */
  #isFailing = false;

  constructor(registry: Registry, { leaseMs = LEASE_MS } = {}) {
    this.#registry = registry;
    this.#leaseMs = leaseMs;
  }

  /** Makes the runner look for due jobs at once. */
  wake(): void {
    this.#wake();
  }

  /** Runs effects until `signal` is aborted, then waits for the running handlers. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#whileRenewing(async () => {
      const stopped = new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => resolve(), { once: true }),
      );
      while (!signal.aborted) {
        const woken = this.#nextWake();
        const isIdle = await this.#step().catch((error: unknown) => this.#pause(error, signal));
        if (isIdle) await Promise.race([woken, stopped, this.#poll(woken)]);
      }
      await this.#finish();
    });
  }

  /** Runs the effects that are due, and those that become due meanwhile. @throws when the database fails. */
  async runDue(signal: AbortSignal): Promise<void> {
    await this.#whileRenewing(async () => {
      while (!signal.aborted) {
        const woken = this.#nextWake();
        const isIdle = await this.#step();
        if (isIdle && this.#running.size === 0) break;
        if (isIdle) await woken;
      }
      await this.#finish();
    });
  }

  /** Resolves at the next wake-up: after a commit, or after a handler has ended. */
  #nextWake(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #poll(woken: Promise<void>): Promise<void> {
    const timer = new AbortController();
    void woken.then(() => timer.abort());
    await sleep(POLL_MS, undefined, { signal: timer.signal }).catch(() => undefined);
  }

  async #pause(error: unknown, signal: AbortSignal): Promise<false> {
    if (!this.#isFailing) log.warn("effects: the queue failed, tries again every 2 s", {}, error);
    this.#isFailing = true;
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    return false;
  }

  /** Settles finished jobs and claims due jobs once. Resolves to true if there was nothing to do. */
  async #step(): Promise<boolean> {
    await this.#settle();
    const leaseEndsAt = performance.now() + this.#leaseMs;
    const jobs = await claimJobs(this.#name, this.#slots(), this.#leaseMs);
    if (this.#isFailing) log.info("effects: the queue answers again");
    this.#isFailing = false;
    const isTraced = env().tracingProtocol !== null && jobs.length > 0;
    const traceparents = isTraced ? await findTraceparents(jobs) : new Map<string, string>();
    for (const job of jobs) void this.#start(job, leaseEndsAt, traceparents);
    return jobs.length === 0 && this.#outcomes.length === 0;
  }

  #slots() {
    const running = [...this.#running.values()].map(({ handler }) => handler);
    const free = (handler: string, concurrency = CONCURRENCY) =>
      Math.max(0, concurrency - running.filter((name) => name === handler).length);
    const { handlers, families } = this.#registry;
    const named = [...handlers.map(({ name }) => name), ...running];
    return {
      handlers: new Map(
        named.map((name) => [name, free(name, findHandler(this.#registry, name)?.concurrency)]),
      ),
      families: new Map(
        families.map(({ prefix, concurrency = CONCURRENCY }) => [prefix, concurrency]),
      ),
    };
  }

  async #start(
    job: Job,
    leaseEndsAt: number,
    traceparents: ReadonlyMap<string, string>,
  ): Promise<void> {
    const abort = new AbortController();
    this.#running.set(job.id, { handler: job.handler, key: job.key, abort, leaseEndsAt });
    const startedAt = performance.now();
    const handler = handlerLabel(job.handler);
    const parent = contextOfTraceparent(traceparents.get(job.svix_id ?? "") ?? null);
    const attributes = {
      "rollcall.effect.handler": handler,
      "rollcall.effect.attempt": job.attempts + 1,
      ...(job.svix_id && { [DELIVERY_ID]: job.svix_id }),
    };
    const options = { parent, kind: SpanKind.CONSUMER, attributes };
    const outcome = await withSpan(`effect ${handler}`, options, async () => {
      const ended = await this.#try(job, abort);
      annotate({ "rollcall.effect.result": resultOf(ended) });
      return ended;
    });
    metrics()?.effects.observe({ handler, result: resultOf(outcome) }, secondsSince(startedAt));
    this.#running.delete(job.id);
    this.#outcomes.push(outcome);
    this.#wake();
  }

  async #try(job: Job, abort: AbortController): Promise<Outcome> {
    const handler = findHandler(this.#registry, job.handler);
    if (!handler) throw new Error("only jobs of known handlers are claimed");
    const { maxAttempts = MAX_ATTEMPTS, deadlineMs = DEADLINE_MS } = handler;
    try {
      const effect = effectOf(job, abort.signal);
      await withDeadline(Promise.resolve(handler.run(effect)), deadlineMs, () => {
        const error = new DeadlineExceeded(`${job.handler} took longer than ${deadlineMs} ms`);
        abort.abort(error);
        throw error;
      });
      return { id: job.id, error: null, delayMs: null };
    } catch (thrown) {
      const attempts = job.attempts + 1;
      const error = failureClass(thrown);
      const isDead = attempts >= maxAttempts;
      const message = isDead ? "effect is a dead letter: its last try failed" : "effect failed";
      // A lost lease was already logged when it was detected. The result of the aborted try is ignored.
      if (!(abort.signal.reason instanceof LeaseLost))
        log.warn(message, { handler: job.handler, key: job.key, attempts, reason: error }, thrown);
      const delayMs = isDead ? null : (handler.backoffMs ?? backoffMs)(attempts);
      return { id: job.id, error, delayMs };
    }
  }

  async #settle(): Promise<void> {
    const outcomes = [...this.#outcomes];
    if (outcomes.length === 0) return;
    await settleJobs(this.#name, outcomes);
    this.#outcomes = this.#outcomes.slice(outcomes.length);
  }

  async #finish(): Promise<void> {
    while (this.#running.size > 0) {
      const woken = this.#nextWake();
      if (this.#running.size > 0) await woken;
    }
    await this.#settle();
  }

  async #whileRenewing(work: () => Promise<void>): Promise<void> {
    const timer = setInterval(() => void this.#renew(), this.#leaseMs / 3);
    try {
      await work();
    } finally {
      clearInterval(timer);
    }
  }

  /**
   * Renews the leases, and aborts the handlers of jobs that this runner lost. Also aborts handlers whose lease ended while this
   * process could not reach the database: another runner may have taken over their jobs.
   */
  async #renew(): Promise<void> {
    const asked = [...this.#running];
    const ids = [...asked.map(([id]) => id), ...this.#outcomes.map(({ id }) => id)];
    if (ids.length === 0) return;
    const leaseEndsAt = performance.now() + this.#leaseMs;
    const isHeld = await renewLeases(this.#name, ids, this.#leaseMs).then(
      (held) => (id: string) => held.has(id),
      (error: unknown) => {
        log.warn("effects: leases not renewed", {}, error);
        return null;
      },
    );
    for (const [id, job] of asked) {
      if (isHeld?.(id)) job.leaseEndsAt = leaseEndsAt;
      else if (isHeld || job.leaseEndsAt < performance.now()) this.#abortLost(id, job);
    }
  }

  #abortLost(id: string, { handler, key, abort }: RunningJob): void {
    if (!this.#running.has(id) || abort.signal.aborted) return;
    log.warn("effect aborted: its lease was lost, another runner may run it", { handler, key });
    abort.abort(new LeaseLost(`the lease of ${key} was lost`));
  }
}
