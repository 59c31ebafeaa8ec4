"use client";

import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import type { ActKind, ActPrefill, ChosenAct } from "./act-fields";

const NamedActDialog = dynamic(() =>
  import("./named-act-dialog").then((file) => file.NamedActDialog),
);

/** How long the result of an act is shown. */
const SAID_MS = 8_000;

/** A button for one act, whose dialog is loaded when it opens. */
export function ActButton(props: {
  name: ChosenAct["name"];
  kind: ActKind;
  /** Left out for the instance. */
  id?: string;
  prefill?: ActPrefill;
  variant?: "primary" | "secondary" | "quiet";
  children: ReactNode;
}) {
  const { name, kind, id, prefill = {}, variant, children } = props;
  const router = useRouter();
  const [isOpen, setIsOpen] = useState(false);
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <>
      <Button
        variant={variant}
        onClick={() => {
          setSaid("");
          setIsOpen(true);
        }}
      >
        {children}
      </Button>
      {isOpen && (
        <NamedActDialog
          {...{ name, kind, id, prefill }}
          onCancel={() => setIsOpen(false)}
          onDone={(message) => {
            setIsOpen(false);
            setSaid(message);
            router.refresh();
          }}
        />
      )}
      <p
        role="status"
        className="fixed bottom-4 left-1/2 z-30 max-w-[calc(100%-2rem)] -translate-x-1/2 rounded-card border border-line bg-surface px-4 py-2 text-sm shadow-float empty:hidden"
      >
        {said}
      </p>
    </>
  );
}
