import type { ReactNode } from "react";
import { AccountNav } from "@/components/account/account-nav";

export default function AccountLayout({ children }: { children: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-[55rem] flex-col gap-8">
      <h1 className="text-xl">Account</h1>
      <AccountNav />
      {children}
    </div>
  );
}
