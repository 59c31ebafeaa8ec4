// The Backend API's operations on machines: services of the app that call each other with M2M tokens.

import { Hono } from "hono";
import { z } from "zod";
import type { ClerkContext } from "../context";
import { notFound, refusal } from "../errors";
import { newId, randomToken } from "../ids";
import { pageJson } from "../resources/lists";
import type { MachineRecord } from "../store/records-machines";
import {
  type BapiEnv,
  type Call,
  nothing,
  pageFields,
  readBody,
  readQuery,
  sorted,
  word,
} from "./call";

const name = z.string().min(1).max(255);
const tokenSeconds = z.number().int().min(1).max(315_360_000);
const creation = z.object({
  name,
  scoped_machines: z.array(z.string()).default([]),
  default_token_ttl: tokenSeconds.default(3_600),
});
const update = z.object({ name: name.optional(), default_token_ttl: tokenSeconds.optional() });
const listing = z.object({
  limit: pageFields.limit,
  offset: pageFields.offset,
  query: word,
  order_by: word,
});
const newSecretKey = () => `ak_${randomToken(43)}`;

export function machineRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();
  const { machines } = context.state;

  routes.get("/machines", (call) => {
    const { limit, offset, query = "", order_by: order = "-created_at" } = readQuery(call, listing);
    const wanted = query.toLowerCase();
    const matching = [...machines.all()].filter(
      (each) => each.id === query || each.name.toLowerCase().includes(wanted),
    );
    const found = sorted(matching, order, {
      name: (each) => each.name,
      created_at: (each) => each.createdAt,
    });
    const page = found.slice(offset, offset + limit).map((each) => machineJson(context, each));
    return call.json(pageJson(page, found.length));
  });

  routes.post("/machines", (call) => {
    const given = readBody(call, creation);
    for (const id of given.scoped_machines) requireMachine(context, id);
    const now = context.clock.now();
    const machine = machines.put({
      id: newId("mch", now),
      name: given.name,
      defaultTokenSeconds: given.default_token_ttl,
      secretKey: newSecretKey(),
      oldSecretKey: null,
      scopes: [...new Set(given.scoped_machines)],
      createdAt: now,
      updatedAt: now,
    });
    return call.json({ ...machineJson(context, machine), secret_key: machine.secretKey });
  });

  routes.get("/machines/:id", (call) => call.json(machineJson(context, find(context, call))));

  routes.patch("/machines/:id", (call) => {
    const machine = find(context, call);
    const given = readBody(call, update);
    const updated = machines.put({
      ...machine,
      name: given.name ?? machine.name,
      defaultTokenSeconds: given.default_token_ttl ?? machine.defaultTokenSeconds,
      updatedAt: context.clock.now(),
    });
    return call.json(machineJson(context, updated));
  });

  routes.delete("/machines/:id", (call) => {
    const { id } = find(context, call);
    readBody(call, nothing);
    context.state.change(() => {
      for (const each of [...machines.all()]) {
        if (!each.scopes.includes(id)) continue;
        machines.put({ ...each, scopes: each.scopes.filter((scope) => scope !== id) });
      }
      for (const token of context.state.m2mTokensByMachine.all(id)) {
        context.state.m2mTokens.drop(token.id);
      }
      machines.drop(id);
    });
    return call.json({ object: "machine", id, deleted: true });
  });

  routes.get("/machines/:id/secret_key", (call) =>
    call.json({ object: "machine_secret_key", secret: find(context, call).secretKey }),
  );

  routes.post("/machines/:id/secret_key/rotate", (call) => {
    const machine = find(context, call);
    const form = z.object({ previous_token_ttl: z.number().int().min(0).max(28_800) });
    const { previous_token_ttl: seconds } = readBody(call, form);
    const now = context.clock.now();
    const oldSecretKey =
      seconds > 0 ? { secretKey: machine.secretKey, until: now + seconds * 1000 } : null;
    const rotated = { ...machine, secretKey: newSecretKey(), oldSecretKey, updatedAt: now };
    return call.json({ object: "machine_secret_key", secret: machines.put(rotated).secretKey });
  });

  routes.post("/machines/:id/scopes", (call) => {
    const machine = find(context, call);
    const { to_machine_id: to } = readBody(call, z.object({ to_machine_id: z.string() }));
    requireMachine(context, to);
    if (machine.scopes.includes(to)) {
      throw refusal(409, "conflict", "Conflict", "The machine scope exists already.");
    }
    const createdAt = context.clock.now();
    machines.put({ ...machine, scopes: [...machine.scopes, to], updatedAt: createdAt });
    return call.json({ ...scopeJson(machine.id, to), created_at: createdAt });
  });

  routes.delete("/machines/:id/scopes/:other", (call) => {
    const machine = find(context, call);
    const { other } = call.req.param();
    if (!machine.scopes.includes(other)) throw notFound("machine scope", other);
    const scopes = machine.scopes.filter((each) => each !== other);
    machines.put({ ...machine, scopes, updatedAt: context.clock.now() });
    return call.json({ ...scopeJson(machine.id, other), deleted: true });
  });

  return routes;
}

const scopeJson = (from: string, to: string) => ({
  object: "machine_scope",
  from_machine_id: from,
  to_machine_id: to,
});

const find = (context: ClerkContext, call: Call) =>
  requireMachine(context, call.req.param("id") ?? "");

export function requireMachine(context: ClerkContext, id: string): MachineRecord {
  const machine = context.state.machines.get(id);
  if (!machine) throw notFound("machine", id);
  return machine;
}

/** Returns the machine with this secret key. A key from before a rotation is valid until its end. */
export function machineWithKey(context: ClerkContext, secretKey: string) {
  const now = context.clock.now();
  return [...context.state.machines.all()].find(
    ({ secretKey: current, oldSecretKey: old }) =>
      current === secretKey || (old !== null && old.secretKey === secretKey && old.until > now),
  );
}

function summaryJson(context: ClerkContext, machine: MachineRecord) {
  return {
    object: "machine",
    id: machine.id,
    name: machine.name,
    instance_id: context.keys.instanceId,
    default_token_ttl: machine.defaultTokenSeconds,
    created_at: machine.createdAt,
    updated_at: machine.updatedAt,
  };
}

function machineJson(context: ClerkContext, machine: MachineRecord) {
  const scoped = machine.scopes.flatMap((id) => context.state.machines.get(id) ?? []);
  return {
    ...summaryJson(context, machine),
    scoped_machines: scoped.map((each) => summaryJson(context, each)),
  };
}
