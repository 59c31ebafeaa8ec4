"use client";

import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useId, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import type { ActKind, ActPrefill, ChosenAct } from "./act-fields";

const loading = () => (
  <Loading what="actions">
    <div className="flex flex-col gap-3 p-3">
      <Skeleton className="h-3 w-24" />
      <Skeleton className="h-3 w-32" />
      <Skeleton className="h-3 w-20" />
    </div>
  </Loading>
);
const ActList = dynamic(() => import("./act-list").then((module) => module.ActList), { loading });
const ActDialog = dynamic(() => import("./act-dialog").then((module) => module.ActDialog));

/** The menu's width in pixels. The menu opens in the browser's top layer, so that a scrolling table does not clip it. */
const WIDTH = 224;

/**
 * A button that opens the acts on one object. Loads the acts when the menu opens, so that they match the object's current state.
 */
export function ActMenu(props: {
  kind: ActKind;
  /** The object's id; undefined for acts on the Clerk instance. */
  id?: string;
  label?: string;
  /** The button's accessible name, which contains the object's name: "Actions for Ada". */
  accessibleLabel?: string;
  variant?: "primary" | "secondary" | "quiet";
  prefill?: ActPrefill;
}) {
  const { kind, id, label = "Actions", accessibleLabel, variant, prefill = {} } = props;
  const router = useRouter();
  const menuId = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const [chosen, setChosen] = useState<ChosenAct | null>(null);
  const [said, setSaid] = useState("");

  const place = () => {
    const [anchor, list] = [button.current?.getBoundingClientRect(), menu.current];
    if (!anchor || !list) return;
    const left = Math.max(8, Math.min(anchor.right - WIDTH, window.innerWidth - WIDTH - 8));
    list.style.left = `${left}px`;
    list.style.top = `${anchor.bottom + 4}px`;
    list.style.maxHeight = `${Math.max(160, window.innerHeight - anchor.bottom - 16)}px`;
  };

  return (
    <>
      <Button
        ref={button}
        variant={variant}
        popoverTarget={menuId}
        aria-label={accessibleLabel}
        aria-expanded={isOpen}
      >
        {label}
      </Button>
      <div
        ref={menu}
        id={menuId}
        popover="auto"
        onBeforeToggle={(event) => {
          if (event.newState === "open") place();
        }}
        onToggle={(event) => setIsOpen(event.newState === "open")}
        style={{ width: WIDTH }}
        className="fixed m-0 overflow-y-auto rounded-card border border-line bg-surface py-1 text-sm text-ink shadow-float"
      >
        {isOpen && (
          <ActList
            kind={kind}
            id={id}
            onChoose={(act) => {
              menu.current?.hidePopover();
              setSaid("");
              setChosen(act);
            }}
          />
        )}
      </div>
      {chosen && (
        <ActDialog
          act={chosen}
          objectId={id}
          prefill={prefill}
          onCancel={() => setChosen(null)}
          onDone={(message) => {
            setChosen(null);
            setSaid(message);
            router.refresh();
          }}
        />
      )}
      <span role="status" className="sr-only">
        {said}
      </span>
    </>
  );
}
