/** True if the element itself uses key presses, such as a text field. They must then not act as shortcuts. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("input:not([type=checkbox]), textarea, select, [role=combobox]"))
  );
}
