"use client";

import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import type { DeliverySelection } from "./delivery-selection";

const ReplayDialog = dynamic(() => import("./replay-dialog").then((m) => m.ReplayDialog));
const DismissDialog = dynamic(() => import("./dismiss-dialog").then((m) => m.DismissDialog));

/**
 * Shows buttons that replay or dismiss the selected deliveries. Each act asks for a reason first. A replay also shows a preview
 * of its changes.
 */
export function DeliveryActs(props: {
  selection: DeliverySelection;
  /** The selection in words, such as "12 dead letters" in the title "Replay 12 dead letters". */
  what: string;
  /** The verb on the button that replays. "Release" is for quarantined deliveries. */
  verb?: "Replay" | "Release";
  mayReplay: boolean;
  mayDismiss: boolean;
}) {
  const { selection, what, verb = "Replay", mayReplay, mayDismiss } = props;
  const router = useRouter();
  const [open, setOpen] = useState<"replay" | "dismiss" | null>(null);
  const [result, setResult] = useState("");
  const close = (text = "") => {
    setOpen(null);
    setResult(text);
    if (text) router.refresh();
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      {mayReplay && <Button onClick={() => setOpen("replay")}>{verb}…</Button>}
      {mayDismiss && <Button onClick={() => setOpen("dismiss")}>Dismiss…</Button>}
      <span role="status" className="text-ink-soft">
        {result}
      </span>
      {open === "replay" && <ReplayDialog {...{ selection, what, verb }} onClose={close} />}
      {open === "dismiss" && <DismissDialog {...{ selection, what }} onClose={close} />}
    </div>
  );
}
