"use client";

import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";

export type Notice = { id: string; text: string; isFailure: boolean; undo?: () => void };

/** Notices of done and failed actions. They stay until closed, so that slow readers and screen-reader users can undo. */
export function NoticeBar(props: { notices: Notice[]; onDismiss: (id: string) => void }) {
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 bottom-0 z-10 flex flex-col items-center gap-2 p-4"
    >
      {props.notices.map(({ id, text, isFailure, undo }) => (
        <div
          key={id}
          className="pointer-events-auto flex max-w-full animate-arrive items-center gap-2 rounded-card border border-line bg-surface py-1.5 pr-1.5 pl-4 shadow-float"
        >
          <Icon
            name={isFailure ? "close" : "check"}
            className={isFailure ? "size-4 text-bad" : "size-4 text-good"}
          />
          <p className="min-w-0 py-1 text-md wrap-anywhere">{text}</p>
          {undo && (
            <Button variant="quiet" className="text-accent" onClick={undo}>
              Undo
            </Button>
          )}
          <Button variant="quiet" aria-label="Close" onClick={() => props.onDismiss(id)}>
            <Icon name="close" className="size-3.5" />
          </Button>
        </div>
      ))}
    </div>
  );
}
