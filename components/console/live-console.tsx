"use client";

/** What keeps the console as it is: drawn again when what it shows has changed, or may have. */
import { useSubscription } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState, useTransition } from "react";
import { graphql } from "@/lib/document";

const mirrorChanged = graphql(`
  subscription ConsoleMirrorChanged {
    mirrorChanged {
      refetch
    }
  }
`);

/** The first change is drawn at once; of many in a row no more than these are. */
const APART_MS = 500;
/** Some of what the console says comes true because nothing comes: nobody tells it. */
const LOOK_AGAIN_MS = 10_000;

/** One drawing at a time, and not too many; what happens meanwhile is seen by one more. */
function useThrottledRefresh(): () => void {
  const router = useRouter();
  const [isDrawing, draw] = useTransition();
  const [wanted, setWanted] = useState(0);
  const [drawn, setDrawn] = useState(0);
  const nextAt = useRef(0);
  useEffect(() => {
    if (isDrawing || drawn === wanted) return;
    const timer = setTimeout(() => {
      nextAt.current = Date.now() + APART_MS;
      draw(() => {
        setDrawn(wanted);
        router.refresh();
      });
    }, nextAt.current - Date.now());
    return () => clearTimeout(timer);
  }, [isDrawing, drawn, wanted, router]);
  return useCallback(() => setWanted((times) => times + 1), []);
}

/** Looks again and again, while somebody sees the page and the app is there: a drawing that fails would lead away from it. */
function usePolling(redraw: () => void): void {
  useEffect(() => {
    const look = async () => {
      if (document.visibilityState !== "visible") return;
      const answer = await fetch("/api/health", { cache: "no-store" }).catch(() => null);
      if (answer?.ok) redraw();
    };
    const timer = setInterval(look, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [redraw]);
}

/**
 * One for the whole console: over HTTP/1.1 a browser opens six connections to a host, all its windows together, and a stream
 * that is seen holds one. `drawnAt`: before the page asked for anything.
 */
export function LiveConsole({ drawnAt }: { drawnAt: number }) {
  const redraw = useThrottledRefresh();
  usePolling(redraw);
  const known = useRef(drawnAt);
  useEffect(() => {
    known.current = drawnAt;
  }, [drawnAt]);
  useSubscription(mirrorChanged, {
    context: { dataReadAt: () => known.current },
    fetchPolicy: "no-cache",
    ignoreResults: true,
    onData: redraw,
    // Refused for good: the page says why, or leads to where one can sign in.
    onError: redraw,
  });
  return null;
}
