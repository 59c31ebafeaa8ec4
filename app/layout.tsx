import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { SkipLink } from "@/components/skip-link";
import { parseTheme, THEME_COOKIE } from "@/components/theme";
import "./globals.css";

// Pages are rendered per request, with the keys of the running process: one build serves every environment.
export const dynamic = "force-dynamic";

export const metadata: Metadata = {
  title: { default: "Rollcall", template: "%s · Rollcall" },
  description: "Your own copy of every user and organization in Clerk.",
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  // The server reads the theme's cookie, so that the first paint has the chosen theme.
  const theme = parseTheme((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <html
      lang="en"
      data-theme={theme === "system" ? undefined : theme}
      className={`${GeistSans.variable} ${GeistMono.variable}`}
    >
      <body>
        <SkipLink />
        {children}
      </body>
    </html>
  );
}
