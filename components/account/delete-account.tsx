"use client";

import { useMutation } from "@apollo/client/react";
import { useClerk } from "@clerk/nextjs";
import { type FormEvent, useState } from "react";
import { refusalMessage } from "@/components/has-error-code";
import { Button } from "@/components/ui/button";
import { graphql } from "@/lib/document";
import { paths } from "@/lib/paths";
import { useReverified } from "./use-reverified";

const deleteMutation = graphql(`
  mutation DeleteAccount {
    deleteAccount
  }
`);

/** The phrase that the user must type, because the deletion cannot be undone. */
const PHRASE = "Delete account";

export function DeleteAccount() {
  const confirm = useReverified();
  const { signOut } = useClerk();
  const [deleteAccount] = useMutation(deleteMutation);
  const [state, setState] = useState<"idle" | "deleting" | "mistyped" | "failed">("idle");
  const [refusal, setRefusal] = useState<string | null>(null);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (state === "deleting") return;
    const typed = String(new FormData(event.currentTarget).get("phrase") ?? "").trim();
    if (typed.toLowerCase() !== PHRASE.toLowerCase()) return setState("mistyped");
    setState("deleting");
    setRefusal(null);
    let receiptToken: string | undefined;
    try {
      if (!(await confirm())) return setState("idle");
      receiptToken = (await deleteAccount()).data?.deleteAccount;
    } catch (error) {
      // The API's error names the organizations that would lose their last admin.
      setRefusal(refusalMessage(error));
      return setState("failed");
    }
    // Removes the session's cookies. Access has ended already, so a failure changes nothing. The callback keeps
    // Clerk's script from navigating: only the line below loads a page.
    await signOut(() => undefined).catch(() => undefined);
    window.location.assign(
      receiptToken ? paths.erasureReceipt(receiptToken) : paths.accountDeleted,
    );
  };

  return (
    <form onSubmit={submit} noValidate className="flex max-w-md flex-col gap-3">
      <label htmlFor="phrase" className="font-strong">
        Type “{PHRASE}” to confirm
      </label>
      <input
        id="phrase"
        name="phrase"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        aria-invalid={state === "mistyped"}
        aria-describedby="phrase-error"
        className="h-11 w-full rounded-control border border-line-strong bg-surface px-3 text-ink aria-invalid:border-bad"
      />
      <p id="phrase-error" role="alert" className="text-md text-bad empty:hidden">
        {state === "mistyped" && `Type “${PHRASE}”, without the quotation marks.`}
        {state === "failed" &&
          (refusal ?? "Rollcall did not answer, so your account may not be deleted. Try again.")}
      </p>
      <Button
        type="submit"
        size="large"
        disabled={state === "deleting"}
        className="self-start text-bad!"
      >
        {state === "deleting" ? "Deleting" : "Delete my account"}
      </Button>
    </form>
  );
}
