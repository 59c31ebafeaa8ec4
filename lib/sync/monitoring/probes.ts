/** The answers to the probes `/api/health` and `/api/ready`, which every process has. */
import { isDraining } from "../../draining";
import { sharedHealth } from "./health";
import { readinessOf } from "./readiness";

/** Queries the database and reports the state of the sync. Public; parallel calls share one query. */
export async function answerReadiness(): Promise<Response> {
  if (isDraining()) return Response.json({ status: "draining" }, { status: 503 });
  const { httpStatus, body } = readinessOf(await sharedHealth());
  return Response.json(body, { status: httpStatus });
}

/** Checks no dependency. */
export const answerLiveness = () => Response.json({ status: "ok" });
