/** Finds the objects at Clerk that the newest reconciliation could not read, or only in part. */
import { z } from "zod";
import { database } from "../../db";
import { unreadKinds } from "../reconcile/runs";

export type UnreadObject = {
  table: string;
  id: string;
  /** False if nothing of the object was mirrored. */
  isPartial: boolean;
  /** The paths of the attributes that could not be read, without their values. */
  paths: string[];
};

const fields = z.record(z.string(), z.unknown()).catch({});

export async function findUnreadObjects(): Promise<UnreadObject[]> {
  const { prisma } = database();
  const run = await prisma.syncRun.findFirst({
    orderBy: { startedAt: "desc" },
    select: { id: true },
  });
  if (!run) return [];
  const findings = await prisma.driftFinding.findMany({
    where: { runId: run.id, kind: { in: [...unreadKinds] } },
    orderBy: { id: "asc" },
  });
  return findings.map((finding) => ({
    table: finding.objectTable,
    id: finding.objectId,
    isPartial: finding.kind === "partial",
    paths: Object.keys(fields.parse(finding.fields)),
  }));
}
