import type { ReactNode } from "react";
import { Brand } from "@/components/brand";
import { paths } from "@/lib/paths";

export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col items-center px-4 py-8 sm:py-16">
      <Brand href={paths.landing} />
      <main
        id="main"
        tabIndex={-1}
        className="flex w-full max-w-[26rem] flex-1 flex-col justify-center pt-8 pb-16"
      >
        {children}
      </main>
    </div>
  );
}
