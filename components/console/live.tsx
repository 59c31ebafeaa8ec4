"use client";

/** What keeps the console as it is: drawn again when what it shows has changed, or may have. */
import { useSubscription } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState, useTransition } from "react";
import { graphql } from "@/lib/document";

const mirrorChanged = graphql(`
  subscription ConsoleMirrorChanged {
    mirrorChanged {
      refetch
    }
  }
`);

/** One drawing at a time; what happens meanwhile is seen by one more. */
function useRedraw(): () => void {
  const router = useRouter();
  const [isDrawing, draw] = useTransition();
  const [wanted, setWanted] = useState(0);
  const [drawn, setDrawn] = useState(0);
  useEffect(() => {
    if (isDrawing || drawn === wanted) return;
    draw(() => {
      setDrawn(wanted);
      router.refresh();
    });
  }, [isDrawing, drawn, wanted, router]);
  return () => setWanted((times) => times + 1);
}

/**
 * One for the whole console: over HTTP/1.1 a browser opens six connections to a host, all its windows together, and a stream
 * that is seen holds one. `drawnAt`: before the page asked for anything.
 */
export function LiveConsole({ drawnAt }: { drawnAt: number }) {
  const redraw = useRedraw();
  const known = useRef(drawnAt);
  useEffect(() => {
    known.current = drawnAt;
  }, [drawnAt]);
  useSubscription(mirrorChanged, {
    context: { knowsUntil: () => known.current },
    fetchPolicy: "no-cache",
    ignoreResults: true,
    onData: redraw,
    // Refused for good: the page says why, or leads to where one can sign in.
    onError: redraw,
  });
  return null;
}
