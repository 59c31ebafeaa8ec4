/**
 * `GET /api/account/archive`: downloads the viewer's data archive. Needs a recently verified factor. Refused in an impersonated
 * session. Allows one download at a time per user.
 */
import { recordAudit } from "../audit";
import { isReverified, REVERIFICATION } from "../identity/reverification";
import { findViewer, type Viewer } from "../identity/viewer";
import { slots } from "../live/slots";
import { log } from "../log";
import { archiveOf } from "./archive";

function refuse(status: number, body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}

/** Returns the 403 response in the form that Clerk's `useReverification` understands. */
function reverificationNeeded(): Response {
  const metadata = { reverification: REVERIFICATION };
  return refuse(403, {
    error: "Confirm that it is you, and try again.",
    clerk_error: { type: "forbidden", reason: "reverification-error", metadata },
  });
}

/** Streams the generator's chunks. When the client stops reading, calls `return()`, so nothing more is read from the database. */
function streamOf(chunks: AsyncGenerator<Buffer, void>, onEnd: () => void): ReadableStream {
  let isCancelled = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next();
        if (isCancelled) return;
        if (!done) return controller.enqueue(value);
        onEnd();
        controller.close();
      } catch (error) {
        onEnd();
        log.error("archive not finished", {}, error);
        controller.error(error);
      }
    },
    async cancel() {
      isCancelled = true;
      onEnd();
      await chunks.return();
    },
  });
}

async function download({ user: { id }, claims }: Viewer, free: () => void): Promise<Response> {
  const at = new Date();
  const headers = {
    "cache-control": "no-store",
    "content-type": "application/zip",
    "content-disposition": `attachment; filename="rollcall-data-${at.toISOString().slice(0, 10)}.zip"`,
    "x-content-type-options": "nosniff",
  };
  await recordAudit({
    actor: id,
    action: "account.archive",
    subject: id,
    detail: { session: claims.sessionId },
  }).catch((error) => {
    free();
    throw error;
  });
  return new Response(streamOf(archiveOf(id, at), free), { headers });
}

export async function answerArchive(request: Request): Promise<Response> {
  const site = request.headers.get("sec-fetch-site");
  if (site === "cross-site") return refuse(403, { error: "Open this from a page of this site." });
  const authentication = await findViewer(request.headers);
  const { viewer } = authentication;
  if (!viewer) {
    return authentication.reason === "unavailable"
      ? refuse(
          503,
          { error: "Rollcall cannot check your session right now. Try again." },
          { "retry-after": "5" },
        )
      : refuse(401, { error: "Sign in to download your data." });
  }
  if (viewer.impersonatorId !== null)
    return refuse(403, { error: "This is not possible while impersonating." });
  if (!isReverified(viewer.claims, Date.now() / 1000)) return reverificationNeeded();
  const free = await slots("downloads", 1).take(viewer.user.id);
  if (!free)
    return refuse(
      429,
      { error: "Your data is being downloaded already." },
      { "retry-after": "10" },
    );
  // HEAD has no body to stream.
  if (request.method === "HEAD") {
    free();
    return new Response(null, { headers: { "content-type": "application/zip" } });
  }
  return download(viewer, free);
}
