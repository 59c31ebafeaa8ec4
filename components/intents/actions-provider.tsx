"use client";

/**
 * Sends the actions of a page to the server. If an action must wait for sign-in, shows the sign-in sheet. Otherwise shows the
 * result, with an Undo button if the action can be undone. On a signed-in viewer's page, also resumes the intents of this
 * browser.
 */
import { useRouter } from "next/navigation";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from "react";
import { singleFlight } from "@/lib/coalesce";
import type { ActionArgs, ActionName, Result } from "@/lib/intents/action-types";
import { hasClerkSession, sendStep } from "./action-client";
import { type Notice, NoticeBar } from "./notice-bar";
import { ConfirmSheet, type Question, SignInSheet } from "./sheets";

const NO_ANSWER = "Rollcall did not answer, so this may not have been done. Try again.";
const PARAMETER = "intent";

type Press = (
  name: ActionName,
  args: unknown,
  handlers: { onUndone?: () => void },
) => Promise<boolean>;

const Actions = createContext<Press | null>(null);

/** Returns this page's path with the id of an intent, so that opening it resumes the intent. */
function pathWithIntent(id: string): string {
  const url = new URL(window.location.href);
  url.searchParams.set(PARAMETER, id);
  return `${url.pathname}${url.search}`;
}

/** Resumes the deferred actions. In development, React's StrictMode runs the effect twice; both runs share one request. */
const resumeOnce = singleFlight((id: string | null) => sendStep({ step: "resume", id }));

function intentParameter(): string | null {
  return new URL(window.location.href).searchParams.get(PARAMETER);
}

/**
 * Removes the id from the URL, so that a bookmark does not resume the intent. The history state must be null: Next's router then
 * adopts the new URL. With the router's own state in place, it would restore the old URL at its next change.
 */
function removeIntentParameter(): void {
  const url = new URL(window.location.href);
  url.searchParams.delete(PARAMETER);
  window.history.replaceState(null, "", url);
}

export function ActionsProvider(props: {
  isSignedIn: boolean;
  /** True if this browser has deferred actions (intents). */
  hasIntents: boolean;
  children: ReactNode;
}) {
  const { isSignedIn, hasIntents, children } = props;
  const router = useRouter();
  const [deferred, setDeferred] = useState<{ id: string; purpose: string } | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const [notices, setNotices] = useState<Notice[]>([]);

  const dismiss = useCallback(
    (id: string) => setNotices((shown) => shown.filter((notice) => notice.id !== id)),
    [],
  );

  // Without an answer, the page could not be drawn again either: an error would replace what is shown.
  const refreshAfter = useCallback(
    (result: Result | undefined) => {
      if (result && result.status !== "failed") router.refresh();
    },
    [router],
  );

  const show = useCallback(
    (result: Result, onUndone?: () => void) => {
      const { id, text } = result;
      if (result.status === "ask") return setQuestion({ id, purpose: text, why: result.why });
      const undo = async () => {
        const undone = (await sendStep({ step: "undo", id }))?.results[0];
        if (undone?.status === "undone") onUndone?.();
        const said = undone?.text ?? NO_ANSWER;
        setNotices([{ id, text: said, isFailure: undone?.status !== "undone" }]);
        refreshAfter(undone);
      };
      const isFailure = result.status !== "done";
      const canUndo = result.status === "done" && result.canUndo;
      setNotices((shown) => [
        ...shown.filter((notice) => notice.id !== id).slice(-2),
        { id, text, isFailure, ...(canUndo && { undo }) },
      ]);
    },
    [refreshAfter],
  );

  useEffect(() => {
    const id = intentParameter();
    if (id === null && !(hasIntents && isSignedIn)) return;
    let isCurrent = true;
    resumeOnce(id).then((response) => {
      if (!isCurrent || response === null) return;
      if (id !== null) removeIntentParameter();
      for (const result of response.results) {
        if (result.status === "deferred") setDeferred({ id: result.id, purpose: result.text });
        else show(result);
      }
      if (response.results.some(({ status }) => status === "done")) router.refresh();
    });
    return () => {
      isCurrent = false;
    };
  }, [hasIntents, isSignedIn, show, router]);

  const press = useMemo<Press>(() => {
    const once = singleFlight(async (key: string) => {
      const { name, args }: { name: string; args: unknown } = JSON.parse(key);
      const id = crypto.randomUUID();
      return { id, response: await sendStep({ step: "press", id, action: name, args }) };
    });
    return async (name, args, { onUndone }) => {
      const { id, response } = await once(JSON.stringify({ name, args }));
      const result = response?.results[0] ?? { id, status: "failed", text: NO_ANSWER };
      if (result.status === "deferred") {
        // The session cookie has expired, and this page has no Clerk script to renew it. Loading the page again renews it.
        if (isSignedIn && !hasClerkSession()) window.location.assign(pathWithIntent(id));
        else setDeferred({ id, purpose: result.text });
        return false;
      }
      show(result, onUndone);
      if (result.status === "done") router.refresh();
      return result.status === "done";
    };
  }, [isSignedIn, router, show]);

  const discard = (id: string) => {
    setDeferred(null);
    setQuestion(null);
    // The result does not matter: an intent that is not discarded expires.
    void sendStep({ step: "discard", id });
  };

  const confirm = async (id: string) => {
    setQuestion(null);
    const result = (await sendStep({ step: "confirm", id }))?.results[0];
    show(result ?? { id, status: "failed", text: NO_ANSWER });
    refreshAfter(result);
  };

  return (
    <Actions value={press}>
      {children}
      {deferred && (
        <SignInSheet
          key={deferred.id}
          purpose={deferred.purpose}
          path={pathWithIntent(deferred.id)}
          onCancel={() => discard(deferred.id)}
        />
      )}
      {question && (
        <ConfirmSheet
          key={question.id}
          question={question}
          onConfirm={() => confirm(question.id)}
          onCancel={() => discard(question.id)}
        />
      )}
      <NoticeBar notices={notices} onDismiss={dismiss} />
    </Actions>
  );
}

/**
 * Returns a function that performs a guarded action. It resolves to true if the action was done. Otherwise the page has shown why,
 * or asks the guest to sign in.
 */
export function useGuardedAction<Name extends ActionName>(name: Name) {
  const press = useContext(Actions);
  if (!press) throw new Error("useGuardedAction needs an ActionsProvider above it.");
  return (args: ActionArgs<Name>, handlers: { onUndone?: () => void } = {}) =>
    press(name, args, handlers);
}
