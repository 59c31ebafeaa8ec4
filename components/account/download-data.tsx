"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { paths } from "@/lib/paths";
import { useReverified } from "./use-reverified";

export function DownloadData() {
  const confirm = useReverified();
  const [state, setState] = useState<"idle" | "asking" | "started" | "failed">("idle");

  const download = async () => {
    setState("asking");
    try {
      if (!(await confirm())) return setState("idle");
      // The response is an attachment, so the browser saves it and stays on this page.
      window.location.assign(paths.accountArchive);
      setState("started");
    } catch {
      setState("failed");
    }
  };

  return (
    <div className="flex flex-wrap items-center gap-4">
      <Button variant="primary" size="large" disabled={state === "asking"} onClick={download}>
        Download my data
      </Button>
      <p role="status" className={state === "failed" ? "text-bad" : "text-good"}>
        {state === "started" && "The download has started."}
        {state === "failed" && "Rollcall did not answer. Try again."}
      </p>
    </div>
  );
}
