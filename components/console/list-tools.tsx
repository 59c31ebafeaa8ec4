import { Chip } from "@/components/ui/chip";
import { SearchField } from "@/components/ui/search-field";
import { FilterPanel, type PanelField } from "./filter-panel";
import type { ListControls } from "./list-controls";
import { filtersOf, type ListRequest } from "./list-request";

/** What stands above a list: its search, its filters and order, and a chip for each condition. */
export function ListTools<Input extends object, Field extends string>(props: {
  path: string;
  searchLabel: string;
  request: ListRequest<Field>;
  controls: ListControls<Input, Field>;
}) {
  const { path, searchLabel, request, controls } = props;
  const { q: _words, ...kept } = request.kept;
  return (
    <SearchField label={searchLabel} value={request.words} kept={kept}>
      <FilterPanel path={path} kept={request.kept} fields={fieldsOf(controls)} />
      {filtersOf(path, request, controls).chips.map(({ label, removed }) => (
        <Chip key={label} href={removed} label={label} removes={`Remove filter: ${label}`} />
      ))}
    </SearchField>
  );
}

function fieldsOf<Input, Field extends string>({
  filters,
  sorts,
}: ListControls<Input, Field>): PanelField[] {
  const fields = filters.map((filter): PanelField => {
    const { kind, name, label } = filter;
    const options =
      filter.kind === "choice" ? filter.options.map(({ value, label }) => ({ value, label })) : [];
    return { kind, name, label, options: [{ value: "", label: "Any" }, ...options] };
  });
  const orders = sorts.flatMap(({ field, label, first }, index) => {
    const [ascending, descending] =
      first === "ASC" ? ["A to Z", "Z to A"] : ["oldest first", "newest first"];
    const name = field.toLowerCase();
    const both = [
      { value: name, label: `${label}, ${ascending}` },
      // The list's own order has no parameter.
      { value: index === 0 ? "" : `-${name}`, label: `${label}, ${descending}` },
    ];
    return first === "ASC" ? both : both.reverse();
  });
  return [...fields, { kind: "choice", name: "sort", label: "Sort by", options: orders }];
}
