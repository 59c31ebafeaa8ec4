"use client";

import { usePathname } from "next/navigation";
import { Brand } from "@/components/brand";
import { Icon } from "@/components/ui/icon";
import { paths } from "@/lib/paths";
import { ConsoleNav } from "./console-nav";
import { ThemeSwitch } from "./theme-switch";

/** On a phone, the side bar as a menu in the only bar. It opens without a script and closes on the page that it leads to. */
export function ConsoleMenu() {
  const pathname = usePathname();
  return (
    <details key={pathname} className="group -ml-2 md:hidden">
      <summary className="flex size-9 cursor-pointer list-none items-center justify-center rounded-control text-ink-soft select-none group-open:bg-sunken hover:bg-sunken hover:text-ink [&::-webkit-details-marker]:hidden">
        <Icon name="menu" />
        <span className="sr-only">Menu</span>
      </summary>
      <div className="fixed inset-x-0 top-14 z-20 flex max-h-[calc(100dvh-3.5rem)] flex-col gap-3 overflow-y-auto border-b border-line bg-canvas p-3 shadow-float">
        <ConsoleNav />
        <div className="flex items-center justify-between gap-3 border-t border-line px-2.5 pt-3">
          <Brand href={paths.home} isCompact />
          <ThemeSwitch />
        </div>
      </div>
    </details>
  );
}
