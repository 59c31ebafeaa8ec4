/** A page with tabs keeps the name of its current tab in the URL as `?tab=`. The first tab has no parameter. */

export type Tab<Name extends string = string> = {
  name: Name;
  label: string;
  /** Shown after the label; left out if it is not known. */
  count?: number | undefined;
};

export type TabLink = Tab & { href: string };

/** Returns the name of the tab in `?tab=`, or of the first tab if `?tab=` names no tab. */
export function currentTab<Name extends string>(
  tabs: readonly [Tab<Name>, ...Tab<Name>[]],
  requested: unknown,
): Name {
  return (tabs.find(({ name }) => name === requested) ?? tabs[0]).name;
}

/** Adds to each tab the URL that opens it. `kept` are URL parameters that stay when the tab changes, such as `asOf`. */
export function tabLinks(
  path: string,
  tabs: readonly Tab[],
  kept: Record<string, string> = {},
): TabLink[] {
  return tabs.map((tab, index) => {
    const search = new URLSearchParams({ ...(index > 0 && { tab: tab.name }), ...kept }).toString();
    return { ...tab, href: search ? `${path}?${search}` : path };
  });
}
