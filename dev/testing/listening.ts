/**
 * Functions that wait until this process listens for notifications of the database, and until it has handled all committed
 * changes.
 */
import { randomUUID } from "node:crypto";
import { expect, vi } from "vitest";
import { database } from "@/lib/db";
import { listener } from "@/lib/live/listener";

export async function listening(): Promise<void> {
  const soon = { timeout: 5_000, interval: 10 };
  await vi.waitFor(() => expect(listener().isListening).toBe(true), soon);
}

/** Resolves when every change that was committed before the call has been received and handled. */
export async function caughtUp(): Promise<void> {
  const marker = `marker_${randomUUID()}`;
  const received = new Promise<void>((resolve) => {
    const stop = listener().subscribe((message) => {
      if (!("ids" in message) || !message.ids.includes(marker)) return;
      stop();
      resolve();
    });
  });
  const message = JSON.stringify({ table: "users", ids: [marker] });
  await database().pool.query("SELECT pg_notify('rollcall', $1)", [message]);
  await received;
}
