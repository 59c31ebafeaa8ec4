"use client";

import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

/** A modal dialog with a title, one sentence, and `children` below the sentence. Escape calls `onCancel`. */
export function Sheet(props: {
  title: string;
  text: string;
  onCancel: () => void;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useLayoutEffect(() => {
    const shown = dialog.current;
    // The attribute `open` would show the dialog without making it modal.
    shown?.showModal();
    // Closes the dialog while it is still in the document: the browser then returns the focus to the control that opened it.
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={title}
      onCancel={(event) => {
        event.preventDefault();
        props.onCancel();
      }}
      className="m-auto w-[calc(100%-2rem)] max-w-md animate-arrive rounded-card border border-line bg-surface p-6 text-ink shadow-float backdrop:bg-[var(--rc-veil)] max-sm:mb-4 sm:p-8"
    >
      <div className="flex flex-col gap-6">
        <div className="flex flex-col gap-2">
          <h2 id={title} className="text-lg text-balance wrap-anywhere">
            {props.title}
          </h2>
          <p className="text-pretty text-ink-soft">{props.text}</p>
        </div>
        {props.children}
      </div>
    </dialog>
  );
}
